"""Ask a model for one token, as an answer would be asked for; no account, no running service needed."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import orjson

from llmchat_backend.chat.catalogue import build_catalogue
from llmchat_backend.chat.probe import Answering, Failing, probe
from llmchat_backend.chat.reachability import host_and_port
from llmchat_backend.chat.upstream import open_upstream
from llmchat_backend.secret_files import load_secrets
from llmchat_backend.settings import load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.secret_files import Secrets

EXIT_FAILED = 9


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
            found = await probe(upstream, endpoint, timeout_seconds)
            failed += isinstance(found, Failing)
            sys.stdout.write(orjson.dumps(_line(found, endpoint)).decode() + "\n")
    return failed


def _line(found: Answering | Failing, endpoint: ModelEndpoint) -> dict[str, Any]:
    if isinstance(found, Answering):
        return {"ok": True, "model": found.model, "first_token_ms": found.first_token_ms}
    return _asked(found, endpoint) | {
        "ok": False,
        "model": found.model,
        "reason": found.reason,
        "detail": found.detail,
        "hint": f"{found.hint} Try a longer --timeout." if found.reason == "timeout" else found.hint,
    }


def _asked(found: Failing, endpoint: ModelEndpoint) -> dict[str, Any]:
    """Return where nothing listens: whoever sees more of the machine than this container looks further."""
    if found.reason != "nothing_listens":
        return {}
    host, port = host_and_port(endpoint.url)
    return {"host": host, "port": port}
