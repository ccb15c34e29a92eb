"""The log: what it tells of a request and an answer, and that nothing anybody said or keeps secret is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from backend_process import SECRET_KEY, Backend
from client import PASSWORD, Client
from conftest import new_admin, new_user
from model_server import ModelServer, chunk
from openai_client import program
from sqlalchemy import text

pytestmark = pytest.mark.slow

ANSWERED = "marmalade-of-the-model"
THOUGHT = "a-thought-about-quinces"
SAID = {
    "question": "where-is-the-treasure-map",
    "edited": "where-is-the-second-map",
    "system prompt": "you-are-a-pirate",
    "title": "treasure-island",
    "searched": "doubloons",
    "attachment": "contents-of-the-chest",
    "file name": "secret-cove.txt",
    "asked by a program": "parrots-on-shoulders",
    "wrong password": "hunter2-hunter2",
    "new password": "a-new-password-4711",
    "label of a key": "crows-nest",
    "invitation's note": "for-the-bosun",
    "not JSON": "{half-an-object",
    "answer": ANSWERED,
    "thought": THOUGHT,
    "error of the model": "kraken-ate-the-gpu",
    "model's key": "model-key",
    "password": PASSWORD,
    "signing key": SECRET_KEY,
}

MakeBackend = Callable[..., Backend]


def lines(backend: Backend) -> list[dict[str, Any]]:
    return [json.loads(line) for line in backend.log.splitlines()]


def live(backend: Backend, model: ModelServer) -> dict[str, str]:
    """Do everything that takes words or secrets; return the secrets that were made meanwhile."""
    model.behaviour.chunks = (
        chunk({"reasoning": THOUGHT}),
        chunk({"content": ANSWERED}),
        chunk({}, finish_reason="stop"),
        chunk(None, usage={"prompt_tokens": 5, "completion_tokens": 2}),
    )
    admin = new_admin(backend, "captain")
    invitation = admin.post("/api/admin/invitations", {"note": SAID["invitation's note"]}).json["code"]
    user = new_user(backend, "silver")
    conversation = user.new_conversation()
    change = {"title": SAID["title"], "system_prompt": SAID["system prompt"]}
    assert user.request("PATCH", f"/api/conversations/{conversation}", change).status == 200
    uploaded = user.upload(SAID["file name"], SAID["attachment"].encode(), "text/plain").json["id"]
    start = user.ask(conversation, SAID["question"], attachment_ids=[uploaded])[0].data
    with user.stream_of(f"/api/messages/{start['user_message_id']}/edit", {"content": SAID["edited"]}) as stream:
        list(stream.events())
    assert user.get(f"/api/search?q={SAID['searched']}").status == 200
    assert user.get(f"/api/conversations/{conversation}/export").status == 200
    key = user.post("/api/keys", {"name": SAID["label of a key"]}).json["key"]
    editor = Client(user.socket_path, {"Authorization": f"Bearer {key}"})
    asked = {"model": "default", "messages": [{"role": "user", "content": SAID["asked by a program"]}]}
    assert editor.post("/v1/chat/completions", {**asked, "stream": True}).status == 200
    go_wrong(backend, user, model, asked)
    token = user.headers["Authorization"].removeprefix("Bearer ")
    passwords = {"current_password": PASSWORD, "new_password": SAID["new password"]}
    assert user.post("/api/auth/change-password", passwords).status == 204
    return {"invitation": invitation, "API key": key, "token": token, "signature": token.rpartition(".")[2]}


def go_wrong(backend: Backend, user: Client, model: ModelServer, asked: dict[str, Any]) -> None:
    """Provoke whatever reports an error."""
    backend.client.post("/api/auth/login", {"username": "silver", "password": SAID["wrong password"]})
    user.post("/api/conversations", SAID["not JSON"].encode(), Content_Type="application/json")
    user.post("/api/auth/change-password", {"current_password": SAID["wrong password"]})
    model.behaviour.status = 500
    model.behaviour.body = json.dumps({"error": SAID["error of the model"]}).encode()
    user.ask(user.new_conversation(), SAID["question"])
    program(user).post("/v1/chat/completions", asked)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_nothing_that_was_said_or_is_secret_is_in_the_log(
    make_backend: MakeBackend, model: ModelServer, level: str
) -> None:
    backend = make_backend(LOG_LEVEL=level).start()
    made = live(backend, model)
    assert backend.end() == 0
    assert {line["logger"] for line in lines(backend)} >= {"llmchat_backend.api.access_log"}
    found = [name for name, value in {**SAID, **made}.items() if value in backend.log]
    assert found == []


@pytest.mark.sqlite
def test_nor_when_what_was_said_can_not_be_stored(make_backend: MakeBackend, model: ModelServer) -> None:
    backend = make_backend().start()
    user = new_user(backend, "silver")
    conversation = user.new_conversation()
    backend.write(text("CREATE TRIGGER broken BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'the disk'); END"))
    answer = user.post(f"/api/conversations/{conversation}/messages", {"content": SAID["question"]})
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    backend.end()
    (told,) = [line for line in lines(backend) if "exception" in line]
    assert told["request_id"] == answer.headers["X-Request-Id"]
    assert "the disk" in told["exception"]  # it tells why
    assert SAID["question"] not in backend.log


def test_every_line_of_a_request_has_its_id_and_so_has_the_response(
    make_backend: MakeBackend, model: ModelServer
) -> None:
    backend = make_backend().start()
    user = new_user(backend, "silver")
    with user.stream(user.new_conversation()) as stream:
        identity = stream.response.headers["X-Request-Id"]
        list(stream.events())
    backend.end()
    told = {line["message"]: line for line in lines(backend) if line.get("request_id") == identity}
    assert {"request", "answer ended"} <= told.keys()
    assert told["answer ended"]["first_word_ms"] >= 0
    assert told["request"]["path"].endswith("/messages")
    ids = [line["request_id"] for line in lines(backend) if line["message"] == "request"]
    assert len(set(ids)) == len(ids)
    assert all("request_id" not in line for line in lines(backend) if line["message"] == "starting")


def test_the_edges_id_is_kept_and_nonsense_is_not(backend: Backend) -> None:
    given = "0a1b2c3d-0000-4000-8000-000000000001"
    assert backend.client.get("/api/version", X_Request_Id=given).headers["X-Request-Id"] == given
    for nonsense in ("short", "x" * 65, "<script>alert(1)</script>", "a" * 1000):
        made = backend.client.get("/api/version", X_Request_Id=nonsense).headers["X-Request-Id"]
        assert re.fullmatch("[0-9a-f]{32}", made)
