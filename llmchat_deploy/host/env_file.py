"""Write the project folder's configuration: env files only their owner can read, replaced in one piece."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmchat_deploy.config.env_text import with_variables
from llmchat_deploy.errors import HostError
from llmchat_deploy.host.write import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmchat_deploy.secret import Secret

ENV_FILE_MODE = 0o600
PROFILE_MODE = 0o644


class ProjectFolder:
    """Implement :class:`llmchat_deploy.operations.init.ProjectWriter` with files."""

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
