"""The JSON of models, conversations, messages and attachments."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from llmchat_backend.api.schemas import Id, Request, Response, Text
from llmchat_backend.chat.attachments import MAX_PER_MESSAGE
from llmchat_backend.chat.conversations import MAX_TITLE, StoredMessage
from llmchat_backend.chat.upstream_errors import is_retryable
from llmchat_backend.db.models import Attachment, Conversation

MAX_CONTENT = 400_000


class ModelOut(Response):
    """A model one can choose."""

    id: str
    label: str
    default: bool


class ModelsOut(Response):
    """All models, the default one first."""

    models: list[ModelOut]


class ConversationIn(Request):
    """A new conversation; without a model it takes the default one."""

    model_id: Id | None = None


class ConversationChange(Request):
    """What is given is set."""

    title: Annotated[Text, Field(min_length=1, max_length=MAX_TITLE)] | None = None
    model_id: Id | None = None


class MessageIn(Request):
    """A question: words, files, or both."""

    content: Annotated[Text, Field(max_length=MAX_CONTENT)] = ""
    model_id: Id | None = None
    attachment_ids: Annotated[list[Id], Field(max_length=MAX_PER_MESSAGE)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _say_something(self) -> Self:
        if not self.content.strip() and not self.attachment_ids:
            raise ValueError("content: must not be empty without attachments")
        if len(set(self.attachment_ids)) != len(self.attachment_ids):
            raise ValueError("attachment_ids: must not repeat")
        return self


class AttachmentOut(Response):
    """An uploaded file."""

    id: str
    filename: str
    media_type: str
    size: int


class UsageOut(Response):
    """Tokens read and written, as the model server counted them."""

    prompt_tokens: int
    completion_tokens: int


class MessageOut(Response):
    """A stored question or answer."""

    id: str
    role: str
    content: str
    reasoning: str
    status: str
    model_id: str | None
    error_code: str | None
    error_message: str | None
    retryable: bool | None
    finish_reason: str | None
    attachments: list[AttachmentOut]
    created_at: datetime
    usage: UsageOut | None


class ConversationOut(Response):
    """A conversation without its messages."""

    id: str
    title: str
    model_id: str
    created_at: datetime
    updated_at: datetime


class ConversationPage(Response):
    """Some conversations, newest first; `next` is the `before` of the following page."""

    items: list[ConversationOut]
    next: str | None


class ConversationDetail(ConversationOut):
    """A conversation with its messages in order."""

    messages: list[MessageOut]


def message_out(stored: StoredMessage) -> MessageOut:
    """Show a stored message."""
    message = stored.message
    usage = None
    if message.prompt_tokens is not None and message.completion_tokens is not None:
        usage = UsageOut(prompt_tokens=message.prompt_tokens, completion_tokens=message.completion_tokens)
    return MessageOut(
        id=message.id,
        role=message.role,
        content=message.content,
        reasoning=message.reasoning,
        status=message.status,
        model_id=message.model_id,
        error_code=message.error_code,
        error_message=message.error_message,
        retryable=None if message.error_code is None else is_retryable(message.error_code),
        finish_reason=message.finish_reason,
        attachments=[attachment_out(attachment) for attachment in stored.attachments],
        created_at=message.created_at,
        usage=usage,
    )


def attachment_out(attachment: Attachment) -> AttachmentOut:
    """Show an attachment."""
    return AttachmentOut.model_validate(attachment)


def conversation_out(conversation: Conversation) -> ConversationOut:
    """Show a conversation."""
    return ConversationOut.model_validate(conversation)
