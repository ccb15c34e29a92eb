"""The composition root: the only module that names concrete adapters."""

from __future__ import annotations

import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from llmchat_deploy.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.engine.base import Engine
    from llmchat_deploy.host.base import Host, HostReader
    from llmchat_deploy.host.clone import Clone
    from llmchat_deploy.operations.backup_key import KeyFolder
    from llmchat_deploy.operations.backup_source import Archives
    from llmchat_deploy.operations.init import ProjectWriter
    from llmchat_deploy.render.systemd import Runner
    from llmchat_deploy.render.templates import Templates
    from llmchat_deploy.secret import Secret

INSIDE = "_data"
"""Folder of the package with the project's own files, in a wheel."""


class World(Protocol):
    """Everything outside the process that a command may need."""

    @property
    def interactive(self) -> bool:
        """Whether a person sits at the terminal."""

    def sources(self) -> Sources:
        """Return the profiles and env files of the project folder."""

    def templates(self) -> Templates:
        """Return the templates and the service's sources."""

    def host(self, project: str) -> Host:
        """Return the machine, as one environment sees it."""

    def engine(self) -> Engine:
        """Return the Docker engine."""

    def new_secret(self) -> Secret:
        """Return a fresh 32-byte secret, in hex."""

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Ask the person at the terminal; raises EOFError where nobody answers."""

    def read_stdin(self) -> str:
        """Return everything that is piped in."""

    def write_file(self, path: Path, text: str) -> None:
        """Write a file where a person wants it; raises HostError."""

    def project_writer(self) -> ProjectWriter:
        """Return what may write env files and profiles."""

    def key_folder(self) -> KeyFolder:
        """Return where the private keys for backups are kept."""

    def archives(self) -> Archives:
        """Return what looks into archives."""

    def runner(self, host: HostReader) -> Runner:
        """Return how something else than a person starts this tool for this project folder."""

    @property
    def is_wheel(self) -> bool:
        """Whether the tool was installed as a package, without the project's sources around it."""

    def clone(self) -> Clone | None:
        """Return the git clone that holds the tool (a package has none: the project folder), or None."""

    def seen_at(self, tree: Path, clone: Path) -> tuple[Sources, Templates]:
        """Return the project's files as they would be with ``tree`` in place of what the clone holds."""

    def run_anew(self, arguments: tuple[str, ...]) -> NoReturn:
        """Become a new process of the tool, by its launcher where it has one."""


