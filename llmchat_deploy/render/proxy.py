"""The proxy of one's own in front: whom the edge believes, and the configuration that suits the service."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import SplitResult, urlsplit

from llmchat_deploy.config.addresses import is_loopback
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ConfigError
from llmchat_deploy.render.filters import bracketed
from llmchat_deploy.render.jinja import renderer
from llmchat_deploy.render.templates import Templates

NGINX = "nginx.conf.j2"
BODY_MEGABYTES = 21
"""The largest upload that the service takes (20 MB, ``llmchat_backend.chat.attachments``) and its wrapping."""
SPARE_SECONDS = 90
"""What the proxy waits longer than a model may be silent; the edge waits 60 s longer: it is the edge that ends it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Paths of the proxy's certificate chain and of its key, as the proxy sees them."""

    chain: str
    key: str


@dataclass(frozen=True, slots=True)
class Site:
    """One name that the proxy serves, and the port of the edge behind it."""

    names: tuple[str, ...]
    https: bool
    port: int
    """Where the proxy listens."""
    upstream: str


def trusted_sources(environment: Environment) -> str:
    """Return the condition by which HAProxy knows a trusted proxy; empty where there is none.

    Through a port that is published on loopback only this machine comes, and all of it with the address of Docker's
    gateway, which nobody knows beforehand: whoever gets in is the proxy.
    """
    server = environment.server
    if is_loopback(server.bind) and any(ip_network(proxy).is_loopback for proxy in server.proxies):
        return "always_true"
    return f"src {' '.join(server.proxies)}" if server.proxies else ""


def sites(environment: Environment) -> tuple[Site, ...]:
    """Return what the proxy serves: the page, and the API where it has a host of its own; raises ConfigError."""
    server = environment.server
    if not server.web_url:
        raise ConfigError(
            f"'{environment.name}' doesn't say at which URL the proxy serves the page.",
            hint=f"Write it into .env.{environment.name}, such as PUBLIC_URL=https://chat.example.com",
        )
    web = urlsplit(server.web_url)
    found = [_site(web, f"{_host(server.bind)}:{server.web_port}", server.addresses)]
    api = urlsplit(server.api_url)
    if server.api_url and api.netloc != web.netloc:
        found.append(_site(api, f"{_host(server.bind)}:{server.api_port}", ()))
    return tuple(found)


def nginx(environment: Environment, templates: Templates, certificate: Certificate | None = None) -> str:
    """Render the configuration of an nginx in front: a file for ``/etc/nginx/conf.d``."""
    found = sites(environment)
    name = urlsplit(environment.server.web_url).hostname or ""
    default = Certificate(f"/etc/letsencrypt/live/{name}/fullchain.pem", f"/etc/letsencrypt/live/{name}/privkey.pem")
    return renderer(templates).render(
        NGINX,
        project=environment.project,
        name=environment.name,
        sites=found,
        certificate=certificate or default,
        body=BODY_MEGABYTES,
        timeout=environment.models.idle_timeout + SPARE_SECONDS,
    )


def _site(url: SplitResult, upstream: str, also: tuple[str, ...]) -> Site:
    https = url.scheme == "https"
    names = dict.fromkeys(bracketed(name) for name in (url.hostname or "", *(() if https else also)))
    return Site(tuple(names), https, url.port or (443 if https else 80), upstream)


def _host(bind: str) -> str:
    if bind == "0.0.0.0":  # noqa: S104 - a comparison
        return "127.0.0.1"
    return bracketed("::1" if bind == "::" else bind)
