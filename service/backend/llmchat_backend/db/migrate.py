"""Bring the schema to this release's revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

from llmchat_backend.db import revision, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Engine
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
    with sqlite.for_writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def upgrade_unless_ahead(session: Session, engine: Engine) -> tuple[str | None, str | None]:
    """Upgrade and return the revisions before and after; leave the database of a newer release as it is."""
    before = revision.read_revision(session)
    session.rollback()  # no read snapshot may be open while the upgrade writes
    if revision.schema_state(before) is revision.SchemaState.BEHIND:
        upgrade(engine)
    return before, revision.read_revision(session)
