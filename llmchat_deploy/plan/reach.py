"""Under which addresses the service is reached, and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from llmchat_deploy.config.model import METRICS_ADDRESS, Environment, Server
from llmchat_deploy.render.filters import bracketed
from llmchat_deploy.render.origins import https_origin

_PUBLISHED = re.compile(r'^ *- "(?P<bind>[^"]+):(?P<port>\d+):(?P<inside>\d+)"$', re.MULTILINE)
"""A published port in the edge's Compose file, as ``render.filters.publish`` writes it."""


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses people type."""

    web: str
    api: str
    docs: str


def public_urls(environment: Environment) -> Urls:
    """Return the addresses to hand to users; without ``server.address``, those of this machine."""
    server = environment.server
    if server.web_url:
        api = server.api_url or server.web_url
        return Urls(web=server.web_url, api=api, docs=f"{api}/docs")
    if environment.has_tls:
        web = https_origin(environment, server.domain or server.address or _local_host(server.bind))
        api = server.api_url.rstrip("/") or web
        return Urls(web=web, api=api, docs=f"{api}/docs")
    host = bracketed(server.address or _local_host(server.bind))
    api = server.api_url.rstrip("/") or f"http://{host}:{server.api_port}"
    return Urls(web=f"http://{host}:{server.web_port}", api=api, docs=f"{api}/docs")


def local_urls(environment: Environment) -> tuple[str, ...]:
    """Return what is asked, on this machine, to know that page and API answer through the edge."""
    server = environment.server
    if environment.has_tls:
        web = https_origin(environment, _local_host(server.bind))
        return (f"{web}/auth", f"{web}/health/ready")
    host = bracketed(_local_host(server.bind))
    return (f"http://{host}:{server.web_port}/auth", f"http://{host}:{server.api_port}/health/ready")


def published_urls(edge_compose: str) -> tuple[str, ...]:
    """Return what :func:`local_urls` does, of an edge as it was started, whatever the configuration says by now."""
    ports = {found["inside"]: (found["bind"], found["port"]) for found in _PUBLISHED.finditer(edge_compose)}
    scheme, web, api = ("https", "8443", "8443") if "8443" in ports else ("http", "3000", "8000")
    paths = ((web, "/auth"), (api, "/health/ready"))
    return tuple(_local_url(scheme, *ports[inside], path) for inside, path in paths if inside in ports)


def _local_url(scheme: str, bind: str, port: str, path: str) -> str:
    return f"{scheme}://{bracketed(_local_host(bind.strip('[]')))}:{port}{path}"


def reach_notes(environment: Environment) -> tuple[str, ...]:
    """Say what is open to whom. Ports that Docker publishes bypass ufw, so a person must know."""
    server = environment.server
    ports = f"Ports {server.web_port} (page) and {server.api_port} (API)"
    if environment.has_tls:
        ports = f"Ports {server.https_port} (https), {server.http_port}, {server.web_port} and {server.api_port} (http)"
    metrics = f"Port {server.metrics_port} (metrics) is open to this machine only ({METRICS_ADDRESS})."
    return (_reach(server, ports), *((metrics,) if server.metrics_port else ()))


def _reach(server: Server, ports: str) -> str:
    if _is(server.bind, "is_loopback"):
        return f"{ports} are open to this machine only ({server.bind})."
    everybody = "this machine" if _is(server.bind, "is_unspecified") else server.bind
    return f"{ports} are open to everybody who reaches {everybody}; ufw doesn't filter them."


def _local_host(bind: str) -> str:
    if not _is(bind, "is_unspecified"):
        return bind
    return "::1" if ":" in bind else "127.0.0.1"


def _is(address: str, quality: str) -> bool:
    try:
        return bool(getattr(ip_address(address), quality))
    except ValueError:
        return False
