from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import model_server as model_server_module
import pytest
from backend_process import Backend
from client import PASSWORD, Client
from llmchat_backend.db.engine import Database, open_database
from model_server import ModelServer
from openai_client import program
from postgres import Cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgresql", action="store_true", help="run on PostgreSQL instead of SQLite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--postgresql"):
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="about SQLite only"))


@pytest.fixture(scope="session", autouse=True)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The server of PostgreSQL that the backends use, where the tests run on it."""
    if not request.config.getoption("--postgresql"):
        yield
        return
    Backend.cluster = Cluster(tmp_path_factory.mktemp("postgresql")).start()
    yield
    Backend.cluster.stop()


NO_LIMITS = '{"user": {"messages_per_minute": 0, "streams": 0}}'
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def shared_model() -> ModelServer:
    return model_server_module.start()


@pytest.fixture
def model(shared_model: ModelServer) -> ModelServer:
    shared_model.reset()
    return shared_model


@pytest.fixture(scope="session")
def backend(shared_model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """One process for all tests that only talk to it; users keep them apart."""
    backend = Backend(
        tmp_path_factory.mktemp("shared"),
        shared_model.url,
        environment={
            "TITLES": "first-line",
            "LIMITS": NO_LIMITS,
            "LLM_IDLE_TIMEOUT_SECONDS": "1",
        },
    )
    backend.create_database()
    assert backend.command("migrate").returncode == 0
    yield backend.start()
    assert backend.end() == 0


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """An empty database of this release, to be copied: migrating is tested once, not paid for everywhere."""
    backend = Backend(tmp_path_factory.mktemp("migrated"), "http://127.0.0.1:1/v1/chat/completions")
    backend.create_database()
    assert backend.command("migrate").returncode == 0
    return backend


@pytest.fixture(scope="session")
def migrated_database(migrated: Backend) -> Path:
    """The same as a file of SQLite's."""
    return migrated.database_file


@pytest.fixture
def database(migrated_database: Path, tmp_path: Path) -> Iterator[Database]:
    """A file of SQLite's, without a process."""
    file = tmp_path / "llmchat.db"
    file.write_bytes(migrated_database.read_bytes())
    database = open_database(file)
    yield database
    database.close()


@pytest.fixture
def make_backend(model: ModelServer, migrated: Backend, tmp_path: Path) -> Iterator[Callable[..., Backend]]:
    """Processes of a test's own, ended with it; they share one data folder like two slots."""
    made: list[Backend] = []
    template = migrated

    def make(instance: str = "a", *, migrated: bool = True, real_hashes: bool = False, **environment: str) -> Backend:
        settings = {"TITLES": "first-line", **environment}
        backend = Backend(tmp_path, model.url, instance, settings, real_hashes=real_hashes)
        backend.create_database(template if migrated else None)
        made.append(backend)
        return backend

    yield make
    for backend in made:
        if backend.process is not None and backend.process.poll() is None:
            backend.process.kill()
            backend.process.wait()


def new_user(backend: Backend, username: str) -> Client:
    registered = backend.client.post("/api/auth/register", {"username": username, "password": PASSWORD})
    assert registered.status == 201
    return backend.client.log_in(username)


def new_admin(backend: Backend, username: str = "root") -> Client:
    assert backend.command("admin", "create", "--username", username, stdin=PASSWORD).returncode == 0
    return backend.client.log_in(username)


@pytest.fixture(scope="session")
def user(backend: Backend) -> Client:
    """Somebody logged in; a log-in costs half a second of bcrypt, so tests share it where they can."""
    return new_user(backend, "ann")


@pytest.fixture(scope="session")
def other_user(backend: Backend) -> Client:
    return new_user(backend, "bob")


@pytest.fixture(scope="session")
def admin(backend: Backend) -> Client:
    return new_admin(backend)


@pytest.fixture
def username() -> str:
    return f"user-{next(_numbers)}"


@pytest.fixture
def fresh_user(backend: Backend, username: str) -> Client:
    """The account `username`, which nobody else uses."""
    return new_user(backend, username)


@pytest.fixture
def editor(fresh_user: Client) -> Client:
    """A program with a key of the account `username`."""
    return program(fresh_user)
