"""What the OpenAI protocol below /v1 doesn't let through to a model server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from backend_process import Backend
from client import Client
from model_server import ModelServer
from openai_client import MESSAGES, answers_whole, complete, error_of


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "none", "messages": MESSAGES}, 404, "model_not_found"),
        ({"messages": MESSAGES}, 400, "invalid_request"),
        ({"model": "default"}, 400, "invalid_request"),
        ({"model": "default", "messages": []}, 400, "invalid_request"),
        ({"model": "default", "messages": ["x"]}, 400, "invalid_request"),
        ({"model": "default", "messages": MESSAGES, "stream": "perhaps"}, 400, "invalid_request"),
        ({"model": "default", "messages": [{"role": "user", "content": "\ud800"}]}, 400, "invalid_request"),
        ({"model": "default", "messages": MESSAGES, "seed": 10**30}, 400, "invalid_request"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_openai_s_shape(
    editor: Client, body: dict[str, Any], status: int, code: str
) -> None:
    assert error_of(editor.post("/v1/chat/completions", body)) == (status, "invalid_request_error", code)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest/meta-data"}},
        {"type": "image_url", "image_url": "HTTPS://example.com/a.png"},
        {"type": "video_url", "video_url": {"url": "file:///etc/passwd"}},
        {"type": "input_file", "file": {"file_url": "http://[::ffff:127.0.0.1]/x"}},
    ],
)
def test_no_address_in_a_message_makes_the_model_server_fetch_it(
    editor: Client, model: ModelServer, part: dict[str, Any]
) -> None:
    answer = complete(editor, messages=[{"role": "user", "content": [{"type": "text", "text": "What?"}, part]}])
    assert error_of(answer) == (400, "invalid_request_error", "url_not_allowed")
    assert model.requests == []


@pytest.mark.parametrize(
    "name",
    ["models", "route", "api_base", "base_url", "fallbacks", "api_key", "extra_headers", "extra_body", "guardrails",
     "kv_transfer_params", "chat_template_kwargs", "service_tier", "web_search_options", "metadata"],
)  # fmt: skip
def test_no_field_tells_a_gateway_where_to_ask_or_with_what(editor: Client, model: ModelServer, name: str) -> None:
    answer = complete(editor, **{name: "x"})
    assert error_of(answer) == (400, "invalid_request_error", "unknown_field")
    assert f"`{name}`" in answer.json["error"]["message"]
    tool = {"type": "mcp", "server_url": "http://169.254.169.254/"}
    assert error_of(complete(editor, tools=[tool]))[2] == "tool_not_allowed"
    assert model.requests == []


@pytest.mark.parametrize("n", [0, 2, 128, -1, "2", [1], 1.5])
def test_a_request_that_counts_once_gets_one_answer(editor: Client, model: ModelServer, n: object) -> None:
    assert error_of(complete(editor, n=n)) == (400, "invalid_request_error", "one_answer_only")
    assert model.requests == []


def test_what_a_model_called_a_tool_with_may_hold_an_address(editor: Client, model: ModelServer) -> None:
    answers_whole(model)
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"url": "http://example.com/"}}}
    messages = [*MESSAGES, {"role": "assistant", "content": None, "tool_calls": [call]}]
    assert complete(editor, messages=messages).status == 200
    assert model.requests[0]["messages"] == messages


@pytest.mark.slow
def test_without_a_key_no_body_is_read_and_with_one_it_holds_nobody_up(backend: Backend, editor: Client) -> None:
    nested = b'{"model": "default", "messages": [' + b"[]," * 6_000_000 + b"[]]}"
    headers = {"Content_Type": "application/json", "Authorization": "Bearer sk-llmchat-none"}
    began = time.monotonic()
    json.loads(nested)
    parsing = time.monotonic() - began
    began = time.monotonic()
    assert error_of(backend.client.post("/v1/chat/completions", nested, **headers))[0] == 401
    assert error_of(editor.post("/v1/chat/completions", nested)) == (413, "invalid_request_error", "too_large")
    assert time.monotonic() - began < parsing


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 900 + b"]" * 900, b"[" * 90_000])
def test_a_body_that_is_no_chat_is_a_bad_request(editor: Client, body: bytes) -> None:
    assert error_of(editor.post("/v1/chat/completions", body)) == (400, "invalid_request_error", "invalid_request")
