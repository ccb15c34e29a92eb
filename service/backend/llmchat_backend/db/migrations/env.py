"""Run the revisions on the connection that `db.migrate` opened."""

from __future__ import annotations

from typing import Literal

from alembic import context

from llmchat_backend.db import search  # noqa: F401 - its table belongs to the metadata
from llmchat_backend.db.models import Base, UtcDateTime


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our time type as the plain one: a revision must not depend on code that moves on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render_item,
    transactional_ddl=True,  # Alembic assumes SQLite can't; with our explicit BEGIN it can
)
with context.begin_transaction():
    context.run_migrations()
