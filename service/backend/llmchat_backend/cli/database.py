"""The database, for the length of one command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from llmchat_backend.db.engine import open_database
from llmchat_backend.errors import ConfigurationError
from llmchat_backend.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_backend.db.engine import Database


@contextmanager
def command_database() -> Iterator[Database]:
    """Open the database of `DATA_DIR`; raise ConfigurationError when it can't be used (folder, rights, disk)."""
    where = load_settings().database
    database = open_database(where)
    try:
        yield database
    except OperationalError as error:
        raise ConfigurationError(f"{where}: {error.orig}") from error
    finally:
        database.close()
