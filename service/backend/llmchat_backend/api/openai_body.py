"""The body of a request in the OpenAI protocol, read by hand: after the key was checked, and parsed beside the loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from llmchat_backend.api.openai_schemas import ChatCompletionIn
from llmchat_backend.errors import ApiError
from llmchat_backend.openai import request

if TYPE_CHECKING:
    from fastapi import Request

BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ChatCompletionIn.model_json_schema()}}}
}
"""What OpenAPI is told of it."""

MAX_VALUES = 500_000
"""Brackets, braces and commas in a body: each may become an object of its own, and small ones cost most to parse."""

_LARGE = 256 * 1024
_PARSING = asyncio.Semaphore(1)  # large ones one after another: they grow to several times their size


async def read_chat(http: Request) -> ChatCompletionIn:
    """Read, parse and check a body; raise ApiError 400, 413 or RequestValidationError."""
    body = await http.body()
    if len(body) < _LARGE:
        return _parse(body)
    async with _PARSING:
        return await asyncio.to_thread(_parse, body)


def _parse(body: bytes) -> ChatCompletionIn:
    if sum(body.count(mark) for mark in (b"[", b"{", b",")) > MAX_VALUES:
        raise ApiError(413, "too_large", "The request holds too many values.")
    try:
        chat = ChatCompletionIn.model_validate(orjson.loads(body))
        request.check(chat.model_dump(exclude_unset=True))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in found]) from None
    except (orjson.JSONDecodeError, RecursionError):
        raise ApiError(400, "invalid_request", "The request is no JSON that can be read.") from None
    return chat
