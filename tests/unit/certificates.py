"""Certificates for tests, made once a run."""

from __future__ import annotations

from functools import cache

from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.authority import Pair, new_authority, sign
from tests.unit.world import an_environment

NOW = 1_800_000_000.0
"""The clock of the fakes (2027-01-15)."""
DOMAIN = "chat.example.com"


@cache
def authority() -> Pair:
    return new_authority("A test's authority", NOW)


@cache
def pair(*names: str, now: float = NOW) -> Pair:
    return sign(authority(), names or (DOMAIN,), now)


def own(made: Pair, **changes: object) -> Environment:
    """Return an environment with a certificate of its own."""
    return an_environment(
        server__domain=DOMAIN,
        tls__mode="own",
        tls__certificate="/etc/ssl/chat.pem",
        tls__chain=made.certificate,
        tls__private_key=made.key,
        **changes,
    )


def internal(**changes: object) -> Environment:
    return an_environment(tls__mode="internal", **changes)
