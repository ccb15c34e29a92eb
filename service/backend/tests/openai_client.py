"""A program that speaks the OpenAI protocol."""

from __future__ import annotations

import json
from typing import Any

from client import Answer, Client
from model_server import ModelServer

MESSAGES = [{"role": "user", "content": "Say hello"}]
WHOLE = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "test-model",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
}  # fmt: skip


def program(user: Client, name: str = "editor") -> Client:
    """Return a program with a key of this user."""
    key = user.post("/api/keys", {"name": name}).json["key"]
    return Client(user.socket_path, {"Authorization": f"Bearer {key}"})


def complete(client: Client, **more: Any) -> Answer:
    return client.post("/v1/chat/completions", {"model": "default", "messages": MESSAGES, **more})


def error_of(answer: Answer) -> tuple[int, str, str]:
    error = answer.json["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return answer.status, error["type"], error["code"]


def used(user: Client) -> tuple[int, int, int]:
    (day,) = user.get("/api/usage").json["days"]
    return day["requests"], day["prompt_tokens"], day["completion_tokens"]


def answers_whole(model: ModelServer, answer: dict[str, Any] = WHOLE, status: int = 200) -> None:
    model.behaviour.body, model.behaviour.content_type = json.dumps(answer).encode(), "application/json"
    model.behaviour.status = status
