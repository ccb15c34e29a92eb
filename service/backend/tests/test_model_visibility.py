"""A model that only administrators see: for everybody else it is as if it weren't configured."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from backend_process import Backend
from client import Client
from conftest import new_admin, new_user
from model_server import ModelServer
from openai_client import complete, error_of, program

pytestmark = pytest.mark.slow

MakeBackend = Callable[..., Backend]


@pytest.fixture
def backend(make_backend: MakeBackend, model: ModelServer) -> Backend:
    costly = {"name": "Costly", "url": model.url, "model": "costly-1", "visible_to": "admins"}
    small = {"name": "Small", "url": model.url, "model": "small-1"}
    return make_backend(PRESET_MODELS=json.dumps({"costly": costly, "small": small})).start()


@pytest.fixture
def ann(backend: Backend) -> Client:
    return new_user(backend, "ann")


@pytest.fixture
def root(backend: Backend) -> Client:
    return new_admin(backend)


def shown_at_the_page(caller: Client) -> list[str]:
    return [each["id"] for each in caller.get("/api/models").json["models"]]


def shown_to_programs(caller: Client) -> list[str]:
    return [each["id"] for each in program(caller).get("/v1/models").json["data"]]


def asked_last(model: ModelServer) -> str:
    return str(model.requests[-1]["model"])


def test_only_administrators_are_shown_it(ann: Client, root: Client) -> None:
    for shown in (shown_at_the_page, shown_to_programs):
        assert shown(ann) == ["default", "small"]
        assert shown(root) == ["default", "costly", "small"]


def test_administrators_are_told_whom_each_is_for(root: Client) -> None:
    told = {each["id"]: each["visible_to"] for each in root.get("/api/admin/models").json["models"]}
    assert told == {"default": "everyone", "costly": "admins", "small": "everyone"}


def test_nobody_else_can_choose_it_at_the_page(ann: Client, model: ModelServer) -> None:
    conversation = ann.new_conversation()
    start = ann.ask(conversation)[0].data
    model.requests.clear()
    hidden = {"model_id": "costly"}
    for answer in (
        ann.post("/api/conversations", hidden),
        ann.request("PATCH", f"/api/conversations/{conversation}", hidden),
        ann.post(f"/api/conversations/{conversation}/messages", {"content": "Hi", **hidden}),
        ann.post(f"/api/messages/{start['message_id']}/regenerate", hidden),
        ann.post(f"/api/messages/{start['user_message_id']}/edit", {"content": "Ho", **hidden}),
    ):
        assert (answer.status, answer.json["code"]) == (422, "model_not_configured")
    assert model.requests == []
    assert len(ann.get(f"/api/conversations/{conversation}").json["messages"]) == 2


def test_nor_with_a_key_by_whatever_name(ann: Client, root: Client, model: ModelServer) -> None:
    editor, admins = program(ann), program(root)
    for name in ("costly", "costly-1"):
        assert error_of(complete(editor, model=name, stream=True))[::2] == (404, "model_not_found")
        assert editor.get(f"/v1/models/{name}").status == 404
        assert model.requests == []
        assert complete(admins, model=name, stream=True).status == 200
        assert asked_last(model) == "costly-1"
        model.requests.clear()


def test_whoever_is_no_administrator_any_more_goes_on_with_the_default_model(
    backend: Backend, root: Client, model: ModelServer
) -> None:
    made = root.post("/api/admin/users", {"username": "eve", "role": "admin"}).json
    eve = backend.client.log_in("eve", made["password"])
    change = {"current_password": made["password"], "new_password": "one of my own"}
    assert eve.post("/api/auth/change-password", change).status == 204
    conversation = eve.post("/api/conversations", {"model_id": "costly"}).json["id"]
    eve.ask(conversation)
    assert asked_last(model) == "costly-1"

    assert root.put(f"/api/admin/users/{made['user']['id']}/role", {"role": "user"}).status == 200
    eve = backend.client.log_in("eve", "one of my own")
    assert eve.get(f"/api/conversations/{conversation}").json["messages"][1]["content"] == "Hello, 世界"
    eve.ask(conversation, "And now?")
    assert asked_last(model) == "test-model"


def test_one_model_is_for_everyone(make_backend: MakeBackend, model: ModelServer) -> None:
    only = {"name": "Only", "url": model.url, "model": "m", "visible_to": "admins"}
    ended = make_backend(LLM_API_URL="", PRESET_MODELS=json.dumps({"only": only}), migrated=False).command("serve")
    assert ended.returncode == 3
    assert "one model must be visible to everyone" in ended.stderr
