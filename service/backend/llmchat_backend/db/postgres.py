"""Everything that is true of PostgreSQL only. The service is deployed with SQLite; its queries are held to both."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import sqlalchemy

from llmchat_backend.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEME = "postgresql://"

# Any number of our own. Whoever writes holds it, so that what is checked still holds when it is stored, as in SQLite.
BEGIN_TO_WRITE = f"SELECT pg_advisory_xact_lock({0x6C6C6D63})"


def create_engine(url: str, *, pool_size: int) -> Engine:
    """Return an engine for `postgresql://…`; raise ConfigurationError where its driver isn't installed."""
    if find_spec("psycopg") is None:
        raise ConfigurationError("DATABASE_URL: PostgreSQL needs the package psycopg, which isn't installed")
    return sqlalchemy.create_engine(
        url.replace(SCHEME, "postgresql+psycopg://", 1),
        hide_parameters=True,  # they are what users wrote, and errors end in the log
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
    )
