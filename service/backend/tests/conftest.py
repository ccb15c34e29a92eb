from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import model_server as model_server_module
import pytest
from backend_process import Backend
from client import PASSWORD, Client
from model_server import ModelServer
from openai_client import program

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
            "CORS_ORIGINS": '["http://allowed.test:3000"]',
        },
    )
    assert backend.command("migrate").returncode == 0
    yield backend.start()
    assert backend.end() == 0


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of this release, to be copied: migrating is tested once, not paid for everywhere."""
    backend = Backend(tmp_path_factory.mktemp("migrated"), "http://127.0.0.1:1/v1/chat/completions")
    assert backend.command("migrate").returncode == 0
    return backend.database


@pytest.fixture
def make_backend(model: ModelServer, migrated_database: Path, tmp_path: Path) -> Iterator[Callable[..., Backend]]:
    """Processes of a test's own, ended with it; they share one data folder like two slots."""
    made: list[Backend] = []

    def make(instance: str = "a", *, migrated: bool = True, real_hashes: bool = False, **environment: str) -> Backend:
        settings = {"TITLES": "first-line", **environment}
        backend = Backend(tmp_path, model.url, instance, settings, real_hashes=real_hashes)
        if migrated and not backend.database.exists():
            shutil.copy(migrated_database, backend.database)
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
