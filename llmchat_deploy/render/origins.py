"""Where pages are opened from: the addresses that browsers and the API are told of."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.filters import bracketed

HTTP_PORT = 80
HTTPS_PORT = 443


def allowed_origins(environment: Environment) -> tuple[str, ...]:
    """Return the origins that may call the API from another address: the page's own, with an explicit API URL."""
    server = environment.server
    if not server.api_url:
        return ()
    proxied = (server.web_url,) if server.web_url else ()
    if environment.has_tls:
        return (*proxied, *(https_origin(environment, name) for name in environment.names))
    port = "" if server.web_port == HTTP_PORT else f":{server.web_port}"  # browsers leave the usual port out
    return (*proxied, *(f"http://{bracketed(address)}{port}" for address in server.addresses))


def https_origin(environment: Environment, host: str) -> str:
    """Return the address of the page with HTTPS at ``host``, without the port that is usual."""
    port = environment.server.https_port
    return f"https://{bracketed(host)}" + ("" if port == HTTPS_PORT else f":{port}")
