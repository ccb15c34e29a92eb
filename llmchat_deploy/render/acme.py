"""What the container that gets certificates by ACME is told: files that only it reads."""

from __future__ import annotations

import json

from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret

SETTINGS_FILE = "acme.json"
HOOK_FILE = "dns-hook"


def acme_files(environment: Environment) -> tuple[RenderedFile, ...]:
    """Return the settings, and with DNS challenges the program that makes the record, where no provider does."""
    tls = environment.tls
    pairs = (word.partition("=") for word in tls.dns_credentials.reveal().split())
    settings: dict[str, object] = {
        "domains": [environment.server.domain.lower().rstrip(".")],
        "email": tls.email,
        "directory": tls.directory,
        "challenge": tls.challenge,
        "ca": tls.ca_text,
        "env": {name: value for name, _, value in pairs},
    }
    if tls.challenge == "dns" and tls.dns_provider:
        settings |= {"provider": tls.dns_provider, "wait": tls.dns_wait, "servers": list(tls.resolvers)}
    texts = [(SETTINGS_FILE, Secret(json.dumps(settings, sort_keys=True)), 0o400)]
    if tls.challenge == "dns" and not tls.dns_provider:
        texts.append((HOOK_FILE, tls.hook_text, 0o500))
    key = environment.secret_key
    return tuple(RenderedFile(path, text, mode, text.fingerprint(key)) for path, text, mode in texts)
