"""Where a model server of this machine listens instead: its backend sees no further than its own network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmchat_deploy.config.addresses import as_ip, is_loopback, is_loopback_url
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.render.filters import bracketed

NOBODY = "nothing_listens"
"""The probe's reason that is looked into here."""
OTHER_ADDRESS = "other_address"
THE_MACHINE = "host.docker.internal"
"""What every backend calls the machine it is on."""


def look_around(answer: Mapping[str, Any], environment: Environment, host: HostReader) -> dict[str, Any]:
    """Return a probe's answer; where nobody listens at an address of this machine, with the one where somebody does."""
    same = dict(answer)
    asked, port = answer.get("host"), answer.get("port")
    if answer.get("reason") != NOBODY or not isinstance(asked, str) or not isinstance(port, int):
        return same
    here = _addresses(asked, host)
    if here is None:
        return same
    found = sorted(host.listening_on(port), key=is_loopback)
    # On a bridge network, 127.0.0.1 is the container's own.
    inside = environment.backend_network == "bridge" and is_loopback_url(f"//{_joined(asked, port)}")
    everywhere = any((ip := as_ip(each)) and ip.is_unspecified for each in found)
    if not found or everywhere or (here & set(found) and not inside):
        return same  # it has started since, or a firewall is in between
    place = " inside the backend's container" if inside else ""
    there = " and ".join(_joined(each, port) for each in found)
    return same | {
        "reason": OTHER_ADDRESS,
        "detail": f"Nothing answers at {_joined(asked, port)}{place}, but something listens at {there} only.",
        "hint": _hint(asked, found, environment, inside=inside),
    }


def _addresses(asked: str, host: HostReader) -> set[str] | None:
    """Return this machine's addresses that a URL's host stands for, none known for Docker's name; None: another's."""
    if asked == THE_MACHINE:
        return set()
    if asked == "localhost" or asked.endswith(".localhost"):
        return {"127.0.0.1"}
    found = host.addresses_of(asked)
    return set(found) if found and all(host.has_address(each) for each in found) else None


def _hint(asked: str, found: list[str], environment: Environment, *, inside: bool) -> str:
    """Say what helps: another address in the URL, or a server that listens on all of them."""
    no_loopback = environment.models.bundled or environment.network.backend == "bridge"
    usable = next((bracketed(each) for each in found if not (no_loopback and is_loopback(each))), "")
    if inside:
        use = f"use {usable} in the model's URL" if usable else "leave network.backend at auto"
        return f"On a bridge network, {asked} is the backend's own container: {use}."
    if usable:
        return f"Use {usable} in the model's URL, or start the model server with --host 0.0.0.0."
    return f"Start the model server with --host 0.0.0.0: a backend on a bridge network can't reach {found[0]}."


def _joined(host: str, port: int) -> str:
    return f"{bracketed(host)}:{port}"
