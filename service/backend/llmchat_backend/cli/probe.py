"""Ask a model for one token, as an answer would be asked for; no account, no running service needed."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import orjson

from llmchat_backend.chat.catalogue import build_catalogue
from llmchat_backend.chat.model_events import Finished, Reasoning, Token
from llmchat_backend.chat.reachability import explain_refusal
from llmchat_backend.chat.upstream import open_upstream
from llmchat_backend.chat.upstream_errors import UpstreamError, bad_answer, timed_out
from llmchat_backend.secret_files import load_secrets
from llmchat_backend.settings import load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.chat.upstream import Upstream
    from llmchat_backend.secret_files import Secrets

EXIT_FAILED = 9

_PROMPT = ({"role": "user", "content": "Say hello."},)
_REASONS = {
    "model_timeout": ("timeout", "Is the model server busy or still loading? Try a longer --timeout."),
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


def run(arguments: argparse.Namespace) -> int:
    """Print one JSON line for each model asked; return 9 when one doesn't answer."""
    settings = load_settings()
    secrets = load_secrets(settings.secrets_dir)
    catalogue = build_catalogue(settings, secrets)
    endpoints = catalogue.endpoints if arguments.all else (catalogue.find(arguments.model),)
    return EXIT_FAILED if asyncio.run(_probe_all(endpoints, secrets, arguments.timeout)) else 0


async def _probe_all(endpoints: Iterable[ModelEndpoint], secrets: Secrets, timeout_seconds: float) -> int:
    failed = 0
    async with open_upstream(idle_timeout=timeout_seconds, ca_file=secrets.ca_file) as upstream:
        for endpoint in endpoints:
            result = await _probe(upstream, endpoint, timeout_seconds)
            failed += not result["ok"]
            sys.stdout.write(orjson.dumps(result).decode() + "\n")
    return failed


async def _probe(upstream: Upstream, endpoint: ModelEndpoint, timeout_seconds: float) -> dict[str, Any]:
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout_seconds):
            await _first_word(upstream, endpoint)
    except UpstreamError as error:
        return await _failure(endpoint, error)
    except TimeoutError:
        return await _failure(endpoint, timed_out())
    return {"ok": True, "model": endpoint.id, "first_token_ms": round((time.monotonic() - began) * 1000)}


async def _first_word(upstream: Upstream, endpoint: ModelEndpoint) -> None:
    """Return at the first word, thought or not; closing the stream is what cancels the rest at the server."""
    async with aclosing(upstream.stream(endpoint, _PROMPT, max_tokens=8)) as events:
        async for event in events:
            if isinstance(event, Token | Reasoning | Finished):
                return
    raise bad_answer("no word in it")


async def _failure(endpoint: ModelEndpoint, error: UpstreamError) -> dict[str, Any]:
    if error.code == "model_unreachable":
        reason, detail, hint = await explain_refusal(endpoint.url)
    else:
        reason, hint = _REASONS.get(error.code, _BAD_ANSWER)
        detail = error.message
    return {"ok": False, "model": endpoint.id, "reason": reason, "detail": detail, "hint": hint}
