"""The answer of a model server on its way to a program: the model's name as it was asked for, and usage noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from llmchat_backend.chat import upstream_errors
from llmchat_backend.chat.model_events import BadAnswerError, load, reported_message, token_counts
from llmchat_backend.usage import meter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmchat_backend.chat.catalogue import ModelEndpoint


DONE = b"[DONE]"


class Relay:
    """Reads payloads of one answer; raises UpstreamError for whatever goes wrong."""

    def __init__(self, endpoint: ModelEndpoint, asked_model: str, *, tell_usage: bool, prompt_bytes: int) -> None:
        self._endpoint = endpoint
        self._asked_model = asked_model
        self._tell_usage = tell_usage
        self._prompt_bytes = prompt_bytes
        self._usage: tuple[int, int] | None = None
        self._pieces = 0
        self._finished = False

    def tokens(self) -> tuple[int, int]:
        """Return tokens read and written so far, estimated where the model server told none."""
        return self._usage or meter.estimate(self._prompt_bytes, self._pieces)

    async def stream(self, payloads: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the chunks of a streamed answer; a server that doesn't stream gives one."""
        async for payload in payloads:
            if payload == DONE:
                return
            chunk = self._read(payload)
            if any("message" in choice for choice in _choices(chunk)):
                _make_chunk(chunk)
            if self._is_for_the_program(chunk):
                yield orjson.dumps(chunk)
        if not self._finished:
            raise upstream_errors.cut_off()

    async def whole(self, payloads: AsyncIterator[bytes]) -> dict[str, Any]:
        """Return an answer that isn't streamed."""
        async for payload in payloads:
            answer = self._read(payload)
            if not any(isinstance(choice.get("message"), dict) for choice in _choices(answer)):
                raise upstream_errors.bad_answer("no message in it")
            return answer
        raise upstream_errors.bad_answer("it is empty")

    def _read(self, payload: bytes) -> dict[str, Any]:
        try:
            answer = load(payload)
        except BadAnswerError as error:
            raise upstream_errors.bad_answer(str(error)) from error
        if not isinstance(answer, dict):
            raise upstream_errors.bad_answer("not a JSON object")
        if answer.get("error"):
            raise upstream_errors.reported(reported_message(answer), self._endpoint)
        for choice in _choices(answer):
            said = choice.get("delta") or choice.get("message") or {}
            self._pieces += _pieces(said)
            self._finished = self._finished or bool(choice.get("finish_reason"))
        self._note_usage(answer.get("usage"))
        answer["model"] = self._asked_model
        return answer

    def _note_usage(self, usage: object) -> None:
        if isinstance(usage, dict):
            self._usage = token_counts(usage)

    def _is_for_the_program(self, chunk: dict[str, Any]) -> bool:
        """Leave usage out where it wasn't asked for: it is asked for here in any case."""
        if self._tell_usage or "usage" not in chunk:
            return True
        del chunk["usage"]
        return bool(_choices(chunk))


def _choices(answer: dict[str, Any]) -> list[dict[str, Any]]:
    choices = answer.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _pieces(said: object) -> int:
    """Count a streamed piece as one token, a whole text by the rule of thumb."""
    if not isinstance(said, dict):
        return 0
    if "role" in said and isinstance(said.get("content"), str):
        return -(-len(said["content"].encode()) // 4)
    return int(any(said.get(name) for name in ("content", "reasoning", "reasoning_content", "tool_calls")))


def _make_chunk(answer: dict[str, Any]) -> None:
    answer["object"] = "chat.completion.chunk"
    for choice in _choices(answer):
        choice["delta"] = choice.pop("message", {})
