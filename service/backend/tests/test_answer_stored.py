"""An answer that has been written is stored, also where the database can't be used for a while."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from llmchat_backend.chat import answer as answer_module
from llmchat_backend.chat.answer import Answer
from llmchat_backend.chat.exchange import Status
from sqlalchemy.exc import OperationalError

EXCHANGE: Any = SimpleNamespace(
    conversation_id="c", user_message_id="u", message_id="m", title="", prompt_bytes=1, endpoint=SimpleNamespace(id="e")
)


class Failing:
    """A database that can't be used for so many attempts."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.attempts = 0

    async def write_rows(self, _work: object, *_arguments: object, **_more: object) -> None:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise OperationalError("", {}, Exception("database is locked"))


def save(database: Any, *, ends_after: float | None = None) -> tuple[Answer, str]:
    """Store an answer; return it and the last event."""

    async def run() -> tuple[Answer, str]:
        answer, last_chance = Answer(EXCHANGE), asyncio.Event()
        answer.result.status = Status.COMPLETE
        if ends_after is not None:
            asyncio.get_running_loop().call_later(ends_after, last_chance.set)
        await asyncio.wait_for(answer.save_and_close(database, last_chance), 3)
        said = b"".join([bytes(events) async for events in answer.listen()])
        *_, last = (line for line in said.splitlines() if line.startswith(b"data: "))
        return answer, json.loads(last[6:])["status"]

    return asyncio.run(run())


def test_it_is_tried_until_the_database_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_module, "STORE_AGAIN_SECONDS", 0.01)
    database = Failing(3)
    assert save(database)[1] == "complete"
    assert database.attempts == 4


def test_a_process_that_ends_tries_once_more_and_says_that_it_failed() -> None:
    database = Failing(100)
    answer, said = save(database, ends_after=0.1)
    assert (database.attempts, said, answer.result.error_code) == (2, "error", "storage_failed")
