"""Ask a model for one word, as an answer would be asked for, and say what is wrong when none comes."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_backend.chat.model_events import Finished, Reasoning, Token
from llmchat_backend.chat.reachability import explain_refusal
from llmchat_backend.chat.upstream_errors import UpstreamError, bad_answer, timed_out

if TYPE_CHECKING:
    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.chat.upstream import Upstream

_PROMPT = ({"role": "user", "content": "Say hello."},)
_REASONS = {
    "model_timeout": ("timeout", "Is the model server busy or still loading?"),
    "model_dns": ("dns", "Check the host name in the model's URL."),
    "model_wrong_key": ("wrong_key", "Check the key of this model (LLM_API_KEY)."),
    "model_unknown": (
        "model_unknown",
        "Check the model's name (LLM_MODEL): the server's /v1/models lists its own.",
    ),
    "model_wrong_path": ("wrong_path", "The URL usually ends with /v1/chat/completions."),
}
_BAD_ANSWER = (
    "bad_answer",
    "Check that the URL is the chat-completions address of an OpenAI-compatible server.",
)


@dataclass(frozen=True, slots=True)
class Answering:
    """The model answers; the first word took so many milliseconds."""

    model: str
    first_token_ms: int


@dataclass(frozen=True, slots=True)
class Failing:
    """The model doesn't answer: `code` as answers know it, `reason` as the deploy tool does, and what to do."""

    model: str
    code: str
    reason: str
    detail: str
    hint: str


async def probe(upstream: Upstream, endpoint: ModelEndpoint, timeout_seconds: float) -> Answering | Failing:
    """Wait for the first word of a short answer, at most so long."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout_seconds):
            await _first_word(upstream, endpoint)
    except UpstreamError as error:
        return await _failing(endpoint, error)
    except TimeoutError:
        return await _failing(endpoint, timed_out())
    return Answering(endpoint.id, round((time.monotonic() - began) * 1000))


async def _first_word(upstream: Upstream, endpoint: ModelEndpoint) -> None:
    """Return at the first word, thought or not; closing the stream is what cancels the rest at the server."""
    async with aclosing(upstream.stream(endpoint, _PROMPT, max_tokens=8)) as stream:
        async for events in stream:
            if any(isinstance(event, Token | Reasoning | Finished) for event in events):
                return
    raise bad_answer("no word in it")


async def _failing(endpoint: ModelEndpoint, error: UpstreamError) -> Failing:
    if error.code == "model_unreachable":
        reason, detail, hint = await explain_refusal(endpoint.url)
    else:
        reason, hint = _REASONS.get(error.code, _BAD_ANSWER)
        detail = error.message
    return Failing(endpoint.id, error.code, reason, detail, hint)
