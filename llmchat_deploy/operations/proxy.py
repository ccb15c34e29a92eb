"""The configuration of a proxy of one's own in front of the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llmchat_deploy.config.addresses import is_loopback
from llmchat_deploy.config.model import Environment
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.render import proxy
from llmchat_deploy.render.proxy import Certificate
from llmchat_deploy.render.templates import Templates


@dataclass(frozen=True, slots=True)
class ProxyData:
    """The configuration, the file it was written to (None: only shown), and what is left to do."""

    environment: str
    text: str
    file: str | None
    next_steps: tuple[str, ...] = ()


def nginx(
    environment: Environment,
    templates: Templates,
    *,
    certificate: Certificate | None = None,
    out: str | None = None,
    write: Callable[[str], None],
) -> Outcome[ProxyData]:
    """Render an nginx's configuration, and write it where ``out`` says; raises ConfigError without ``PUBLIC_URL``."""
    text = proxy.nginx(environment, templates, certificate)
    if out:
        write(text)
    steps = (f"nginx -t && nginx -s reload, with {out or 'it'} in /etc/nginx/conf.d/",)
    return Outcome("proxy nginx", ProxyData(environment.name, text, out, steps), warnings=_warnings(environment))


def _warnings(environment: Environment) -> tuple[str, ...]:
    server, found = environment.server, []
    if not is_loopback(server.bind):
        found.append(f"HOST={server.bind}: the ports can be reached past the proxy; HOST=127.0.0.1 closes them.")
    if not server.proxies:
        found.append(
            "TRUSTED_PROXIES is empty: the edge doesn't believe the proxy, so with https logging in is refused, and"
            " all clients look like one. For an nginx on this machine: HOST=127.0.0.1 and TRUSTED_PROXIES=127.0.0.1."
        )
    return tuple(found)