class ThisMachine:
    """The real world: this folder, this machine, its Docker engine."""

    @property
    def project_dir(self) -> Path:
        """Return the folder the command is run in; raises HostError where it is gone."""
        try:
            return Path.cwd()
        except FileNotFoundError as error:
            raise HostError("The current folder is gone.", hint="cd to the project's folder.") from error

    @property
    def interactive(self) -> bool:
        """Questions are written to standard error and answered on standard input: both must be a terminal."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def sources(self) -> Sources:
        """Return the files of the project folder over those the tool ships."""
        from llmchat_deploy.config.files import ProjectFiles

        return ProjectFiles(self.project_dir, packaged_files())

    def templates(self) -> Templates:
        """Return the project folder's templates over those the tool ships."""
        from llmchat_deploy.host.templates import ProjectTemplates

        return ProjectTemplates(self.project_dir, packaged_files())

    def host(self, project: str) -> Host:
        """Return this machine."""
        from llmchat_deploy.host.local import LocalHost

        return LocalHost(self.project_dir, project)

    def engine(self) -> Engine:
        """Return the engine that Docker's own command line would use."""
        from llmchat_deploy.engine.sdk import SdkEngine

        return SdkEngine.connect()

    def new_secret(self) -> Secret:
        """Return 32 bytes of the system's randomness, in hex."""
        from llmchat_deploy.secret import Secret

        return Secret(secrets.token_hex(32))

    def monotonic(self) -> float:
        """Return the system's monotonic clock."""
        return time.monotonic()

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Ask on standard error, so that standard output stays clean for a pipe."""
        try:
            return _typed(question, hidden=hidden)
        except (EOFError, KeyboardInterrupt):
            with suppress(OSError):  # the terminal may be gone
                sys.stderr.write("\n")  # what is said next begins on a line of its own
            raise

    def read_stdin(self) -> str:
        """Read standard input to its end; raises HostError where it is no text."""
        return _text(sys.stdin.read)

    def write_file(self, path: Path, text: str) -> None:
        """Write a file; folders are made."""
        from llmchat_deploy.host.write import write_atomically

        write_atomically(path, text.encode(), mode=0o644)

    def project_writer(self) -> ProjectWriter:
        """Return the project folder."""
        from llmchat_deploy.host.env_file import ProjectFolder

        return ProjectFolder(self.project_dir)

    def archives(self) -> Archives:
        """Return the archives of this machine."""
        from llmchat_deploy.host import archives

        return archives

    def runner(self, host: HostReader) -> Runner:
        """Return this Python with this tool, as this user."""
        from getpass import getuser

        from llmchat_deploy.render.systemd import Runner

        state = str(Path(host.state_path("")).parent)
        return Runner((sys.executable, "-m", "llmchat_deploy"), getuser(), str(self.project_dir.absolute()), state)

    def key_folder(self) -> KeyFolder:
        """Return the project folder."""
        from llmchat_deploy.host.env_file import ProjectFolder

        return ProjectFolder(self.project_dir)

    @property
    def is_wheel(self) -> bool:
        """Say whether the project's own files came inside the package."""
        return packaged_files().name == INSIDE

    def clone(self) -> Clone | None:
        """Return the git clone around the tool; around the current folder where the tool is a package."""
        from llmchat_deploy.host.git_clone import GitClone

        return GitClone.around(self.project_dir if self.is_wheel else packaged_files())

    def seen_at(self, tree: Path, clone: Path) -> tuple[Sources, Templates]:
        """Return the files of the project folder, and the shipped ones, of ``tree`` as far as the clone holds them."""
        from llmchat_deploy.config.files import ProjectFiles
        from llmchat_deploy.host.templates import ProjectTemplates

        project, shipped = (_moved(place, clone, tree) for place in (self.project_dir, packaged_files()))
        return ProjectFiles(project, shipped, untracked=self.project_dir), ProjectTemplates(project, shipped)

    def run_anew(self, arguments: tuple[str, ...]) -> NoReturn:
        """Replace this process; raises HostError where the launcher can't be started."""
        launcher = packaged_files() / "llmchat-deploy"
        start = (str(launcher),) if launcher.is_file() else (sys.executable, "-m", "llmchat_deploy")
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.execv(start[0], (*start, *arguments))  # noqa: S606 - argv, no shell
        except OSError as error:
            raise HostError(
                f"The new version is here, but {start[0]} can't be started: {error.strerror}.",
                hint=f"Go on with: llmchat-deploy {' '.join(arguments)}",
            ) from error


def _moved(place: Path, clone: Path, tree: Path) -> Path:
    """Return where a folder is in the tree that stands for a clone; one outside the clone is where it was."""
    inside = place.resolve().is_relative_to(clone.resolve())
    return tree / place.resolve().relative_to(clone.resolve()) if inside else place


def _typed(question: str, *, hidden: bool) -> str:
    from llmchat_deploy.output.words import folded

    with suppress(OSError):  # no terminal: nobody's lines are narrow
        question = folded(question, os.get_terminal_size(sys.stderr.fileno()).columns)
    if hidden:
        from getpass import getpass

        return getpass(question, stream=sys.stderr)
    sys.stderr.write(question)
    sys.stderr.flush()
    line = _text(sys.stdin.readline)
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _text(read: Callable[[], str]) -> str:
    try:
        text = read()
        text.encode()
    except UnicodeError:
        encoding = sys.stdin.encoding
        raise HostError(f"What was typed or piped in is no {encoding} text.", hint="Look: locale; iconv") from None
    return text


def packaged_files() -> Path:
    """Return the folder with ``environments/``, ``templates/`` and ``service/``: in the wheel, or the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / INSIDE
    return inside if inside.is_dir() else package.parent
