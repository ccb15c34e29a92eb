"""Ask for the page and the API at the address that users type, from this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.plan.reach import public_urls

if TYPE_CHECKING:
    from llmchat_deploy.config.model import Environment
    from llmchat_deploy.host.base import Host, HostReader

HTTP_OK = 200
PATIENCE = 5.0
"""Seconds an answer may take to come at an address of this machine."""
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Probe:
    """What a URL answered; ``expected`` where it should have: the address is one of this machine's."""

    url: str
    ok: bool
    expected: bool
    detail: str


def is_here(host: HostReader, address: str) -> bool | None:
    """Whether ``address`` is one of this machine's, None for a name that doesn't resolve."""
    found = host.addresses_of(address)
    return any(host.has_address(each) for each in found) if found else None


def probe(environment: Environment, host: Host) -> tuple[Probe, ...]:
    """Return what page and API answer at the environment's own address."""
    urls, here = public_urls(environment), is_here(host, environment.server.address) is True
    return tuple(_ask(url, host, here=here) for url in (f"{urls.web}/auth", f"{urls.api}/health/ready"))


def _ask(url: str, host: Host, *, here: bool) -> Probe:
    deadline = host.monotonic() + (PATIENCE if here else 0.0)
    while True:
        status = host.get(url, timeout=PATIENCE if here else 2.0)
        if status == HTTP_OK:
            return Probe(url, ok=True, expected=here, detail="answers")
        if host.monotonic() >= deadline:
            break
        host.sleep(POLL_SECONDS)
    said = f"answers {status}" if status else "doesn't answer"
    why = "" if here else " from this machine, which doesn't have that address itself: ask from where your users are"
    return Probe(url, ok=False, expected=here, detail=said + why)
