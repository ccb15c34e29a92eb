"""Nothing touches tables that aren't there yet: the service waits for `migrate`, it never migrates by itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llmchat_backend.db.revision import HEAD, SchemaState, read_revision, read_state

if TYPE_CHECKING:
    from llmchat_backend.db.engine import Database

logger = logging.getLogger(__name__)


class SchemaGate:
    """Closed until this release can work with the schema, its own or a newer one; then open for good, at no cost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = False
        self._told: object = ()

    async def is_open(self) -> bool:
        """Tell whether the tables can be used; look again while they can't."""
        if not self._open:
            revision = await self._database.read(read_revision)
            state = await self._database.read(read_state)
            self._open = state in (SchemaState.CURRENT, SchemaState.AHEAD)
            if revision != self._told:
                self._told = revision
                self._tell(state, revision)
        return self._open

    @staticmethod
    def _tell(state: SchemaState, revision: str | None) -> None:
        found = {"revision": revision, "needed": HEAD}
        if state is SchemaState.BEHIND:
            logger.error("the database is not migrated: run `llmchat-backend migrate`", extra=found)
        elif state is SchemaState.BEYOND:
            logger.error("a newer release changed the database so that this one can't use it", extra=found)
        elif state is SchemaState.AHEAD:
            logger.warning("the database was migrated by a newer release", extra=found)
