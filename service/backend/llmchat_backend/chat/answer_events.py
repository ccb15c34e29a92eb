"""The events of an answer, the same wherever they come from: its own task, or what is stored of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_backend.chat import sse
from llmchat_backend.chat.upstream_errors import is_retryable

if TYPE_CHECKING:
    from llmchat_backend.chat.cursor import Cursor
    from llmchat_backend.chat.exchange import Exchange
    from llmchat_backend.chat.model_events import Usage


def start(exchange: Exchange, at: Cursor) -> bytes:
    """Say which rows the question and its answer have."""
    data = {
        "conversation_id": exchange.conversation_id,
        "user_message_id": exchange.user_message_id,
        "message_id": exchange.message_id,
        "title": exchange.title,
    }
    return sse.encode("start", data, at)


def reasoning(text: str, at: Cursor) -> bytes:
    """Tell a piece of what the model thinks."""
    return sse.encode("reasoning", {"text": text}, at)


def token(text: str, at: Cursor) -> bytes:
    """Tell a piece of the answer."""
    return sse.encode("token", {"text": text}, at)


def rest(thoughts: str, text: str, after: Cursor) -> tuple[bytes, Cursor]:
    """Tell what a reader lacks in one piece each, and return how much they have then."""
    events = b""
    if thoughts:
        after = after.moved(reasoning=len(thoughts))
        events += reasoning(thoughts, after)
    if text:
        after = after.moved(content=len(text))
        events += token(text, after)
    return events, after


def usage(counted: Usage, at: Cursor) -> bytes:
    """Tell how much was read and written."""
    data = {"prompt_tokens": counted.prompt_tokens, "completion_tokens": counted.completion_tokens}
    return sse.encode("usage", data, at)


def error(code: str, message: str, at: Cursor) -> bytes:
    """Say why there is no more."""
    return sse.encode("error", {"code": code, "message": message, "retryable": is_retryable(code)}, at)


def done(message_id: str, status: str, finish_reason: str | None, at: Cursor) -> bytes:
    """Say that this was all."""
    return sse.encode("done", {"message_id": message_id, "status": status, "finish_reason": finish_reason}, at)
