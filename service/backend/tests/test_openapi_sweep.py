"""What the OpenAPI document says is what the service does, whatever it is sent: nothing fails, nothing is undocumented.

schemathesis makes the requests: the edges of each field, what breaks the rules, and what it makes up. Each goes out
as somebody else's, as one's own, and once more naming what is really there.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import schemathesis
from backend_process import Backend
from client import Client
from conftest import NO_LIMITS, new_admin, new_user
from llmchat_backend.app import build_routes
from model_server import ModelServer
from openai_client import program
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from unix_requests import session_to

ENDS_THE_SESSION = "/api/auth/logout"
AT_LEAST = 10
SEED = 20261128
DOCUMENT = build_routes().openapi()
OPERATIONS = sum(len(methods) for methods in DOCUMENT["paths"].values())
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


def requests_for(examples: int) -> schemathesis.BaseSchema:
    """Return what makes requests: the same ones in each run, so many of those that are made up for each route."""
    chosen = {
        "seed": SEED,
        "suppress-health-check": ["all"],
        "generation": {"deterministic": True, "database": "none", "max-examples": examples, "no-shrink": True},
        "phases": {
            "coverage": {"extra-data-sources": {"responses": False}},
            "fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}},
        },
    }
    return schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config.from_dict(chosen))


@dataclass
class Service:
    """A backend, those who call it, and for each route what is there to be named."""

    backend: Backend
    user: Client
    admin: Client
    program: Client
    _there: dict[str, dict[str, str]] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)
    _sent: dict[str, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def send(self, case: schemathesis.Case, seconds: float) -> None:
        """Send a case, unless its route has had its seconds and some cases."""
        label = case.operation.label
        self._sent[label] = self._sent.get(label, 0) + 1
        late = time.monotonic() - self._since.setdefault(label, time.monotonic()) > seconds
        if late and self._sent[label] > AT_LEAST:
            return
        others = [Client(""), self.program, self.user, self.admin][: 2 if case.path == ENDS_THE_SESSION else 4]
        self._check(case, others[next(self._numbers) % len(others)])
        self._check(case, self._entitled(case.path))
        self._check(named(case, self._things(case)), self._entitled(case.path))

    def _check(self, case: schemathesis.Case, caller: Client) -> None:
        with session_to(self.backend.socket_path) as session:
            case.call_and_validate("http://chat.test", session, headers=caller.headers, checks=CHECKS)

    def _entitled(self, path: str) -> Client:
        if path == ENDS_THE_SESSION:
            return self.backend.client.log_in("ann")
        if path.startswith("/v1"):
            return self.program
        return self.admin if path.startswith("/api/admin") else self.user

    def _things(self, case: schemathesis.Case) -> dict[str, str]:
        """Return what a route can name, made when it is named first; what it deletes stays away."""
        things = self._there.setdefault(case.operation.label, {})
        makers = {
            "conversation_id": self.user.new_conversation,
            "message_id": lambda: self._message(case.path),
            "attachment_id": lambda: self.user.upload("a.txt", b"mine", "text/plain").json["id"],
            "key_id": lambda: self.user.post("/api/keys", {"name": "mine"}).json["id"],
            "model_id": lambda: "default",
            "user_id": lambda: self.admin.post("/api/admin/users", {"username": self._name()}).json["user"]["id"],
            "invitation_id": lambda: self.admin.post("/api/admin/invitations").json["id"],
        }
        for name in case.path_parameters or {}:
            if name not in things:
                things[name] = makers[name]()
        return {"model_id": "default", **things}

    def _message(self, path: str) -> str:
        start = self.user.ask(self.user.new_conversation())[0].data
        return start["user_message_id" if path.endswith("/edit") else "message_id"]

    def _name(self) -> str:
        return f"user-{next(self._numbers)}"


def named(case: schemathesis.Case, things: dict[str, str]) -> schemathesis.Case:
    """Return a case that names what is really there."""
    case.path_parameters = {name: things.get(name, value) for name, value in (case.path_parameters or {}).items()}
    if isinstance(case.body, dict):
        case.body = {name: things.get(name, value) for name, value in case.body.items()}
    return case


@pytest.fixture(scope="module")
def service(
    shared_model: ModelServer, migrated: Backend, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    shared_model.reset()
    settings = {"TITLES": "first-line", "LIMITS": NO_LIMITS, "LLM_IDLE_TIMEOUT_SECONDS": "1"}
    backend = Backend(tmp_path_factory.mktemp("sweep"), shared_model.url, environment=settings)
    backend.create_database(migrated)
    backend.start()
    user = new_user(backend, "ann")
    yield Service(backend, user, new_admin(backend), program(user))
    assert backend.end() == 0


FEW, MANY = requests_for(5), requests_for(100)


@pytest.mark.slow
@FEW.parametrize()
def test_every_answer_is_one_of_those_the_document_promises(case: schemathesis.Case, service: Service) -> None:
    service.send(case, 25 / OPERATIONS)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.timeout(300)
@MANY.parametrize()
def test_the_same_at_length(case: schemathesis.Case, service: Service) -> None:
    service.send(case, 180 / OPERATIONS)
