"""A program that speaks the OpenAI protocol."""

from __future__ import annotations

from typing import Any

from client import Answer, Client

MESSAGES = [{"role": "user", "content": "Say hello"}]


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
