"""Uploaded files: a row in the database, the bytes under DATA_DIR/attachments/<2 hex>/<random id>."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from llmchat_backend.chat.media import SAFE_IMAGES, media_type_of
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import Attachment
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

MAX_BYTES = 20 * 1024 * 1024
MAX_PER_MESSAGE = 10
MAX_TEXT_BYTES = 1024 * 1024
"""Of all text files of a message: some 300,000 tokens, more than most models read."""

_MAX_FILENAME = 255
_FILE = re.compile(r"(?P<id>[0-9a-f]{32})(?P<unfinished>\.part)?")


@dataclass(frozen=True, slots=True)
class AttachmentFiles:
    """The bytes of attachments on the data volume; its methods block."""

    folder: Path

    def path(self, attachment_id: str) -> Path:
        """Return where a file lies; ids are ours, so they make no way out of the folder."""
        return self.folder / attachment_id[:2] / attachment_id

    def write(self, attachment_id: str, content: bytes) -> None:
        """Write a file that is there whole or not at all."""
        path = self.path(attachment_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        try:
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def read(self, attachment_id: str) -> bytes:
        """Return a file's bytes."""
        return self.path(attachment_id).read_bytes()

    def folders(self) -> list[Path]:
        """Return the folders that files lie in."""
        return sorted(path for path in self.folder.glob("[0-9a-f][0-9a-f]") if path.is_dir())

    def older_than(self, folder: Path, before: datetime) -> list[str]:
        """Return the ids of the files in one folder that were written before then; unfinished ones are removed."""
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                name = _FILE.fullmatch(entry.name)
                try:
                    if name is None or entry.stat(follow_symlinks=False).st_mtime >= before.timestamp():
                        continue
                    if name["unfinished"]:
                        (folder / entry.name).unlink()
                    else:
                        found.append(name["id"])
                except FileNotFoundError:  # the other slot was faster
                    continue
        return found

    def remove(self, attachment_ids: Iterable[str]) -> None:
        """Remove files whose rows are gone."""
        for attachment_id in attachment_ids:
            self.path(attachment_id).unlink(missing_ok=True)


def describe(user_id: str, filename: str, declared_type: str | None, content: bytes) -> Attachment:
    """Return the row of a new file; raise RefusedError for what no model can read.

    Codes: `unsupported_media_type`, `text_too_large`.
    """
    media_type = media_type_of(content, declared_type)
    if media_type is None:
        raise RefusedError("unsupported_media_type", "Only texts and PNG, JPEG, GIF or WebP images can be attached.")
    if media_type not in SAFE_IMAGES and len(content) > MAX_TEXT_BYTES:
        raise RefusedError("text_too_large", "A text file must not be larger than 1 MB.")
    return Attachment(
        id=new_id(),
        user_id=user_id,
        filename=_clean_filename(filename),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=utc_now(),
    )


def add(session: Session, attachment: Attachment) -> None:
    """Record a file that was written, as a copy: what was stored once and undone would not be stored again."""
    session.merge(attachment)


def find(session: Session, user_id: str, attachment_id: str) -> Attachment | None:
    """Return an attachment of this user."""
    return session.scalar(select(Attachment).where(Attachment.id == attachment_id, Attachment.user_id == user_id))


def attach(connection: Connection, user_id: str, attachment_ids: Sequence[str], message_id: str) -> None:
    """Give uploaded files to a message; raise RefusedError `unknown_attachment` for another's or sent ones.

    Also `attachments_too_large` when they are too large together.
    """
    if not attachment_ids:
        return
    given = connection.execute(
        update(Attachment)
        .where(
            Attachment.id.in_(attachment_ids),
            Attachment.user_id == user_id,
            Attachment.message_id.is_(None),
        )
        .values(message_id=message_id)
        .returning(Attachment.media_type, Attachment.size)
    ).all()
    if len(given) != len(attachment_ids):
        raise RefusedError("unknown_attachment", "An attachment doesn't exist or was already sent.")
    texts = sum(size for media_type, size in given if media_type not in SAFE_IMAGES)
    if texts > MAX_TEXT_BYTES or sum(size for _, size in given) > MAX_BYTES:
        raise RefusedError(
            "attachments_too_large", "The files of a message must not be larger than 20 MB together, texts 1 MB."
        )


def forget_unsent(session: Session, before: datetime, limit: int) -> Sequence[str]:
    """Remove rows that were uploaded before then and never sent, at most that many; return their ids."""
    ids = session.scalars(
        select(Attachment.id).where(Attachment.message_id.is_(None), Attachment.created_at < before).limit(limit)
    ).all()
    if ids:
        session.execute(delete(Attachment).where(Attachment.id.in_(ids)))
    return ids


def known(session: Session, attachment_ids: Sequence[str]) -> set[str]:
    """Return those of the ids that have a row."""
    return set(session.scalars(select(Attachment.id).where(Attachment.id.in_(attachment_ids))))


def _clean_filename(filename: str) -> str:
    """Keep the last part of a path, printable; it is shown and sent in a header, never used as a path."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(character if character.isprintable() else "_" for character in name)
    return name[-_MAX_FILENAME:] or "file"
