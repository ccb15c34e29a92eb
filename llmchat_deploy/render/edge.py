"""What the edge's configuration says about HTTPS, and where its certificate lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.filters import bracketed
from llmchat_deploy.render.origins import HTTPS_PORT

EDGE_FOLDER = "/etc/llmchat-edge"
CHAIN_FILE = "certificate.pem"
"""The certificate without its key, for everybody who looks."""
ACME_FILE = "acme.json"
"""What the container that gets certificates did last."""
PEM_FILE = "tls/tls.pem"
"""Key and chain; in a folder of its own, because the tool reads the files beside the configuration and not that one."""


def edge_tls(environment: Environment) -> Mapping[str, Any] | None:
    """Return what the template of the edge's configuration needs for HTTPS, None without it."""
    if not environment.has_tls:
        return None
    port = environment.server.https_port
    # A public certificate is for the name; the tool's own authority signs for all of them.
    names = environment.names if environment.tls.mode == "internal" else environment.names[:1]
    return {
        "file": f"{EDGE_FOLDER}/{PEM_FILE}",
        "hosts": tuple(bracketed(name).lower() for name in names),
        "port": "" if port == HTTPS_PORT else f":{port}",
        "acme": environment.tls.mode == "acme",
        "challenges": environment.tls.mode == "acme" and environment.tls.challenge == "http",
        "redirect": environment.tls.redirect,
        "hsts_max_age": environment.tls.hsts_max_age,
    }
