"""A private key in a variable: its own text, or the path of the file that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from llmchat_deploy.config.sources import Sources

BEGIN = "-----BEGIN"


def is_key_text(value: Secret) -> bool:
    """Whether a value is the text of a key and no path."""
    return value.reveal().lstrip().startswith(BEGIN)


def key_text(value: Secret, sources: Sources) -> Secret:
    """Return the text of a key that is known to be right; it travels in an encrypted backup, its file doesn't."""
    if is_key_text(value):
        return value
    found = sources.file(value.reveal())
    return Secret(found.text) if found else value
