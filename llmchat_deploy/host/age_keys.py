"""Keys of age: pairs of a private and a public text (X25519, c2sp.org/age)."""

from __future__ import annotations

from datetime import UTC, datetime

from pyrage import IdentityError, x25519  # type: ignore[import-untyped]


def new_identity() -> tuple[str, str]:
    """Return a new private key (``AGE-SECRET-KEY-1…``) and its public one (``age1…``)."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def public_of(private: str) -> str:
    """Return the public key of a private one; raises ValueError where it is none."""
    try:
        return str(x25519.Identity.from_str(private).to_public())
    except IdentityError as error:
        raise ValueError("it is no key of age") from error


def timestamp() -> str:
    """Return the time as age's own key files have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
