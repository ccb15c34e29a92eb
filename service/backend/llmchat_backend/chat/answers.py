"""All answers this process is writing: started, stopped, kept alive in the database, finished before it ends."""

from __future__ import annotations

import asyncio
import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING

from llmchat_backend.chat import answer_store, rewrite
from llmchat_backend.chat.answer import Answer
from llmchat_backend.chat.exchange import Status
from llmchat_backend.chat.prompt import build_prompt
from llmchat_backend.chat.upstream_errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_backend.chat.attachments import AttachmentFiles
    from llmchat_backend.chat.catalogue import Catalogue
    from llmchat_backend.chat.exchange import Exchange, Question
    from llmchat_backend.chat.model_health import ModelHealth
    from llmchat_backend.chat.prompt import ChatMessage
    from llmchat_backend.chat.titles import Titles
    from llmchat_backend.chat.upstream import Upstream
    from llmchat_backend.db.engine import Database
    from llmchat_backend.db.gate import SchemaGate
    from llmchat_backend.telemetry.metrics import Metrics
    from llmchat_backend.usage.meter import Meter

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
_SAVE_EVERY = 3  # beats: what a killed process may lose of an answer, in seconds
_LOOK_FOR_ORPHANS_EVERY = 5


class Answers:
    """Owns the tasks. A browser that leaves ends its listening, not the task."""

    def __init__(  # noqa: PLR0913 - what an answer needs
        self,
        database: Database,
        upstream: Upstream,
        catalogue: Catalogue,
        files: AttachmentFiles,
        titles: Titles,
        *,
        meter: Meter,
        metrics: Metrics,
        health: ModelHealth,
        instance: str,
    ) -> None:
        # Unique for each process: a restarted slot must not take the answers of its dead predecessor for its own.
        self.owner = f"{instance}-{secrets.token_hex(8)}"
        self._instance = instance
        self._alone = False
        self._database = database
        self._upstream = upstream
        self._catalogue = catalogue
        self._files = files
        self._titles = titles
        self._meter = meter
        self._metrics = metrics
        self._health = health
        self._running: dict[str, tuple[Answer, asyncio.Task[None]]] = {}
        self._last_chance = asyncio.Event()

    async def start(self, user_id: str, conversation_id: str, question: Question) -> Answer:
        """Store the question and begin to answer it; raises RefusedError as `answer_store.begin` does."""
        return await self._start(self._meter.admitted(answer_store.begin), user_id, conversation_id, question)

    async def start_for_session(self, session_id: str, conversation_id: str, question: Question) -> Answer:
        """Start for whoever holds a log-in session, looked up in the same transaction; raises ApiError 401, 403, too.

        A genuine token whose session has ended costs a writer's turn, where elsewhere a reader refuses it.
        """
        return await self._start(
            self._meter.admitted_session(answer_store.begin), session_id, conversation_id, question
        )

    async def _start(
        self, begin: Callable[..., Exchange], whose: str, conversation_id: str, question: Question
    ) -> Answer:
        exchange = await self._database.write_rows(
            begin, whose, conversation_id, question, owner=self.owner, catalogue=self._catalogue
        )
        return self._begin(exchange)

    async def regenerate(self, user_id: str, message_id: str, model_id: str | None) -> Answer:
        """Begin to answer the last question anew; raises RefusedError as `rewrite.regenerate` does."""
        exchange = await self._database.write(
            self._meter.admitted(rewrite.regenerate),
            user_id,
            message_id,
            model_id,
            owner=self.owner,
            catalogue=self._catalogue,
        )
        return self._begin(exchange)

    async def edit(self, user_id: str, message_id: str, content: str, model_id: str | None) -> Answer:
        """Change a question and begin to answer it; raises RefusedError as `rewrite.edit` does."""
        exchange, attachment_ids = await self._database.write(
            self._meter.admitted(rewrite.edit),
            user_id,
            message_id,
            content,
            model_id,
            owner=self.owner,
            catalogue=self._catalogue,
        )
        answer = self._begin(exchange)
        await asyncio.to_thread(self._files.remove, attachment_ids)
        return answer

    def _begin(self, exchange: Exchange) -> Answer:
        self._titles.make_way(exchange.conversation_id)
        answer = Answer(exchange)
        task = asyncio.create_task(self._write(answer), name=f"answer {exchange.message_id}")
        self._running[exchange.message_id] = (answer, task)
        return answer

    @property
    def running(self) -> tuple[str, ...]:
        """The ids of the answers this process is writing."""
        return tuple(self._running)

    def find(self, message_id: str) -> Answer | None:
        """Return an answer this process is writing."""
        running = self._running.get(message_id)
        return running[0] if running else None

    def stop(self, message_id: str) -> None:
        """Stop an answer at once if it is ours; the other slot's is stopped by its owner's next beat."""
        if (running := self._running.get(message_id)) is not None:
            answer, task = running
            if answer.result.status is Status.RUNNING and not answer.stop_requested:  # else it is being stored
                answer.stop_requested = True
                task.cancel()

    async def _write(self, answer: Answer) -> None:
        try:
            prompt = await self._build_prompt(answer.exchange)
            await answer.write(self._upstream, prompt)
        except asyncio.CancelledError:
            answer.result.status = Status.STOPPED if answer.stop_requested else Status.INTERRUPTED
        except Exception:
            logger.exception("answer failed", extra={"message_id": answer.exchange.message_id})
            answer.fail(UpstreamError("internal_error", "Something went wrong on our side."))
        await answer.save_and_close(self._database, self._last_chance)
        answer.report(self._metrics, self._health)
        del self._running[answer.exchange.message_id]
        self._titles.consider(answer.exchange, answer.result)

    async def _build_prompt(self, exchange: Exchange) -> list[ChatMessage]:
        """Go to a thread only when there are files to read."""
        build = partial(
            build_prompt,
            exchange.history,
            self._files,
            system_prompt=exchange.system_prompt,
            vision=exchange.endpoint.vision,
        )
        if any(said.attachments for said in exchange.history):
            return await asyncio.to_thread(build)
        return build()

    async def keep_alive(self, gate: SchemaGate) -> None:
        """Beat for ever: one small write a second for all answers together, none when there are none."""
        beats = 0
        while True:
            try:
                if await gate.is_open():
                    await self._look_after(beats)
            except Exception:
                logger.exception("heartbeat failed")
            beats += 1
            await asyncio.sleep(BEAT_SECONDS / 2)
            await self._look_for_stops()
            await asyncio.sleep(BEAT_SECONDS / 2)

    async def _look_for_stops(self) -> None:
        """Between two beats, by a read: what the other slot is asked to stop ends within a second."""
        try:
            for message_id in await self._database.read(answer_store.stops, self.owner) if self._running else ():
                self.stop(message_id)
        except Exception:
            logger.exception("looking for stops failed")

    async def _look_after(self, beats: int) -> None:
        if not self._alone:
            await self._end_predecessors()
        if self._running:
            await self._beat(save=beats % _SAVE_EVERY == 0)
        if beats % _LOOK_FOR_ORPHANS_EVERY == 0:
            await self._recover()

    async def _beat(self, *, save: bool) -> None:
        answers = {message_id: answer for message_id, (answer, _) in self._running.items()}
        unsaved = {i: answer.result for i, answer in answers.items() if answer.unsaved} if save else {}
        for message_id in unsaved:
            answers[message_id].unsaved = False
        going_on = set(await self._database.write(answer_store.beat, self.owner, unsaved))
        for message_id, answer in answers.items():
            if message_id not in going_on and answer.result.status is Status.RUNNING:
                self.stop(message_id)

    async def _end_predecessors(self) -> None:
        if ended := await self._database.write(answer_store.end_predecessors, self._instance, self.owner):
            logger.warning("answers of the process before this one ended", extra={"count": ended})
        self._alone = True

    async def _recover(self) -> None:
        if await self._database.read(answer_store.count_orphans):
            recovered = await self._database.write(answer_store.recover_orphans)
            logger.warning("answers of a dead instance ended", extra={"count": recovered})

    async def finish_all(self, timeout_seconds: float) -> None:
        """Let running answers end by themselves, then interrupt the rest; all are stored."""
        if tasks := [task for _, task in self._running.values()]:
            logger.info("waiting for running answers", extra={"count": len(tasks)})
            await asyncio.wait(tasks, timeout=timeout_seconds)
            self._last_chance.set()
            for answer, task in self._running.values():  # those that are late
                if answer.result.status is Status.RUNNING:
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
