"""Who may make an account: the policy of the profile, enforced in the API whatever a page shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from backend_process import Backend
from client import PASSWORD, Answer
from llmchat_backend.auth import invitations, registration
from llmchat_backend.clock import utc_now
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.db.models import Invitation, User
from llmchat_backend.errors import RefusedError
from sqlalchemy import select, update

pytestmark = pytest.mark.slow

MakeBackend = Callable[..., Backend]


def register(backend: Backend, username: str, **more: str) -> Answer:
    return backend.client.post("/api/auth/register", {"username": username, "password": PASSWORD, **more})


def log_in(backend: Backend, username: str, password: str = PASSWORD) -> tuple[int, str]:
    answer = backend.client.post("/api/auth/login", {"username": username, "password": password})
    return answer.status, answer.json.get("code", "")


@pytest.fixture
def inviting(make_backend: MakeBackend) -> Backend:
    return make_backend(REGISTRATION="invite").start()


@pytest.fixture
def database(inviting: Backend) -> Iterator[Database]:
    database = open_database(inviting.database)
    yield database
    database.close()


def invite(database: Database, uses: int = 1) -> str:
    return database.write_now(invitations.create, created_by="admin", note="", uses=uses, days=7).code


def test_only_so_many_accounts_wait_for_approval(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "MAX_PENDING", 2)
    for name in ("ann", "bob"):
        database.write_now(registration.register, "approval", name, "hash", None)
    with pytest.raises(RefusedError, match="wait for approval"):
        database.write_now(registration.register, "approval", "carl", "hash", None)


@pytest.mark.parametrize("policy", ["open", "approval", "invite", "closed"])
def test_the_page_can_ask_for_the_policy_before_anybody_logs_in(make_backend: MakeBackend, policy: str) -> None:
    answer = make_backend(REGISTRATION=policy).start().client.get("/api/auth/policy")
    assert answer.json == {"registration": policy, "min_password_characters": 8, "max_password_bytes": 72}


def test_closed_is_closed_in_the_api_whatever_is_sent(make_backend: MakeBackend) -> None:
    backend = make_backend(REGISTRATION="closed").start()
    for more in ({}, {"invitation": "x"}):
        answer = register(backend, "ann", **more)
        assert (answer.status, answer.json["code"]) == (403, "registration_closed")
    assert log_in(backend, "ann") == (401, "bad_credentials")


def test_an_account_that_waits_for_approval_cannot_log_in_and_only_its_owner_hears_why(
    make_backend: MakeBackend,
) -> None:
    backend = make_backend(REGISTRATION="approval").start()
    answer = register(backend, "ann")
    assert (answer.status, answer.json["pending"]) == (201, True)
    assert log_in(backend, "ann") == (403, "account_pending")
    assert log_in(backend, "ann", "not the password") == log_in(backend, "nobody") == (401, "bad_credentials")
    database = open_database(backend.database)
    assert database.read_now(lambda session: session.scalar(select(User.is_active))) is False
    database.close()


def test_without_a_valid_code_nobody_registers_by_invitation(inviting: Backend) -> None:
    for more, code in (({}, "invitation_required"), ({"invitation": "made up"}, "invitation_invalid")):
        answer = register(inviting, "ann", **more)
        assert (answer.status, answer.json["code"]) == (403, code)
    assert log_in(inviting, "ann") == (401, "bad_credentials")


def test_a_code_lets_in_as_many_as_it_was_made_for(inviting: Backend, database: Database) -> None:
    code = invite(database, uses=2)
    assert register(inviting, "ann", invitation=code).json["pending"] is False
    assert log_in(inviting, "ann")[0] == 200
    taken = register(inviting, "Ann", invitation=code)
    assert (taken.status, taken.json["code"]) == (409, "username_taken")  # and uses nothing up
    assert register(inviting, "bob", invitation=f" {code}\n").status == 201
    assert register(inviting, "eve", invitation=code).json["code"] == "invitation_invalid"


def test_a_revoked_or_expired_code_is_worth_nothing(inviting: Backend, database: Database) -> None:
    revoked = database.write_now(invitations.create, created_by="admin", note="", uses=1, days=7)
    database.write_now(invitations.revoke, revoked.invitation.id)
    expired = invite(database)
    yesterday = utc_now() - timedelta(days=1)
    database.write_now(
        lambda session: session.execute(
            update(Invitation).where(Invitation.revoked_at.is_(None)).values(expires_at=yesterday)
        )
    )
    for code in (revoked.code, expired):
        assert register(inviting, "ann", invitation=code).json["code"] == "invitation_invalid"


def test_of_many_who_use_the_last_place_at_once_one_gets_it(inviting: Backend, database: Database) -> None:
    code = invite(database)
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda name=f"user-{n}": statuses.append(register(inviting, name, invitation=code).status)
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 403, 403, 403]


@pytest.mark.sqlite
def test_only_the_hash_of_a_code_is_stored(inviting: Backend, database: Database) -> None:
    code = invite(database)
    register(inviting, "ann", invitation=code)
    files = [path.read_bytes() for path in inviting.database_file.parent.iterdir() if path.is_file()]
    assert not any(code.encode() in content for content in files)
    assert code not in inviting.log
