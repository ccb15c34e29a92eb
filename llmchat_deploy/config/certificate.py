"""What stands in a certificate, and what keeps a server from using it (RFC 5280, PEM as RFC 7468 writes it).

``cryptography`` is imported inside: only an environment with HTTPS pays for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from llmchat_deploy.config.addresses import as_ip
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

WARN_BEFORE = timedelta(days=21)
"""How long before its end a certificate that a person renews is talked about."""
RSA_BITS = 2048
"""Shorter keys are refused by OpenSSL's security level 2, which Debian sets."""
_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Certificate:
    """The facts of a server's certificate; times are aware, in UTC.

    ``names`` are those it is for: host names (perhaps with ``*.``) and IP addresses as text.
    """

    names: tuple[str, ...]
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    fingerprint: str
    """SHA-256 of the certificate, in hex."""
    issuer_fingerprint: str = ""
    """SHA-256 of the next certificate of the chain, in hex; empty where it stands alone."""

    def covers(self, name: str) -> bool:
        """Whether a browser takes the certificate for ``name``, a host name or an IP address (RFC 6125, 6.4.3)."""
        if address := as_ip(name):
            return any(as_ip(each) == address for each in self.names)
        wanted = name.lower().rstrip(".")
        parent = wanted.partition(".")[2]
        return any(each.lower() in {wanted, f"*.{parent}"} for each in self.names)


def read_certificate(text: str) -> Certificate | Wrong:
    """Return the facts of the first certificate of a chain, or say what is wrong with the chain."""
    chain = _chain(text)
    if isinstance(chain, Wrong):
        return chain
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except Exception:  # noqa: BLE001 - a wrong name, signature or kind of key: each means the same here
            hint = "First the server's certificate, then the one that signed it, and so on: cat server.pem chain.pem"
            return Wrong(f"'{_name(upper)}' comes after '{_name(lower)}' and didn't sign it", hint)
    return _facts(chain)


def read_any(text: str) -> Certificate | None:
    """Return the facts of the first certificate in a text that nobody vouches for, None where there is none."""
    found = read_certificate(text) if text.strip() else None
    return found if isinstance(found, Certificate) else None


def check_key(text: str, key: Secret) -> Wrong | None:
    """Say why a private key isn't the one of the first certificate of ``text``; never a word of the key."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    chain = _chain(text)
    if isinstance(chain, Wrong):
        return None  # said already, at the certificate
    try:
        private = load_pem_private_key(key.reveal().encode(), password=None)
    except TypeError:
        return Wrong("is encrypted with a passphrase", "The edge starts alone: openssl pkey -in key.pem -out plain.pem")
    except Exception:  # noqa: BLE001 - whatever is there, it is no key
        return Wrong("is no private key in PEM", "openssl pkey -in FILE -noout says what it is.")
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size < RSA_BITS:
        return Wrong(f"has {private.key_size} bits, too few", f"At least {RSA_BITS}; better: an EC key (P-256).")
    if _public(private) != _public(chain[0]):
        return Wrong("belongs to another certificate", "Name the key that the certificate was asked for with.")
    return None


def _chain(text: str) -> list[x509.Certificate] | Wrong:
    from cryptography import x509  # noqa: PLC0415

    if "-----BEGIN CERTIFICATE-----" not in text:
        hint = "It begins with -----BEGIN CERTIFICATE-----; openssl x509 -inform der converts other ones."
        return Wrong("holds no certificate in PEM", hint)
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return Wrong("holds a certificate that can't be read", "Is a line missing? openssl x509 -in FILE -noout -text")


def _facts(chain: list[x509.Certificate]) -> Certificate:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    leaf = chain[0]
    return Certificate(
        names=_names(leaf),
        subject=_name(leaf),
        issuer=leaf.issuer.rfc4514_string(),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        issuer_fingerprint=chain[1].fingerprint(hashes.SHA256()).hex() if len(chain) > 1 else "",
    )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415

    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = found.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(address) for address in found.get_values_for_type(x509.IPAddress)))


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"serial {certificate.serial_number:x}"[:_SHOWN]


def _public(holder: x509.Certificate | PrivateKeyTypes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
