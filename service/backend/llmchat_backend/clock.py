"""The time and the identifiers everything else stores."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a fresh opaque identifier: 32 hexadecimal digits that nobody can guess."""
    return uuid.uuid4().hex
