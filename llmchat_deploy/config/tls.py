"""The settings of HTTPS."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmchat_deploy.config.addresses import as_resolver
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
    """acme: how the name is proved: by an answer at its port 80, or by a TXT record."""
    dns_provider: str = ""
    """acme, dns: who serves the name's zone, as lego calls it, such as ``alidns``; its API makes the TXT record."""
    dns_wait: int = Field(default=60, ge=0, le=200)
    """acme, dns: seconds from the provider's word until its name servers show the record."""
    dns_servers: str = ""
    """acme, dns: resolvers (``address`` or ``address:port``) that know the zone; empty: this machine's."""
    dns_hook: str = ""
    """acme, dns: program that makes (``present``) and removes (``cleanup``) the TXT record, where no provider does."""
    dns_credentials: SecretText = Secret("")
    """acme, dns: the provider's keys, or what the hook finds in its environment: ``NAME=value`` each
    (``ACME_DNS_CREDENTIALS``)."""
    chain: str = ""
    """The text of ``certificate``."""
    private_key: SecretText = Secret("")
    """The text of ``key``."""
    ca_text: str = ""
    """The text of ``ca_bundle``."""
    hook_text: SecretText = Secret("")
    """The text of ``dns_hook``; people write keys into such programs."""

    @property
    def resolvers(self) -> tuple[str, ...]:
        """Return the resolvers that are asked for the zone, each with its port."""
        found = (as_resolver(word) for word in self.dns_servers.replace(",", " ").split())
        return tuple(server for server in found if server)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret that is set, the values of the hook's environment one by one."""
        words = (Secret(word.partition("=")[2]) for word in self.dns_credentials.reveal().split())
        return tuple(word for word in (self.private_key, self.dns_credentials, *words) if word)
