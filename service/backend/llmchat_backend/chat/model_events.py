"""What a model says, whatever dialect of the OpenAI protocol its server speaks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import orjson

_MAX_COUNT = 2**31 - 1  # what a column of PostgreSQL holds; a number it can't hold would cost the whole answer


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model thinks before it answers."""

    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """How much was read and written."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The model ended its answer, and why: `stop`, `length`, ..."""

    reason: str


ModelEvent = Reasoning | Token | Usage | Finished


class BadAnswerError(ValueError):
    """The server sent something that is no chat completion."""


class ReportedError(Exception):
    """The server answered with an error object; the message is its own."""


def parse(payload: bytes) -> list[ModelEvent]:
    """Read one chunk of a stream, or a whole answer that wasn't streamed.

    Raises BadAnswerError for broken JSON or UTF-8, ReportedError for an error object.
    """
    answer = load(payload)
    if not isinstance(answer, dict):
        raise BadAnswerError("not a JSON object")
    if answer.get("error"):
        raise ReportedError(reported_message(answer))
    choices = answer.get("choices")
    events: list[ModelEvent] = []
    if isinstance(choices, list) and choices:
        events = _parse_choice(choices[0])
    elif choices is None and "usage" not in answer:
        raise BadAnswerError("neither choices nor usage")
    usage = answer.get("usage")
    if isinstance(usage, dict):
        events.append(Usage(*token_counts(usage)))
    return events


def token_counts(usage: dict[str, Any]) -> tuple[int, int]:
    """Return how many tokens a server says were read and written, 0 for what can't be such a number."""
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def reported_message(answer: Any) -> str:
    """Find the sentence in an error object: OpenAI's, FastAPI's and plain ones."""
    found = answer
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(key):
            found = found[key]
    return found if isinstance(found, str) else ""


def load(payload: bytes) -> Any:
    """Read JSON, and what comes close to it; raise BadAnswerError. Nothing in the result is text that can't be sent."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    try:
        # Slower and laxer: a lone surrogate escape (half an emoji cut by a tokenizer) is no reason to lose an answer,
        # nor is a NaN among its figures.
        read = json.loads(payload, parse_constant=lambda _: None)
        return orjson.loads(json.dumps(read, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadAnswerError("broken JSON or UTF-8") from error


def _parse_choice(choice: Any) -> list[ModelEvent]:
    if not isinstance(choice, dict):
        raise BadAnswerError("a choice is not an object")
    delta = choice.get("delta") or choice.get("message") or {}
    if not isinstance(delta, dict):
        raise BadAnswerError("a delta is not an object")
    events: list[ModelEvent] = []
    # vLLM renamed `reasoning_content` to `reasoning`; DeepSeek and llama.cpp keep the old name. Some send both.
    if reasoning := _text(delta.get("reasoning") or delta.get("reasoning_content")):
        events.append(Reasoning(reasoning))
    if text := _text(delta.get("content") or choice.get("text")):
        events.append(Token(text))
    if isinstance(reason := choice.get("finish_reason"), str) and reason:
        events.append(Finished(reason[:32]))
    return events


def _text(value: Any) -> str:
    if not value:
        return ""
    if isinstance(value, list):  # content parts, as Mistral sends them
        value = "".join(part.get("text") or "" for part in value if isinstance(part, dict))
    if not isinstance(value, str):
        return ""
    text: str = value if value.isascii() else value.encode("utf-8", "replace").decode()
    return text.replace("\0", "") if "\0" in text else text  # no database keeps it


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= _MAX_COUNT else 0
