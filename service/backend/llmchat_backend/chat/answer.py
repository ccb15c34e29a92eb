"""One answer on its way from the model to the database and to whoever listens."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, assert_never

from sqlalchemy.exc import OperationalError

from llmchat_backend.chat import answer_events, answer_store
from llmchat_backend.chat.broadcast import Broadcast
from llmchat_backend.chat.cursor import Cursor
from llmchat_backend.chat.exchange import Result, Status
from llmchat_backend.chat.model_events import Finished, Reasoning, Token, Usage
from llmchat_backend.chat.upstream_errors import UpstreamError, bad_answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from llmchat_backend.chat.exchange import Exchange
    from llmchat_backend.chat.model_events import ModelEvent
    from llmchat_backend.chat.model_health import ModelHealth
    from llmchat_backend.chat.upstream import Upstream
    from llmchat_backend.db.engine import Database
    from llmchat_backend.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

STORE_AGAIN_SECONDS = 5
MAX_CHARACTERS = 4_000_000  # a model that repeats itself for ever must not fill the memory


class Answer:
    """Reads the model, tells the listeners, keeps the text. Knows nothing of the browser that asked."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.result = Result()
        self.broadcast = Broadcast()
        self.unsaved = False
        self.stop_requested = False
        self._at = Cursor()
        self._told = 0
        self._began = time.monotonic()
        self._first_word_ms: int | None = None
        self._error: UpstreamError | None = None
        self.broadcast.publish(answer_events.start(exchange, self._at))

    async def write(self, upstream: Upstream, prompt: Sequence[dict[str, Any]]) -> None:
        """Stream the model's answer; an error of the server ends it as an event, never as a cut."""
        try:
            async for events in upstream.stream(self.exchange.endpoint, prompt, **self.exchange.parameters):
                self._take(events)
        except UpstreamError as error:
            # Whoever said "finished" has finished, however badly the connection ended after that.
            if self.result.finish_reason is None:
                self.fail(error)
        if self.result.status is Status.RUNNING:
            self.result.status = Status.COMPLETE

    def fail(self, error: UpstreamError) -> None:
        """End with an error event."""
        self._error = error
        self.result.status = Status.ERROR
        self.result.error_code = error.code
        self.result.error_message = error.message
        self.broadcast.publish(answer_events.error(error.code, error.message, self._at))

    def listen(self, after: Cursor | None = None) -> AsyncGenerator[bytes]:
        """Yield the events from the first on, or what a reader lacks who has the text up to a cursor."""
        if after is None:
            return self.broadcast.listen()
        thoughts = "".join(self.result.reasoning)[after.reasoning :]
        text = "".join(self.result.content)[after.content :]
        return self.broadcast.listen(answer_events.rest(thoughts, text, after)[0], skip=self._told)

    async def save_and_close(self, database: Database, last_chance: asyncio.Event) -> None:
        """Store the answer, then say `done`: a page that reloads on `done` finds it complete.

        Where the database can't be used, try again and again; once more after `last_chance`, when the process ends.
        """
        try:
            while not await self._is_stored(database, give_up=last_chance.is_set()):
                with suppress(TimeoutError):
                    await asyncio.wait_for(last_chance.wait(), STORE_AGAIN_SECONDS)
        except Exception:
            logger.exception("answer not stored", extra={"message_id": self.exchange.message_id})
            if self.result.status is not Status.ERROR:
                self.fail(UpstreamError("storage_failed", "The answer could not be stored."))
        result = self.result
        self.broadcast.publish(
            answer_events.done(self.exchange.message_id, result.status, result.finish_reason, self._at)
        )
        self.broadcast.close()
        self._log()

    async def _is_stored(self, database: Database, *, give_up: bool) -> bool:
        """Try to store the answer; with `give_up` raise OperationalError where the database can't be used."""
        try:
            await database.write_rows(
                answer_store.finish, self.exchange.message_id, self.result, prompt_bytes=self.exchange.prompt_bytes
            )
        except OperationalError as error:
            if give_up:
                raise
            # The statement holds what was said.
            extra = {"message_id": self.exchange.message_id, "reason": str(error.orig)}
            logger.warning("answer not stored yet", extra=extra)
            return False
        return True

    def _take(self, events: Sequence[ModelEvent]) -> None:
        """Keep what came together, and tell its text in one piece: that costs no more than a single word does."""
        thoughts: list[str] = []
        words: list[str] = []
        usage: Usage | None = None
        for event in events:
            match event:
                case Token(text):
                    words.append(text)
                case Reasoning(text):
                    thoughts.append(text)
                case Usage():
                    usage = event
                case Finished(reason):
                    self.result.finish_reason = reason
                case _:
                    assert_never(event)
        if thoughts:
            text = self._grow(self.result.reasoning, thoughts)
            self._at = self._at.moved(reasoning=len(text))
            self._tell(answer_events.reasoning(text, self._at))
        if words:
            text = self._grow(self.result.content, words)
            self._at = self._at.moved(content=len(text))
            self._tell(answer_events.token(text, self._at))
        if usage is not None:
            self.result.usage = usage
            self.broadcast.publish(answer_events.usage(usage, self._at))

    def _grow(self, parts: list[str], more: list[str]) -> str:
        """Add pieces to what was said or thought so far, and return their text; raise UpstreamError for too much."""
        if self._first_word_ms is None:
            self._first_word_ms = self._elapsed_ms()
        text = "".join(more)
        if self._at.reasoning + self._at.content + len(text) > MAX_CHARACTERS:
            raise bad_answer("too long")
        parts += more
        self.unsaved = True
        return text

    def _tell(self, event: bytes) -> None:
        """Publish a piece of text; whoever comes later gets all text up to here in one piece instead."""
        self.broadcast.publish(event)
        self._told = len(self.broadcast)

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)

    def report(self, metrics: Metrics, health: ModelHealth) -> None:
        """Tell those who keep count how it ended."""
        model, result = self.exchange.endpoint.id, self.result
        health.answer_ended(model, result.status.value, self._error)
        if self._first_word_ms is not None:
            metrics.first_token(model, "page", self._first_word_ms / 1000)
        metrics.answer_ended(
            model,
            "page",
            result.status.value,
            result.error_code,
            seconds=self._elapsed_ms() / 1000,
            tokens=result.tokens(self.exchange.prompt_bytes),
        )

    def _log(self) -> None:
        logger.info(
            "answer ended",
            extra={
                "message_id": self.exchange.message_id,
                "model_id": self.exchange.endpoint.id,
                "status": self.result.status.value,
                "error_code": self.result.error_code,
                "first_word_ms": self._first_word_ms,
                "total_ms": self._elapsed_ms(),
            },
        )
