"""Uploads that nobody sent: they go after a day, with their files, and nothing else does."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from backend_process import Backend
from client import Client
from conftest import new_user
from llmchat_backend.chat.attachments import AttachmentFiles
from llmchat_backend.chat.tidy import KEPT, tidy
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.db.models import Attachment, Conversation
from sqlalchemy import update

pytestmark = pytest.mark.slow

MakeBackend = Callable[..., Backend]
OLD = KEPT + timedelta(minutes=1)


@pytest.fixture
def first(make_backend: MakeBackend) -> Backend:
    return make_backend("a").start()


@pytest.fixture
def ann(first: Backend) -> Client:
    return new_user(first, "ann")


@pytest.fixture
def database(first: Backend) -> Iterator[Database]:
    database = open_database(first.database)
    yield database
    database.close()


def files_of(backend: Backend) -> AttachmentFiles:
    return AttachmentFiles(backend.folder / "db" / "attachments")


def upload(user: Client, content: bytes = b"notes") -> str:
    return str(user.upload("notes.txt", content, "text/plain").json["id"])


def make_old(database: Database, file: Path, age: timedelta = OLD) -> None:
    """Let an upload be of some time ago."""
    at = utc_now() - age
    os.utime(file, (at.timestamp(), at.timestamp()))
    database.write_now(
        lambda session: session.execute(update(Attachment).where(Attachment.id == file.name).values(created_at=at))
    )


def left(files: AttachmentFiles) -> set[str]:
    return {path.name for path in files.folder.rglob("*") if path.is_file()}


def run_tidy(database: Database, files: AttachmentFiles) -> None:
    asyncio.run(tidy(database, files, utc_now() - KEPT))


def test_what_nobody_sent_for_a_day_goes_and_all_else_stays(first: Backend, ann: Client, database: Database) -> None:
    files = files_of(first)
    sent, unsent, new = (upload(ann, name) for name in (b"sent", b"unsent", b"new"))
    conversation = ann.new_conversation()
    ann.ask(conversation, attachment_ids=[sent])
    for attachment in (sent, unsent):
        make_old(database, files.path(attachment))
    make_old(database, files.path(new), KEPT - timedelta(minutes=1))
    run_tidy(database, files)

    assert left(files) == {sent, new}
    assert ann.get(f"/api/attachments/{unsent}").json["code"] == "attachment_not_found"
    assert ann.get(f"/api/attachments/{sent}").body == b"sent"
    body = {"content": "x", "attachment_ids": [unsent]}
    assert ann.post(f"/api/conversations/{conversation}/messages", body).json["code"] == "unknown_attachment"
    assert ann.ask(conversation, attachment_ids=[new])


def test_files_that_a_crash_left_without_a_row_go_after_a_day(first: Backend, database: Database) -> None:
    files = files_of(first)
    lost, unfinished, fresh = new_id(), f"{new_id()}.part", new_id()
    others = ["notes.txt", "a" * 31, f"{'a' * 32}.txt"]
    for name in (lost, unfinished, fresh, *others):
        path = files.folder / "ab" / name if name in others else files.folder / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        if name != fresh:
            at = (utc_now() - OLD).timestamp()
            os.utime(path, (at, at))
    run_tidy(database, files)

    assert left(files) == {fresh, *others}


def test_without_any_upload_there_is_nothing_to_do(first: Backend, database: Database) -> None:
    run_tidy(database, files_of(first))


def test_a_service_tidies_up_when_it_starts(
    first: Backend, ann: Client, database: Database, make_backend: MakeBackend
) -> None:
    files = files_of(first)
    unsent, new = upload(ann), upload(ann)
    make_old(database, files.path(unsent))
    second = make_backend("b").start()
    until = time.monotonic() + 60
    while unsent in left(files):
        assert time.monotonic() < until, second.log
        time.sleep(0.02)

    assert left(files) == {new}
    assert first.end() == second.end() == 0


def test_two_that_tidy_up_while_files_are_sent_take_none_that_was_sent(
    first: Backend, ann: Client, database: Database
) -> None:
    """Either it is sent, with its file, or it is refused: never a message whose file is gone."""
    files = files_of(first)
    uploads = [upload(ann, b"x") for _ in range(30)]
    for attachment in uploads:
        make_old(database, files.path(attachment))
    others = open_database(first.database), open_database(first.database)
    threads = [threading.Thread(target=run_tidy, args=(other, files)) for other in others]
    sent = []
    for number, attachment in enumerate(uploads):
        body = {"content": "x", "attachment_ids": [attachment]}
        response, connection = ann.open("POST", f"/api/conversations/{ann.new_conversation()}/messages", body)
        if response.status == 200:
            response.read()
            sent.append(attachment)
        connection.close()
        if number == 5:
            for thread in threads:
                thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()

    assert sent[:6] == uploads[:6]
    assert left(files) == set(sent)


def test_a_conversation_in_which_nothing_was_ever_asked_goes_after_a_day(
    first: Backend, ann: Client, database: Database
) -> None:
    empty, young, asked = (ann.new_conversation() for _ in range(3))
    ann.ask(asked)
    kept = [asked]
    for chosen in ({"title": "Mine"}, {"pinned": True}, {"system_prompt": "Be brief."}, {"temperature": 0.0}):
        kept.append(ann.new_conversation())
        ann.request("PATCH", f"/api/conversations/{kept[-1]}", chosen)
    old = update(Conversation).where(Conversation.id != young).values(updated_at=utc_now() - OLD)
    database.write_now(lambda session: session.execute(old))
    run_tidy(database, files_of(first))
    left_over = {item["id"] for item in ann.get("/api/conversations").json["items"]}
    assert left_over == {*kept, young}
    assert ann.get(f"/api/conversations/{empty}").status == 404
