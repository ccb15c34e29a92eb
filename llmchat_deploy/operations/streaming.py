"""Whether answers come word by word the way users take, or something in front of the edge gathers them."""

from __future__ import annotations

from typing import Literal

from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader, SeenStream
from llmchat_deploy.operations.check import Check
from llmchat_deploy.plan.reach import public_urls

HTTP_OK, TOO_MANY = 200, 429
TIMEOUT = 5.0
TRIES = 3
"""How often the same must be seen before it is told: this machine may have been busy."""
LEAST_SPREAD = 0.3
"""Seconds between the first event and the last, by the service's clock; with less nothing can be told."""
AT_ONCE = 0.05
"""Seconds within which all of it arrived where something gathers."""
PATH = "/health/stream"

Verdict = Literal["flows", "gathered", "unclear", "elsewhere"]


def streaming_checks(environment: Environment, host: HostReader, inside: str) -> list[Check]:
    """Look at a stream at the public URL; nothing where none is set, or where nothing can be told.

    ``inside`` is the URL at the edge itself, past everything in front, that says whether the API is ready.

    Something in front is blamed only where it holds a stream back time after time, and the edge itself each time lets
    the same stream flow: neither a busy machine nor an older service is taken for it.
    """
    if not (environment.server.web_url or environment.server.api_url):
        return []
    public, inside = public_urls(environment).api.rstrip("/"), inside.removesuffix("/health/ready") + PATH
    seen, verdict = SeenStream(0), "unclear"
    for _ in range(TRIES):
        seen = host.stream(f"{public}{PATH}", timeout=TIMEOUT)
        verdict = judge(seen)
        if verdict == "flows":
            return [Check("streaming", "ok", f"{public} passes answers on as they come")]
        if verdict == "unclear" or judge(host.stream(inside, timeout=TIMEOUT)) != "flows":
            return []
    return [_blame(environment, public, gathered=verdict == "gathered", status=seen.status)]


def judge(seen: SeenStream) -> Verdict:
    """Say what became of a stream: ``elsewhere`` where it is none of ours."""
    if seen.status == TOO_MANY:
        return "unclear"
    if seen.status != HTTP_OK or not seen.arrived:
        return "elsewhere"
    sent, arrived = seen.sent[-1] - seen.sent[0], seen.arrived[-1] - seen.arrived[0]
    if sent < LEAST_SPREAD:
        return "unclear"
    if arrived > AT_ONCE:
        return "flows"
    return "gathered" if seen.arrived[0] >= sent else "unclear"


def _blame(environment: Environment, url: str, *, gathered: bool, status: int) -> Check:
    shown = f"llmchat-deploy proxy nginx --env {environment.name}"
    if gathered:
        return Check(
            "streaming",
            "warning",
            f"{url} shows answers only when they are complete: a proxy in front gathers them",
            f"Turn its buffering off (nginx: proxy_buffering off). {shown} prints a configuration that suits.",
        )
    said = "doesn't answer" if not status else f"answers {status}"
    said = "is answered by something else" if status == HTTP_OK else said
    return Check(
        "streaming",
        "warning",
        f"{url} {said}, asked from this machine; the service behind it works",
        f"Look at the name, and at the proxy in front: it must pass {PATH} on. {shown} prints one that does.",
    )
