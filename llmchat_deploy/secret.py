"""A text that must not be shown."""

from __future__ import annotations

import hashlib
import hmac

MASK = "***"


class Secret:
    """Hold a secret text that prints as ``***``; only the adapter that writes it calls :meth:`reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def fingerprint(self, key: Secret) -> str:
        """Return a digest (hex, SHA-256) that tells two values apart and, without ``key``, nothing else.

        A plain digest of a short secret can be guessed; labels and records hold this one instead.
        """
        return hmac.new(key._text.encode(), self._text.encode(), hashlib.sha256).hexdigest()

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        """Return the length in UTF-8 bytes."""
        return len(self._text.encode())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)


def mask(text: str, secrets: tuple[Secret, ...]) -> str:
    """Return ``text`` with every occurrence of a secret's value replaced by ``***``.

    Values shorter than 4 characters are left alone: masking them would hide the text and not the secret.
    """
    longest_first = sorted({secret.reveal() for secret in secrets}, key=len, reverse=True)
    for value in longest_first:
        if len(value) >= 4:  # noqa: PLR2004 - explained above
            text = text.replace(value, MASK)
    return text
