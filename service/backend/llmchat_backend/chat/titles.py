"""Titles in the model's words: asked for after the first answer, in the background, one at a time.

Until then, and wherever it doesn't work out, a conversation is named after its first line. Nobody waits for a title:
the call ends when the conversation goes on, and there are none for those that come while too many wait.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from llmchat_backend.chat.exchange import Status
from llmchat_backend.chat.model_events import Reasoning, Token, Usage
from llmchat_backend.chat.upstream_errors import UpstreamError
from llmchat_backend.db.models import Conversation
from llmchat_backend.usage import meter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.chat.exchange import Exchange, Result
    from llmchat_backend.chat.upstream import Upstream
    from llmchat_backend.db.engine import Database

logger = logging.getLogger(__name__)

INSTRUCTION = (
    "Give the conversation below a title of two to six words, in the language of its question. "
    "Answer with the title alone."
)
PARAMETERS = {"temperature": 0.2, "max_tokens": 256}
"""Room for a model that thinks first."""

MAX_SECONDS = 30
MAX_WAITING = 20
MAX_LENGTH = 80
"""Characters; a longer one is an answer, not a title."""

_MAX_QUOTED = 2_000
_MAX_READ = 4_000
_MAX_LINE = 400  # with marks of Markdown and addresses; nothing longer becomes a title
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_LABEL = re.compile(r"^(title|标题|題目|题目)\s*[:\uff1a]\s*", re.IGNORECASE)
_AROUND = " \t\"'`*_#“”「」《》"
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)|(\*\*)(?=\S)(.+?)(?<=\S)\3")
"""Markdown around words; a single mark within one (`2*3`, `a_name`) is none. Chinese has no spaces beside its `**`."""


@dataclass(slots=True)
class _Cost:
    prompt_bytes: int = 0
    pieces: int = 0
    usage: Usage | None = None

    def tokens(self) -> tuple[int, int]:
        if self.usage is not None:
            return self.usage.prompt_tokens, self.usage.completion_tokens
        return meter.estimate(self.prompt_bytes, self.pieces)


@dataclass(frozen=True, slots=True)
class _Untitled:
    conversation_id: str
    title: str
    endpoint: ModelEndpoint
    question: str
    answer: str
    cost: _Cost = field(default_factory=_Cost)


class Titles:
    """The queue of conversations without a title of their own."""

    def __init__(self, database: Database, upstream: Upstream, *, enabled: bool) -> None:
        self._database = database
        self._upstream = upstream
        self._enabled = enabled
        self._waiting: asyncio.Queue[_Untitled] = asyncio.Queue(MAX_WAITING)
        self._now: tuple[str, asyncio.Task[None]] | None = None

    def consider(self, exchange: Exchange, result: Result) -> None:
        """Queue a conversation whose first answer has come, unless somebody has named it."""
        answer = "".join(result.content)
        first = len(exchange.history) == 1 and exchange.title_is_derived
        if not (self._enabled and first and result.status is Status.COMPLETE and answer.strip()):
            return
        question = exchange.history[0].content
        untitled = _Untitled(exchange.conversation_id, exchange.title, exchange.endpoint, question, answer)
        if not self._waiting.full():
            self._waiting.put_nowait(untitled)

    def make_way(self, conversation_id: str) -> None:
        """Let go of the model server when a conversation that is being named goes on."""
        if self._now is not None and self._now[0] == conversation_id:
            self._now[1].cancel()

    async def work(self) -> None:
        """Name conversations for ever; what fails keeps its first line."""
        while True:
            untitled = await self._waiting.get()
            task = asyncio.create_task(self._name(untitled))
            self._now = (untitled.conversation_id, task)
            try:
                await asyncio.wait([task])
            finally:
                self._now = None
                task.cancel()
            await self._count(untitled)

    async def _count(self, untitled: _Untitled) -> None:
        """Count what a title cost as its user's, one that failed or made way, too."""
        if not any(untitled.cost.tokens()):
            return
        try:
            await self._database.write(_count, untitled)
        except Exception:
            logger.exception("tokens of a title not counted")

    async def _name(self, untitled: _Untitled) -> None:
        try:
            async with asyncio.timeout(MAX_SECONDS):
                title = clean(await self._ask(untitled))
            if title:
                await self._database.write(_rename, untitled, title)
        except (UpstreamError, TimeoutError) as error:
            logger.debug("no title", extra={"reason": type(error).__name__})
        except Exception:
            logger.exception("no title")

    async def _ask(self, untitled: _Untitled) -> str:
        conversation = f"Question: {untitled.question[:_MAX_QUOTED]}\n\nAnswer: {untitled.answer[:_MAX_QUOTED]}"
        prompt = [{"role": "user", "content": f"{INSTRUCTION}\n\n{conversation}\n\nTitle:"}]
        said, cost = "", untitled.cost
        cost.prompt_bytes = len(prompt[0]["content"].encode())
        async with aclosing(self._upstream.stream(untitled.endpoint, prompt, **PARAMETERS)) as stream:
            async for events in stream:
                said += "".join(event.text for event in events if isinstance(event, Token))
                cost.pieces += sum(isinstance(event, Token | Reasoning) for event in events)
                cost.usage = next((event for event in events if isinstance(event, Usage)), cost.usage)
                if "\n" in _THOUGHTS.sub("", said).strip() or len(said) > _MAX_READ:
                    break
        return said


def clean(said: str) -> str | None:
    """Return what a model said as a title, None when it is none."""
    text = _THOUGHTS.sub("", said).strip()
    line = " ".join(text.splitlines()[0].split()) if text else ""
    if len(line) > _MAX_LINE:
        return None
    line = _EMPHASIS.sub(lambda found: found[2] or found[4], _LINK.sub(r"\1", line))
    title = _LABEL.sub("", line.strip(_AROUND)).strip(_AROUND).rstrip("。.").strip(_AROUND)
    return title if title.isprintable() and 0 < len(title) <= MAX_LENGTH else None


def _rename(session: Session, untitled: _Untitled, title: str) -> None:
    """Put the title in place of the first line; somebody may have chosen another one meanwhile."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == untitled.conversation_id, Conversation.title == untitled.title)
        .values(title=title, indexed=False)
    )


def _count(session: Session, untitled: _Untitled) -> None:
    read, written = untitled.cost.tokens()
    user_id = session.scalar(select(Conversation.user_id).where(Conversation.id == untitled.conversation_id))
    if user_id is not None:
        rows = session.connection()
        meter.add(rows, user_id, untitled.endpoint.id, prompt_tokens=read, completion_tokens=written)
