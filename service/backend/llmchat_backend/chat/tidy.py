"""Uploads that nobody sent go after a day: their rows, their files, and files that a crash left without a row.

So do conversations in which nothing was ever asked: a first message that a limit refused leaves one.

Both slots do it, on one database and one folder: rows go in a write transaction, in which nobody sends them, and a file
only when no row names it and it is so old that no upload can be about to write one.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from llmchat_backend.chat import attachments, conversations
from llmchat_backend.clock import utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from llmchat_backend.chat.attachments import AttachmentFiles
    from llmchat_backend.db.engine import Database
    from llmchat_backend.db.gate import SchemaGate

KEPT = timedelta(days=1)
EVERY_SECONDS = 6 * 3600
LOOK_AGAIN_SECONDS = 5
"""How often to look whether the database is migrated."""

BATCH = 500
"""Rows of one transaction, and ids of one query: others wait no longer than for a message of theirs."""

logger = logging.getLogger(__name__)


async def keep_tidy(database: Database, gate: SchemaGate, files: AttachmentFiles) -> None:
    """Tidy up at the start, and again and again for ever."""
    while True:
        pause = EVERY_SECONDS
        try:
            if await gate.is_open():
                await tidy(database, files, utc_now() - KEPT)
            else:
                pause = LOOK_AGAIN_SECONDS
        except Exception:
            logger.exception("tidying up failed")
        await asyncio.sleep(pause)


async def tidy(database: Database, files: AttachmentFiles, before: datetime) -> None:
    """Remove what was uploaded or begun before then and never used, and files that belong to nothing."""
    unsent = orphans = unused = 0
    while count := await database.write(conversations.forget_unused, before, BATCH):
        unused += count
    while ids := await database.write(attachments.forget_unsent, before, BATCH):
        await asyncio.to_thread(files.remove, ids)
        unsent += len(ids)
    for folder in await asyncio.to_thread(files.folders):
        old = await asyncio.to_thread(files.older_than, folder, before)
        for start in range(0, len(old), BATCH):
            ids = old[start : start + BATCH]
            lost = set(ids) - await database.read(attachments.known, ids)
            await asyncio.to_thread(files.remove, lost)
            orphans += len(lost)
    if unsent or orphans or unused:
        logger.info("tidied up", extra={"unsent": unsent, "orphans": orphans, "unused": unused})
