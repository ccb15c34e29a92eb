"""Which secrets are none. No message ever holds a value."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from llmchat_deploy.config.wrong import Wrong

if TYPE_CHECKING:
    from llmchat_deploy.secret import Secret

MIN_SECRET_KEY_BYTES = 32
"""RFC 7518, section 3.2: a key of HS256 is at least as long as its hash."""

NEW_KEY_HINT = "Write a random one: openssl rand -hex 32"

PRINTED_IN_THE_GUIDE = frozenset(
    {
        # SECRET_KEY; with one of these anybody who has read the guide can forge an administrator's session
        "your-super-secret-key-here",
        "production-secret-key-xyz123456789",
        "a3f8c7e2b1d9f0e4a6b8c7d2e1f9a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0",
        "openssl rand -hex 32",
        # LLM_API_KEY and the keys of PRESET_MODELS
        "glm432b",
        "codegeex",
        "your-api-key",
        "production-api-key",
        "sk-xxxxxxxxxxxx",
        # the administrator's password
        "Admin@2025",
    }
)
"""Every secret value in the guide, as an example or as a default."""

_PRINTED = frozenset(value.lower() for value in PRINTED_IN_THE_GUIDE)
_PLACEHOLDER = re.compile(
    r"""
    .*\byour[-_ ](own[-_ ])?([a-z]+[-_ ]){0,3}(key|secret|token|password)\b.*   # your-super-secret-key-here
    | my[-_ ](own[-_ ])?([a-z]+[-_ ]){0,3}(key|secret|token|password)   # my_secret_key, but not my-team-key-9f3ab2
    | <.*> | \{\{.*\}\} | \$\{.*\} | \$\(.*\)   # <key>, ${KEY}, $(openssl rand -hex 32)
    | (sk-)?(x{3,}|\*{3,}|\.{3,})   # sk-xxxxxxxxxxxx
    | (change|replace)[-_ ]?(me|this|it).* | .*[-_ ](change|replace)[-_ ]?(me|this)
    | todo | tbd | placeholder | example | dummy | secret | password | key | api[-_]?key | none | null | test
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_WORDS = re.compile(
    r"""super|secret|key|pass|word|wort|admin|root|user|change|this|please|your|default|example|sample|token|jwt|api|auth
    |prod|uction|develop|ment|stag|ing|test|local|host|server|llm|chat|glm|here|random|string|long|very|private|secure
    |qwerty|asdf|letmein|welcome|hello|world|abc|xyz|0123|1234|2345|3456|4567|5678|6789|7890|9876|8765|20[12]\d""",
    re.IGNORECASE | re.VERBOSE,
)
_MIN_DISTINCT = 8
_MIN_UNGUESSABLE = 16


def is_placeholder(secret: Secret) -> bool:
    """Whether the value stands in the guide or stands for one that somebody forgot to fill in."""
    text = secret.reveal().strip()
    return text.lower() in _PRINTED or bool(_PLACEHOLDER.fullmatch(text))


def check_length(secret: Secret) -> Wrong | None:
    """Say whether a ``SECRET_KEY`` is too short."""
    if len(secret) >= MIN_SECRET_KEY_BYTES:
        return None
    return Wrong(f"is {len(secret)} bytes long; at least {MIN_SECRET_KEY_BYTES} are needed", NEW_KEY_HINT)


def check_guessable(secret: Secret) -> Wrong | None:
    """Say whether a ``SECRET_KEY`` that is long enough can be guessed all the same.

    Random keys pass: 16 random bytes or more in any notation. Repetition, counting and common words don't count.
    """
    text = secret.reveal()
    period = next(shift for shift in range(1, len(text) + 1) if text.startswith(text[shift:]))
    if len(set(text)) < _MIN_DISTINCT or period < _MIN_UNGUESSABLE:
        return Wrong("repeats itself and can be guessed", NEW_KEY_HINT)
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(text)]
    if max(steps.count(step) for step in (1, -1)) > len(text) // 2:
        return Wrong("counts up or down and can be guessed", NEW_KEY_HINT)
    unguessable = re.sub(r"[\W_]", "", _WORDS.sub("", text))
    if len(unguessable) < _MIN_UNGUESSABLE:
        return Wrong("is made of common words and can be guessed", NEW_KEY_HINT)
    return None
