"""The tool's own authority: it lies in the environment's state folder, readable by its owner only, and nowhere else.

It lies apart from the steps that use it, so that a run without HTTPS imports nothing of it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llmchat_deploy.config.certificate import read_any
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.observed import AcmeStatus, EdgeFiles, ObservedTls
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from llmchat_deploy.host.authority import Pair

AUTHORITY_FILE = "authority.pem"
"""Certificate and private key in one file, so that they are never of two makings."""
_KEY = "-----BEGIN PRIVATE KEY-----"


def authority_certificate(host: HostReader) -> str:
    """Return the certificate of the tool's authority (PEM); empty where none was made."""
    return (host.read_state(AUTHORITY_FILE) or "").partition(_KEY)[0]


def read_or_make_authority(environment: Environment, host: Host) -> Pair:
    """Return the tool's authority, made and kept (0600) where there is none."""
    from llmchat_deploy.host.authority import Pair, new_authority  # noqa: PLC0415 - few runs make certificates

    certificate, key_begins, key = (host.read_state(AUTHORITY_FILE) or "").partition(_KEY)
    if key_begins and read_any(certificate):
        return Pair(certificate, Secret(key_begins + key))
    made = new_authority(f"LLM Chat {environment.project}", host.now())
    host.write_state(AUTHORITY_FILE, made.certificate + made.key.reveal(), mode=0o600)
    return made


def observe_tls(environment: Environment, host: HostReader, edge: EdgeFiles) -> ObservedTls:
    """Return the facts of the certificate that the edge has; nothing without HTTPS, which then costs nothing."""
    if not environment.has_tls:
        return ObservedTls()
    authority = read_any(authority_certificate(host))
    return ObservedTls(
        certificate=read_any(edge.chain or ""),
        authority=authority.fingerprint if authority else "",
        acme=acme_status(edge.acme),
        now=datetime.fromtimestamp(host.now(), UTC),
    )


def acme_status(text: str | None) -> AcmeStatus | None:
    """Return what the container that gets certificates wrote down; None where it is nothing that can be read."""
    try:
        told = json.loads(text or "")
        error, next_try = str(told["error"]), float(told["next"])
        return AcmeStatus(at=float(told["at"]), ok=bool(told["ok"]), error=error, next=next_try)
    except (ValueError, TypeError, KeyError):
        return None
