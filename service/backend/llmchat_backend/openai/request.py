"""What a program asks for: passed on as it is, but for the model's name and what a model server must not be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from llmchat_backend.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BAD_REQUEST = 400


def check(body: Mapping[str, Any]) -> None:
    """Raise ApiError 400 for what can't be sent on, and for URLs that the model server would fetch.

    A model server stands inside the network: an address in a message would make it read for somebody else.
    """
    try:
        orjson.dumps(body)
    except TypeError:
        raise ApiError(_BAD_REQUEST, "invalid_request", "The request holds text or numbers that are none.") from None
    for url in _urls(body.get("messages", ())):
        if not url.lower().startswith("data:"):
            raise ApiError(_BAD_REQUEST, "url_not_allowed", "Images and files must be data: URLs, not addresses.")


def text_bytes(messages: Sequence[Mapping[str, Any]]) -> int:
    """Return the size of all words in the messages; images don't count."""
    return sum(len(text.encode()) for message in messages for text in _texts(message.get("content")))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                yield part["text"]


def _urls(value: object) -> Iterator[str]:
    """Yield the text of everything named `url` or `..._url`, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                if name == "url" or name.endswith("_url"):
                    yield inner
            else:
                yield from _urls(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _urls(inner)
