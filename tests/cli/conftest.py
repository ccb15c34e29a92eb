"""The command line in one process, on a machine and an engine in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer.main
import typer.testing

from llmchat_deploy.cli.app import app
from llmchat_deploy.cli.session import Session
from llmchat_deploy.config.files import ProjectFiles
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.host.env_file import ProjectFolder
from llmchat_deploy.host.git_clone import GitClone
from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.render.release import Revision
from llmchat_deploy.render.systemd import Runner
from llmchat_deploy.secret import Secret
from tests.fake_archives import FakeArchives
from tests.fakes import FakeEngine, FakeHost

ROOT = Path(__file__).parents[2]
SECRET_KEY = "4f1d0c9b8a7e6d5c4b3a29181706f5e4d3c2b1a0ffeeddccbbaa998877665544"
API_KEY = "sk-only-in-the-env-file-77"
PRODUCTION = f"""\
SERVER_IP=192.168.1.100
LLM_API_URL=http://192.168.1.50:11553/v1/chat/completions
LLM_MODEL=glm4_32B_chat
LLM_API_KEY={API_KEY}
SECRET_KEY={SECRET_KEY}
"""


class FakeTemplates:
    """The real templates; the service's sources are a digest that tests can change."""

    def __eq__(self, other: object) -> bool:
        """Hold all for equal, for their texts are: so they are compiled once for all tests."""
        return isinstance(other, FakeTemplates)

    def __hash__(self) -> int:
        return hash(FakeTemplates)

    def __init__(self) -> None:
        self.sources = dict.fromkeys(("edge", "backend", "frontend", "model", "acme"), "0" * 64)
        self.context = "/context"
        self.revision = "0001"

    def text(self, name: str) -> str:
        return ProjectTemplates(ROOT).text(name)

    def revisions(self) -> tuple[Revision, ...]:
        return (Revision(self.revision),)

    def inputs(self, service: str) -> str:
        return self.sources[service]


@dataclass
class FakeWorld:
    """Everything outside the process; ``answers`` are what the person at the terminal types."""

    folder: Path
    engine_: FakeEngine = field(default_factory=FakeEngine)
    templates_: FakeTemplates = field(default_factory=FakeTemplates)
    engine_fails: BaseException | None = None
    interactive: bool = False
    answers: list[str | BaseException] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    stdin: str = ""
    archives_: FakeArchives = field(default_factory=FakeArchives)
    hosts: dict[str, FakeHost] = field(default_factory=dict)
    is_wheel: bool = False
    anew: list[tuple[str, ...]] = field(default_factory=list)
    """Command lines that other processes of the tool were to go on with."""

    def sources(self) -> ProjectFiles:
        return ProjectFiles(self.folder, ROOT)

    def templates(self) -> FakeTemplates:
        return self.templates_

    def host(self, project: str) -> FakeHost:
        return self.hosts.setdefault(project, FakeHost(self.engine_))

    def engine(self) -> FakeEngine:
        if self.engine_fails:
            raise self.engine_fails
        return self.engine_

    def project_writer(self) -> ProjectFolder:
        return ProjectFolder(self.folder)

    def key_folder(self) -> ProjectFolder:
        return ProjectFolder(self.folder)

    def archives(self) -> FakeArchives:
        return self.archives_

    def runner(self, host: HostReader) -> Runner:
        return Runner(("/opt/chat/python", "-m", "llmchat_deploy"), "operator", "/srv/our chat", "/state")

    def clone(self) -> GitClone | None:
        return GitClone.around(self.folder)

    def seen_at(self, tree: Path, clone: Path) -> tuple[ProjectFiles, FakeTemplates]:
        templates = FakeTemplates()
        app = tree / "service" / "app"
        templates.sources["backend"] = app.read_text().ljust(64, "x") if app.is_file() else "0" * 64
        return ProjectFiles(tree, ROOT, untracked=self.folder), templates

    def run_anew(self, arguments: tuple[str, ...]) -> NoReturn:
        self.anew.append(arguments)
        raise SystemExit(0)

    def new_secret(self) -> Secret:
        return Secret("made-up-secret-key-of-more-than-32-bytes")

    def monotonic(self) -> float:
        return 0.0

    def ask(self, question: str, *, hidden: bool = False) -> str:
        self.questions.append(question)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def read_stdin(self) -> str:
        return self.stdin

    def write_file(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @property
    def writes(self) -> list[str]:
        return self.engine_.tape.writes


@dataclass(frozen=True)
class Ran:
    """What a command line left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on standard output; fails where anything stands beside it."""
        value: dict[str, Any] = json.loads(self.out)
        return value


Run = Callable[..., Ran]


@pytest.fixture(scope="session", autouse=True)
def _commands_are_built_once() -> Iterator[None]:
    """Building all commands takes longer than most of them run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.main.get_command))
        yield


@pytest.fixture
def world(tmp_path: Path) -> FakeWorld:
    """A project folder with a complete ``.env.production``."""
    file = tmp_path / ".env.production"
    file.write_text(PRODUCTION, encoding="utf-8")
    file.chmod(0o600)
    world = FakeWorld(tmp_path)
    world.engine_.registry = True
    return world


@pytest.fixture
def run(world: FakeWorld) -> Run:
    """Run a command line, and see that no secret is in anything it says."""

    def run_it(*arguments: str) -> Ran:
        result = typer.testing.CliRunner().invoke(app, list(arguments), obj=Session(world))
        ran = Ran(result.exit_code, result.stdout, result.stderr)
        for secret in (SECRET_KEY, API_KEY, world.new_secret().reveal()):
            assert secret not in ran.out + ran.err
        return ran

    return run_it


@pytest.fixture
def deployed(run: Run) -> Run:
    """The same, after a first ``up`` of production."""
    assert run("up").code == 0
    return run
