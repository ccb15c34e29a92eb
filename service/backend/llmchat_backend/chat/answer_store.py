"""Answers in the database: begun, kept alive, asked to stop, ended, found orphaned.

A running answer names its owner, one process of one slot, and that owner's heartbeat. Two processes share the database
during an update, so nobody touches a running answer of another owner unless its heartbeat has stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from llmchat_backend.chat import attachments, conversations
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import Conversation, Message
from llmchat_backend.errors import RefusedError
from llmchat_backend.usage import meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from llmchat_backend.chat.catalogue import Catalogue, ModelEndpoint
    from llmchat_backend.chat.conversations import StoredMessage
    from llmchat_backend.chat.model_events import Usage

OWNER_DEAD_AFTER = timedelta(seconds=20)


class Status(StrEnum):
    """What became of an answer."""

    RUNNING = "running"
    COMPLETE = "complete"
    ERROR = "error"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Question:
    """What a user sends."""

    content: str
    model_id: str | None = None
    attachment_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A stored question, its answer about to be streamed, and everything said before."""

    conversation_id: str
    title: str
    user_message_id: str
    message_id: str
    endpoint: ModelEndpoint
    history: Sequence[StoredMessage]
    system_prompt: str | None
    parameters: Mapping[str, float]
    title_is_derived: bool

    @property
    def prompt_bytes(self) -> int:
        """The size of all words the model is given."""
        words = (self.system_prompt or "", *(stored.message.content for stored in self.history))
        return sum(len(text.encode()) for text in words)


@dataclass(slots=True)
class Result:
    """An answer as far as it has come."""

    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    status: Status = Status.RUNNING
    finish_reason: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    usage: Usage | None = None

    def tokens(self, prompt_bytes: int) -> tuple[int, int]:
        """Return tokens read and written, estimated where the model server told none."""
        if self.usage is not None:
            return self.usage.prompt_tokens, self.usage.completion_tokens
        return meter.estimate(prompt_bytes, len(self.reasoning) + len(self.content))

    def columns(self) -> dict[str, str | int | None]:
        """Return what is stored of it."""
        return {
            "content": "".join(self.content),
            "reasoning": "".join(self.reasoning),
            "status": self.status.value,
            "finish_reason": self.finish_reason,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "prompt_tokens": self.usage.prompt_tokens if self.usage else None,
            "completion_tokens": self.usage.completion_tokens if self.usage else None,
        }


def begin(  # noqa: PLR0913 - who asks, where, what; who answers, with which models
    session: Session, user_id: str, conversation_id: str, question: Question, *, owner: str, catalogue: Catalogue
) -> Exchange:
    """Store a question and its empty, running answer; raise RefusedError `answer_running` when one is under way."""
    conversation = conversations.get_for_change(session, user_id, conversation_id)
    refuse_while_running(session, conversation_id)
    last = session.scalar(select(func.max(Message.position)).where(Message.conversation_id == conversation_id))
    asked = Message(
        id=new_id(),
        conversation_id=conversation_id,
        position=0 if last is None else last + 1,
        role="user",
        content=question.content,
        created_at=utc_now(),
    )
    session.add(asked)
    session.flush()
    attachments.attach(session, user_id, question.attachment_ids, asked.id)
    return add_answer(session, conversation, asked, question.model_id, owner=owner, catalogue=catalogue)


def refuse_while_running(session: Session, conversation_id: str) -> None:
    """Raise RefusedError `answer_running` when an answer of a conversation is under way."""
    running = select(Message.id).where(Message.conversation_id == conversation_id, Message.status == Status.RUNNING)
    if session.scalar(running.limit(1)) is not None:
        raise RefusedError("answer_running", "An answer is still being written in this conversation.")


