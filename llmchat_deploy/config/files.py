"""The sources as files: a project folder over what the tool ships."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llmchat_deploy.config.sources import BASE, SourceText, is_environment_name

PROFILES = "environments"


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """Read a project folder's files; ``packaged`` is the folder that holds the shipped ``environments/``.

    ``untracked`` is where env files and the files that settings name are, if elsewhere.
    """

    project_dir: Path
    packaged: Path
    untracked: Path | None = None

    def profiles(self) -> tuple[str, ...]:
        """Return the names of the environments that have a profile, sorted."""
        folders = (self.project_dir / PROFILES, self.packaged / PROFILES)
        names = {file.stem for folder in folders for file in folder.glob("*.toml")}
        return tuple(sorted(name for name in names if is_environment_name(name)))

    def profile(self, name: str) -> SourceText | None:
        """Return ``environments/NAME.toml``: the project's own, else the shipped one."""
        relative = f"{PROFILES}/{name}.toml"
        own = _read(self.project_dir / relative, shown_as=relative)
        return own or _read(self.packaged / relative, shown_as=f"built-in {relative}")

    def base(self) -> SourceText:
        """Return ``environments/base.toml``, which every profile stands on; empty where there is none."""
        return self.profile(BASE) or SourceText(f"{PROFILES}/{BASE}.toml", "")

    def env_file(self, name: str) -> SourceText | None:
        """Return ``.env.NAME`` of the project folder."""
        return _read(self._own / f".env.{name}", shown_as=f".env.{name}")

    def env_files(self) -> tuple[str, ...]:
        """Return the names of the environments that have an env file, sorted."""
        names = (file.name.removeprefix(".env.") for file in self._own.glob(".env.*"))
        return tuple(sorted(name for name in names if is_environment_name(name)))

    def file(self, path: str) -> SourceText | None:
        """Return a file that a setting names, its ``path`` made absolute, or None where there is none."""
        try:
            file = self._own.absolute() / Path(path).expanduser()
        except RuntimeError:  # the home of a user that doesn't exist
            return None
        return _read(file, shown_as=str(file))

    @property
    def _own(self) -> Path:
        return self.untracked or self.project_dir


def _read(file: Path, *, shown_as: str) -> SourceText | None:
    try:
        # A byte-order mark is tolerated; line ends are left as they are: they may be part of a quoted value.
        text = file.read_bytes().decode("utf-8-sig")
        mode = file.stat().st_mode & 0o777
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return SourceText(shown_as, "", unreadable=f"line {line} is not UTF-8 text")
    except OSError as error:
        return SourceText(shown_as, "", unreadable=error.strerror or type(error).__name__)
    return SourceText(shown_as, text, mode=mode)
