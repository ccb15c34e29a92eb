"""The settings of HTTPS."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmchat_deploy.config.section import SecretText, Section
from llmchat_deploy.secret import Secret


class Tls(Section):
    """HTTPS, ended by the edge."""

    mode: Literal["off", "own", "internal", "acme"] = "off"
    """``own``: a certificate of one's own. ``internal``: one signed by an authority that the tool makes.
    ``acme``: one of a public authority, got and renewed by a container of the environment."""
    certificate: str = ""
    """own: PEM file with the certificate and those that signed it, in that order."""
    key: str = ""
    """own: PEM file with its private key, without passphrase."""
    redirect: bool = True
    """Send who comes without HTTPS to the address with it."""
    hsts_max_age: int = Field(default=0, ge=0)
    """Seconds for which browsers refuse this name without HTTPS (RFC 6797); 0: they aren't told so."""
    email: str = ""
    """acme: where the authority writes to; empty: an account without address."""
    directory: str = "https://acme-v02.api.letsencrypt.org/directory"
    """acme: URL of the authority's directory (RFC 8555, 7.1.1)."""
    ca_bundle: str = ""
    """acme: PEM file with the authority that the directory's own HTTPS stands on; empty: the public ones."""
    challenge: Literal["http", "dns"] = "http"
    """acme: how the name is proved: by an answer at its port 80, or by a TXT record that ``dns_hook`` makes."""
    dns_hook: str = ""
    """acme, dns: program that makes (``present``) and removes (``cleanup``) the TXT record."""
    dns_credentials: SecretText = Secret("")
    """acme, dns: what the hook finds in its environment, ``NAME=value`` each (``ACME_DNS_CREDENTIALS``)."""
    chain: str = ""
    """The text of ``certificate``."""
    private_key: SecretText = Secret("")
    """The text of ``key``."""
    ca_text: str = ""
    """The text of ``ca_bundle``."""
    hook_text: SecretText = Secret("")
    """The text of ``dns_hook``; people write keys into such programs."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret that is set, the values of the hook's environment one by one."""
        words = (Secret(word.partition("=")[2]) for word in self.dns_credentials.reveal().split())
        return tuple(word for word in (self.private_key, self.dns_credentials, *words) if word)
