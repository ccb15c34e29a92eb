"""One answer on its way from the model to the database and to whoever listens."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, assert_never

from llmchat_backend.chat import answer_store, sse
from llmchat_backend.chat.answer_store import Result, Status
from llmchat_backend.chat.broadcast import Broadcast
from llmchat_backend.chat.model_events import Finished, Reasoning, Token, Usage
from llmchat_backend.chat.upstream_errors import UpstreamError, bad_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmchat_backend.chat.answer_store import Exchange
    from llmchat_backend.chat.model_events import ModelEvent
    from llmchat_backend.chat.upstream import Upstream
    from llmchat_backend.db.engine import Database

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 4_000_000  # a model that repeats itself for ever must not fill the memory


class Answer:
    """Reads the model, tells the listeners, keeps the text. Knows nothing of the browser that asked."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.result = Result()
        self.broadcast = Broadcast()
        self.unsaved = False
        self.stop_requested = False
        self._size = 0
        self._began = time.monotonic()
        self._first_word_ms: int | None = None
        self.broadcast.publish(
            sse.encode(
                "start",
                {
                    "conversation_id": exchange.conversation_id,
                    "user_message_id": exchange.user_message_id,
                    "message_id": exchange.message_id,
                    "title": exchange.title,
                },
            )
        )

    async def write(self, upstream: Upstream, prompt: Sequence[dict[str, Any]]) -> None:
        """Stream the model's answer; an error of the server ends it as an event, never as a cut."""
        try:
            async for event in upstream.stream(self.exchange.endpoint, prompt):
                self._take(event)
        except UpstreamError as error:
            # Whoever said "finished" has finished, however badly the connection ended after that.
            if self.result.finish_reason is None:
                self.fail(error)
        if self.result.status is Status.RUNNING:
            self.result.status = Status.COMPLETE

    def fail(self, error: UpstreamError) -> None:
        """End with an error event."""
        self.result.status = Status.ERROR
        self.result.error_code = error.code
        self._publish("error", {"code": error.code, "message": error.message, "retryable": error.retryable})

    async def save_and_close(self, database: Database) -> None:
        """Store the answer, then say `done`: a page that reloads on `done` finds it complete."""
        try:
            await database.write(answer_store.finish, self.exchange.message_id, self.result)
        except Exception:
            logger.exception("answer not stored", extra={"message_id": self.exchange.message_id})
            if self.result.status is not Status.ERROR:
                self.fail(UpstreamError("storage_failed", "The answer could not be stored.", retryable=True))
        self._publish(
            "done",
            {
                "message_id": self.exchange.message_id,
                "status": self.result.status,
                "finish_reason": self.result.finish_reason,
            },
        )
        self.broadcast.close()
        self._log()

    def _take(self, event: ModelEvent) -> None:
        match event:
            case Token(text):
                self._grow(self.result.content, text)
                self._publish("token", {"text": text})
            case Reasoning(text):
                self._grow(self.result.reasoning, text)
                self._publish("reasoning", {"text": text})
            case Usage():
                self.result.usage = event
                self._publish(
                    "usage",
                    {"prompt_tokens": event.prompt_tokens, "completion_tokens": event.completion_tokens},
                )
            case Finished(reason):
                self.result.finish_reason = reason
            case _:
                assert_never(event)

    def _grow(self, parts: list[str], text: str) -> None:
        if self._first_word_ms is None:
            self._first_word_ms = self._elapsed_ms()
        self._size += len(text)
        if self._size > MAX_CHARACTERS:
            raise bad_answer("too long")
        parts.append(text)
        self.unsaved = True

    def _publish(self, event: str, data: dict[str, object]) -> None:
        self.broadcast.publish(sse.encode(event, data))

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)

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