def add_answer(  # noqa: PLR0913 - where, to what; who answers, with which model of which
    session: Session,
    conversation: Conversation,
    asked: Message,
    model_id: str | None,
    *,
    owner: str,
    catalogue: Catalogue,
) -> Exchange:
    """Store an empty, running answer right after a question that nothing follows."""
    endpoint = catalogue.find_or_default(model_id, kept=conversation.model_id)
    conversation.model_id = endpoint.id
    history = conversations.messages(session, conversation.id)
    derived = conversations.derived_title(history[0])
    if not conversation.title:
        conversation.title, conversation.indexed = derived, False
    now = utc_now()
    answer = Message(
        id=new_id(),
        conversation_id=conversation.id,
        position=asked.position + 1,
        role="assistant",
        status=Status.RUNNING,
        model_id=endpoint.id,
        owner=owner,
        heartbeat_at=now,
        created_at=now,
    )
    session.add(answer)
    meter.begin(session, conversation.user_id, answer.id, endpoint.id)
    conversation.updated_at = now
    return Exchange(
        conversation_id=conversation.id,
        title=conversation.title,
        user_message_id=asked.id,
        message_id=answer.id,
        endpoint=endpoint,
        history=history,
        system_prompt=conversation.system_prompt,
        parameters=_parameters(conversation),
        title_is_derived=conversation.title == derived,
    )


def _parameters(conversation: Conversation) -> dict[str, float]:
    """Return what the model server is asked for beyond its own defaults."""
    chosen = {name: getattr(conversation, name) for name in ("temperature", "top_p", "max_tokens")}
    return {name: value for name, value in chosen.items() if value is not None}


def beat(session: Session, owner: str, results: Mapping[str, Result]) -> Sequence[str]:
    """Renew the heartbeat of all of an owner's answers at once; save those given; return the ids that may go on.

    An answer that isn't returned was asked to stop, perhaps by the other slot, or its conversation was deleted.
    """
    mine = (Message.owner == owner, Message.status == Status.RUNNING)
    session.execute(update(Message).where(*mine).values(heartbeat_at=utc_now()))
    if results:
        session.execute(
            update(Message.__table__)  # type: ignore[arg-type]  # the table, for one statement with many parameter sets
            .where(Message.__table__.c.id == bindparam("message_id"))
            .values(content=bindparam("text"), reasoning=bindparam("thoughts")),
            [
                {"message_id": message_id, "text": "".join(r.content), "thoughts": "".join(r.reasoning)}
                for message_id, r in results.items()
            ],
        )
    return session.scalars(select(Message.id).where(*mine, Message.stop_requested.is_(False))).all()


def stops(session: Session, owner: str) -> Sequence[str]:
    """Return the ids of an owner's answers that were asked to stop."""
    asked = (Message.owner == owner, Message.status == Status.RUNNING, Message.stop_requested.is_(True))
    return session.scalars(select(Message.id).where(*asked)).all()


def finish(session: Session, message_id: str, result: Result, *, prompt_bytes: int) -> None:
    """Store an answer that has ended, and what it cost; its owner's word counts even if others gave it up."""
    session.execute(update(Message).where(Message.id == message_id).values(**result.columns(), indexed=False))
    read, written = result.tokens(prompt_bytes)
    meter.end(session, message_id, prompt_tokens=read, completion_tokens=written)


def request_stop(session: Session, user_id: str, message_id: str) -> None:
    """Ask whoever owns an answer to stop; raise RefusedError `message_not_found`."""
    message = session.scalar(
        select(Message)
        .join(Conversation)
        .where(Message.id == message_id, Conversation.user_id == user_id, Message.role == "assistant")
    )
    if message is None:
        raise RefusedError("message_not_found", "This answer doesn't exist.")
    message.stop_requested = True


def count_orphans(session: Session) -> int:
    """Count running answers whose owner has stopped beating; a read, so that the usual case writes nothing."""
    return session.scalar(select(func.count()).select_from(Message).where(*_orphaned())) or 0


def recover_orphans(session: Session) -> int:
    """End the answers of dead owners as interrupted; return how many."""
    ended = session.scalars(
        update(Message).where(*_orphaned()).values(status=Status.INTERRUPTED).returning(Message.id)
    ).all()
    return len(ended)


def _orphaned() -> tuple[ColumnElement[bool], ...]:
    return (Message.status == Status.RUNNING, Message.heartbeat_at < utc_now() - OWNER_DEAD_AFTER)
