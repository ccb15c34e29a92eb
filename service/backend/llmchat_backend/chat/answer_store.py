"""Answers in the database: begun, kept alive, asked to stop, ended, found orphaned.

A running answer names its owner, one process of one slot, and that owner's heartbeat. Two processes share the database
during an update, so nobody touches a running answer of another owner unless its heartbeat has stopped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, false, func, insert, select, update

from llmchat_backend.chat import attachments, conversations, history
from llmchat_backend.chat.exchange import Exchange, Status
from llmchat_backend.chat.history import Said
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import Conversation, Message, User, table_of
from llmchat_backend.errors import RefusedError
from llmchat_backend.usage import meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row
    from sqlalchemy.orm import Session

    from llmchat_backend.chat.catalogue import Catalogue
    from llmchat_backend.chat.exchange import Question, Result

OWNER_DEAD_AFTER = timedelta(seconds=20)

_CONVERSATIONS, _MESSAGES = table_of(Conversation), table_of(Message)

# What every question needs, built once: putting a statement together costs several times what running it does.
_CONVERSATION = (
    select(*_CONVERSATIONS.c)
    .where(_CONVERSATIONS.c.id == bindparam("conversation_id"), _CONVERSATIONS.c.user_id == bindparam("user_id"))
    .with_for_update()
)
_MESSAGE = insert(_MESSAGES)
_GOES_ON = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("conversation_id"))
    .values(
        updated_at=bindparam("now"),
        model_id=bindparam("endpoint_id"),
        title=bindparam("name"),
        indexed=bindparam("known"),
    )
)
_ENDED = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("message_id"))
    .values(
        content=bindparam("content"),
        reasoning=bindparam("reasoning"),
        status=bindparam("status"),
        finish_reason=bindparam("finish_reason"),
        error_code=bindparam("error_code"),
        error_message=bindparam("error_message"),
        prompt_tokens=bindparam("prompt_tokens"),
        completion_tokens=bindparam("completion_tokens"),
        indexed=false(),
    )
)
_SAVED = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("message_id"))
    .values(content=bindparam("text"), reasoning=bindparam("thoughts"))
)


def begin(  # noqa: PLR0913 - who asks, where, what; who answers, with which models
    connection: Connection, user_id: str, conversation_id: str, question: Question, *, owner: str, catalogue: Catalogue
) -> Exchange:
    """Store a question and its empty, running answer; raise RefusedError `answer_running` when one is under way."""
    whose = {"conversation_id": conversation_id, "user_id": user_id}
    conversation = connection.execute(_CONVERSATION, whose).one_or_none()
    if conversation is None:
        raise conversations.not_found()
    said = history.read(connection, conversation_id)
    if any(message.status == Status.RUNNING for message in said):
        raise _answer_running()
    asked = Said(
        id=new_id(),
        position=said[-1].position + 1 if said else 0,
        role="user",
        content=question.content,
        status=Status.COMPLETE,
    )
    if question.attachment_ids:
        connection.execute(_MESSAGE, [_row(conversation_id, asked)])
        attachments.attach(connection, user_id, question.attachment_ids, asked.id)
        said, unsaved = history.read(connection, conversation_id), None
    else:
        said, unsaved = [*said, asked], asked
    return add_answer(
        connection, conversation, said, question.model_id, owner=owner, catalogue=catalogue, unsaved=unsaved
    )


def refuse_while_running(session: Session, conversation_id: str) -> None:
    """Raise RefusedError `answer_running` when an answer of a conversation is under way."""
    running = select(Message.id).where(Message.conversation_id == conversation_id, Message.status == Status.RUNNING)
    if session.scalar(running.limit(1)) is not None:
        raise _answer_running()


def _answer_running() -> RefusedError:
    return RefusedError("answer_running", "An answer is still being written in this conversation.")


def add_answer(  # noqa: PLR0913 - where, to what; who answers, with which model of which
    connection: Connection,
    conversation: Conversation | Row[Any],
    said: Sequence[Said],
    model_id: str | None,
    *,
    owner: str,
    catalogue: Catalogue,
    unsaved: Said | None = None,
) -> Exchange:
    """Store an empty, running answer to a question, the last that was said; the question, too, if it is `unsaved`."""
    asked = said[-1]
    seen = _seen_by(connection, catalogue, conversation.user_id)
    endpoint = seen.find_or_default(model_id, kept=conversation.model_id)
    derived = conversations.derived_title(said[0])
    title = conversation.title or derived
    now = utc_now()
    answer = Said(new_id(), asked.position + 1, "assistant", "", Status.RUNNING)
    rows = [_row(conversation.id, unsaved)] if unsaved else []
    rows.append(_row(conversation.id, answer, model_id=endpoint.id, owner=owner, heartbeat_at=now))
    connection.execute(_MESSAGE, rows)
    meter.begin(connection, conversation.user_id, answer.id, endpoint.id)
    connection.execute(
        _GOES_ON,
        {
            "conversation_id": conversation.id,
            "now": now,
            "endpoint_id": endpoint.id,
            "name": title,
            "known": conversation.indexed and bool(conversation.title),
        },
    )
    return Exchange(
        conversation_id=conversation.id,
        title=title,
        user_message_id=asked.id,
        message_id=answer.id,
        endpoint=endpoint,
        history=said,
        system_prompt=conversation.system_prompt,
        parameters=_parameters(conversation),
        title_is_derived=title == derived,
    )


def _seen_by(connection: Connection, catalogue: Catalogue, user_id: str) -> Catalogue:
    """Return the models that a user may choose; asks who they are only where it makes a difference."""
    if not catalogue.hides_some:
        return catalogue
    is_admin = connection.scalar(select(User.is_admin).where(User.id == user_id))
    return catalogue.seen_by(is_admin=bool(is_admin))


def _row(
    conversation_id: str,
    said: Said,
    *,
    model_id: str | None = None,
    owner: str | None = None,
    heartbeat_at: datetime | None = None,
) -> dict[str, object]:
    """Return a message as it is stored, with all that has a default: looking those up costs more than giving them."""
    return {
        "id": said.id,
        "conversation_id": conversation_id,
        "position": said.position,
        "role": said.role,
        "content": said.content,
        "reasoning": "",
        "status": said.status,
        "stop_requested": False,
        "indexed": False,
        "created_at": utc_now(),
        "model_id": model_id,
        "owner": owner,
        "heartbeat_at": heartbeat_at,
    }


def _parameters(conversation: Conversation | Row[Any]) -> dict[str, float]:
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
            _SAVED,
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


def finish(connection: Connection, message_id: str, result: Result, *, prompt_bytes: int) -> None:
    """Store an answer that has ended, and what it cost; its owner's word counts even if others gave it up."""
    connection.execute(_ENDED, {"message_id": message_id, **result.columns()})
    read, written = result.tokens(prompt_bytes)
    meter.end(connection, message_id, prompt_tokens=read, completion_tokens=written)


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
    return _interrupt(session, *_orphaned())


def end_predecessors(session: Session, instance: str, owner: str) -> int:
    """End what earlier processes of a slot left running, as interrupted; return how many. They can't be alive.

    A slot has one socket and one container, so that `owner` is its only process: whoever waits for an answer of the one
    before needn't wait until its heartbeat is old.
    """
    return _interrupt(session, Message.owner.startswith(f"{instance}-", autoescape=True), Message.owner != owner)


def _interrupt(session: Session, *which: ColumnElement[bool]) -> int:
    """End running answers whose process is gone; what is stored of them is what they have cost."""
    running = update(Message).where(Message.status == Status.RUNNING, *which)
    ended = session.execute(running.values(status=Status.INTERRUPTED).returning(Message.id, Message.content)).all()
    for message_id, content in ended:
        written = len(content.encode()) // meter.BYTES_OF_A_TOKEN
        meter.end(session.connection(), message_id, prompt_tokens=0, completion_tokens=written)
    return len(ended)


def _orphaned() -> tuple[ColumnElement[bool], ...]:
    return (Message.status == Status.RUNNING, Message.heartbeat_at < utc_now() - OWNER_DEAD_AFTER)
