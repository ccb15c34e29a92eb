"""Addresses and ports."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from llmchat_deploy.config import addresses
from llmchat_deploy.config.rules.common import apply, missing
from llmchat_deploy.config.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.errors import Problem

PLACEHOLDER = "YOUR_SERVER_IP"
"""What the guide writes where the server's address belongs."""
API_URL_EXAMPLE = "http://192.168.1.100:8000"


def check_server(draft: Draft, environment: str) -> Iterator[Problem]:
    """Yield what is wrong with where the service is reached."""
    yield from apply(draft.setting("server", "bind"), addresses.check_bind)
    if draft.text("server", "address"):
        yield from apply(draft.setting("server", "address"), check_server_address)
    elif not addresses.is_loopback(draft.text("server", "bind")):
        hint = "Write the IP address or host name that users type, such as SERVER_IP=192.168.1.100."
        yield from missing(draft, ("server", "address"), environment, "SERVER_IP", hint)
    yield from apply(draft.setting("server", "old_addresses"), _check_addresses)
    if draft.text("server", "api_url"):
        yield from apply(draft.setting("server", "api_url"), _check_api_url)
    if draft.text("server", "web_url"):
        yield from apply(draft.setting("server", "web_url"), _check_api_url)
    yield from _check_proxies(draft)
    yield from _check_ports_differ(draft)
    yield from _check_metrics_port(draft)


def _check_proxies(draft: Draft) -> Iterator[Problem]:
    setting = draft.setting("server", "trusted_proxies")
    if setting is None:
        return
    for proxy in str(setting.value).replace(",", " ").split():
        try:
            network = ip_network(proxy)
        except ValueError:
            hint = "Write IP addresses or networks, such as 127.0.0.1 or 10.0.0.0/24."
            yield setting.problem(f"{proxy!r} is neither an IP address nor a network", hint)
            continue
        if network.is_loopback and not addresses.is_loopback(draft.text("server", "bind")):
            # Through a published port this machine's own connections look like everybody's that Docker masks.
            hint = "Write HOST=127.0.0.1, so that only this machine's proxy gets in, or leave the proxy out."
            yield setting.problem(f"trusts {proxy}, but not only this machine reaches the ports", hint)


def _check_ports_differ(draft: Draft) -> Iterator[Problem]:
    web, api = ("server", "web_port"), ("server", "api_port")
    if draft.number(*web) != draft.number(*api) or draft.is_broken(*web) or draft.is_broken(*api):
        return
    later = draft.setting(*max(web, api, key=lambda path: draft.rank(*path)))
    if later:
        hint = "Give the page (FRONTEND_PORT) and the API (PORT) a port each."
        yield later.problem(f"is {later.value}, the port of the page and of the API", hint)


def _check_metrics_port(draft: Draft) -> Iterator[Problem]:
    setting = draft.setting("server", "metrics_port")
    if setting is None or not setting.value or draft.is_broken("server", "metrics_port"):
        return
    others = ("web_port", "api_port", *(("http_port", "https_port") if draft.text("tls", "mode") != "off" else ()))
    for other in others:
        if draft.number("server", other) == setting.value:
            yield setting.problem(f"is {setting.value}, which is server.{other}", "Give it a port of its own, or 0.")


def check_server_address(text: str) -> Wrong | None:
    """Say what is wrong with the address of the server."""
    if text.upper() == PLACEHOLDER:
        return Wrong("is still the guide's placeholder", "Write this server's IP address or host name.")
    return addresses.check_address(text)


def _check_addresses(text: str) -> Wrong | None:
    return next(filter(None, map(check_server_address, text.replace(",", " ").split())), None)


def _check_api_url(text: str) -> Wrong | None:
    if PLACEHOLDER in text.upper():
        return Wrong("is still the guide's placeholder", f"Write the server's address, such as {API_URL_EXAMPLE}")
    url = addresses.check_url(text, example=API_URL_EXAMPLE)
    if isinstance(url, Wrong):
        return url
    if url.username is not None or url.query or url.path.strip("/"):
        host = url.netloc.rpartition("@")[2]
        return Wrong("is more than scheme, host and port", f"Write {url.scheme}://{host}")
    return None
