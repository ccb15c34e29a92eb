"""Bring the schema to this release's revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from llmchat_backend.db import revision
from llmchat_backend.db.transaction import writing
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session


def alembic_config() -> Config:
    """Return Alembic's configuration without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine) -> None:
    """Run every missing revision in one transaction: killed anywhere, it has happened or it hasn't."""
    config = alembic_config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _note_offline(connection)


def upgrade_unless_ahead(session: Session, engine: Engine) -> tuple[str | None, str | None]:
    """Upgrade and return the revisions before and after; leave the database of a newer release as it is.

    Raises RefusedError where this release couldn't work with that one.
    """
    before, state = revision.read_revision(session), revision.read_state(session)
    session.rollback()  # no read snapshot may be open while the upgrade writes
    if state is revision.SchemaState.BEYOND:
        raise RefusedError(
            "schema_beyond",
            f"The database is at revision {before}: a newer release took away what this one uses, which knows"
            f" {revision.HEAD}.",
        )
    if state is revision.SchemaState.BEHIND:
        upgrade(engine)
    return before, revision.read_revision(session)


def _note_offline(connection: Connection) -> None:
    """Write down which offline revisions the database has been through, for releases that don't know them."""
    if not revision.OFFLINE:
        return
    table = revision.OFFLINE_TABLE
    table.create(connection, checkfirst=True)
    known = set(connection.execute(select(table.c.revision)).scalars())
    for name in sorted(set(revision.OFFLINE) - known):
        connection.execute(insert(table).values(revision=name))
