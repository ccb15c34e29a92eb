"""Say it again: another answer to the last question, or another question in place of an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from llmchat_backend.chat import answer_store, conversations, history
from llmchat_backend.db.models import AnswerVersion, Attachment, Conversation, Message
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from llmchat_backend.chat.catalogue import Catalogue
    from llmchat_backend.chat.exchange import Exchange


def regenerate(  # noqa: PLR0913 - as `answer_store.begin`
    session: Session, user_id: str, message_id: str, model_id: str | None, *, owner: str, catalogue: Catalogue
) -> Exchange:
    """Answer the last question anew; the answer so far becomes an earlier version, unless it holds no word.

    Raises RefusedError `message_not_found`, `not_last_answer`, `answer_running`.
    """
    answer = _find(session, user_id, message_id, "assistant")
    conversation = conversations.get_for_change(session, user_id, answer.conversation_id)
    answer_store.refuse_while_running(session, conversation.id)
    later = select(Message.id).where(Message.conversation_id == conversation.id, Message.position > answer.position)
    if session.scalar(select(exists(later))):
        raise RefusedError("not_last_answer", "Only the last answer can be given anew. Edit a question instead.")
    asked = session.scalars(
        select(Message).where(Message.conversation_id == conversation.id, Message.position == answer.position - 1)
    ).one()
    if answer.content or answer.reasoning:
        session.add(_version(answer, asked))
    session.delete(answer)
    session.flush()
    said = history.read(session.connection(), conversation.id)
    return answer_store.add_answer(session.connection(), conversation, said, model_id, owner=owner, catalogue=catalogue)


def edit(  # noqa: PLR0913 - as `answer_store.begin`
    session: Session,
    user_id: str,
    message_id: str,
    content: str,
    model_id: str | None,
    *,
    owner: str,
    catalogue: Catalogue,
) -> tuple[Exchange, Sequence[str]]:
    """Change a question, forget what followed and answer it; its attachments stay.

    Returns the ids of files to remove once this is committed. Raises RefusedError `message_not_found`,
    `empty_question`, `answer_running`.
    """
    asked = _find(session, user_id, message_id, "user")
    conversation = conversations.get_for_change(session, user_id, asked.conversation_id)
    answer_store.refuse_while_running(session, conversation.id)
    if not content.strip() and not session.scalar(select(exists().where(Attachment.message_id == asked.id))):
        raise RefusedError("empty_question", "A question without attachments must not be empty.")
    first = history.read(session.connection(), conversation.id)[0]
    if first.id == asked.id and conversation.title == conversations.derived_title(first):
        conversation.title = ""  # it is derived from the new words
    asked.content, asked.indexed = content, False
    session.execute(delete(AnswerVersion).where(AnswerVersion.question_id == asked.id))
    followed = (Message.conversation_id == conversation.id, Message.position > asked.position)
    attachment_ids = session.scalars(select(Attachment.id).join(Message).where(*followed)).all()
    session.execute(delete(Message).where(*followed))
    session.flush()
    rows = session.connection()
    said = history.read(rows, conversation.id)
    exchange = answer_store.add_answer(rows, conversation, said, model_id, owner=owner, catalogue=catalogue)
    return exchange, attachment_ids


def earlier_answers(session: Session, user_id: str, message_id: str) -> Sequence[AnswerVersion]:
    """Return the answers that this one has replaced, the oldest first; raise RefusedError `message_not_found`."""
    answer = _find(session, user_id, message_id, "assistant")
    return session.scalars(
        select(AnswerVersion)
        .join(Message, AnswerVersion.question_id == Message.id)
        .where(Message.conversation_id == answer.conversation_id, Message.position == answer.position - 1)
        .order_by(AnswerVersion.created_at, AnswerVersion.id)
    ).all()


def _find(session: Session, user_id: str, message_id: str, role: str) -> Message:
    message = session.scalar(
        select(Message)
        .join(Conversation)
        .where(Message.id == message_id, Conversation.user_id == user_id, Message.role == role)
    )
    if message is None:
        raise RefusedError("message_not_found", "This message doesn't exist.")
    return message


def _version(answer: Message, asked: Message) -> AnswerVersion:
    return AnswerVersion(
        id=answer.id,
        question_id=asked.id,
        content=answer.content,
        reasoning=answer.reasoning,
        status=answer.status,
        model_id=answer.model_id,
        finish_reason=answer.finish_reason,
        error_code=answer.error_code,
        error_message=answer.error_message,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        created_at=answer.created_at,
    )
