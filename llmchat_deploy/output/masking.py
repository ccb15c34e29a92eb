"""What may not be shown, whoever says it: known secrets by value, and passwords inside of addresses."""

from __future__ import annotations

import re

from llmchat_deploy.secret import MASK, Secret, mask

_USERINFO = re.compile(r"(://[^/@\s:]*:)[^/@\s]+(?=@)")
"""The password of ``http://user:password@proxy``: people write it into proxies and package indexes."""


def masked(text: str, secrets: tuple[Secret, ...]) -> str:
    """Return ``text`` with every secret's value and every password of an address replaced by ``***``."""
    return _USERINFO.sub(rf"\g<1>{MASK}", mask(text, secrets))
