"""Write the project folder's configuration: env files only their owner can read, replaced in one piece."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmchat_deploy.config.env_text import with_variables
from llmchat_deploy.errors import HostError
from llmchat_deploy.host.write import create_exclusively, replace_keeping_owner, write_atomically
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV_FILE_MODE = 0o600
PROFILE_MODE = 0o644


class ProjectFolder:
    """Implement what ``init`` (ProjectWriter) and ``backup key`` (KeyFolder) need of the project folder."""

    def __init__(self, project_dir: Path) -> None:
        self._project_dir = project_dir

    def write_env_file(self, environment: str, text: Secret) -> None:
        """Replace ``.env.ENVIRONMENT``."""
        path = self._project_dir / f".env.{environment}"
        write_atomically(path, text.reveal().encode(), mode=ENV_FILE_MODE)

    def write_profile(self, environment: str, text: str) -> None:
        """Write ``environments/ENVIRONMENT.toml``."""
        path = self._project_dir / "environments" / f"{environment}.toml"
        write_atomically(path, text.encode(), mode=PROFILE_MODE)

    def replace_text(self, path: str, text: str) -> None:
        """Replace a file in one piece; its owner and mode stay. ``path`` is relative to the project folder."""
        replace_keeping_owner((self._project_dir / path).resolve(), text.encode())

    def read_backup_key(self, environment: str) -> Secret | None:
        """Return the text of ``.backup-key.ENVIRONMENT``, None where there is none; raises HostError."""
        path = Path(self.backup_key_path(environment))
        try:
            return Secret(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise HostError(f"{path.name} can't be read.", hint=f"Look at it: ls -l {path}") from error

    def create_backup_key(self, environment: str, text: Secret) -> None:
        """Write ``.backup-key.ENVIRONMENT`` (0600) in one piece; raises FileIsThere where it is there already."""
        create_exclusively(Path(self.backup_key_path(environment)), text.reveal().encode(), mode=ENV_FILE_MODE)

    def backup_key_path(self, environment: str) -> str:
        """Return the absolute path of an environment's private key for backups."""
        return str(self._project_dir.absolute() / f".backup-key.{environment}")

    def set_variables(self, environment: str, values: Mapping[str, Secret]) -> None:
        """Set variables of ``.env.ENVIRONMENT``; the others stay as they are."""
        append_variables(self._project_dir / f".env.{environment}", values)


def append_variables(path: Path, values: Mapping[str, Secret]) -> None:
    """Set variables of an env file; the others stay as they are. Raises HostError where it can't be read or written.

    A variable that is there already, such as an empty ``SECRET_KEY=``, is set in its own place.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(f"{path.name} can't be read.", hint=f"Look at it: ls -l {path}") from error
    revealed = {name: value.reveal() for name, value in values.items()}
    write_atomically(path, with_variables(text, revealed).encode(), mode=ENV_FILE_MODE)
