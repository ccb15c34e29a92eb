"""The JSON of models, conversations, messages and attachments."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, computed_field, model_validator

from llmchat_backend.api.schemas import Id, Request, Response, Text
from llmchat_backend.chat.attachments import MAX_PER_MESSAGE
from llmchat_backend.chat.conversations import MAX_TITLE, StoredMessage
from llmchat_backend.chat.export import Whole
from llmchat_backend.chat.model_health import Health
from llmchat_backend.chat.upstream_errors import is_retryable
from llmchat_backend.db.models import Attachment, Conversation
from llmchat_backend.search.find import MAX_RANKED

Shown = TypeVar("Shown", bound="MessageOut")

MAX_CONTENT = 400_000
MAX_SYSTEM_PROMPT = 40_000


class ModelHealthOut(Response):
    """How a model is: while it fails, the code that its answers fail with, and since when."""

    state: Literal["ok", "failing", "unknown"]
    code: str | None
    since: datetime | None


class ModelOut(Response):
    """A model one can choose."""

    id: str
    label: str
    default: bool
    vision: bool
    health: ModelHealthOut


class ModelsOut(Response):
    """All models, the default one first."""

    models: list[ModelOut]


class ModelSettings(Request):
    """What the model is told besides the messages; null leaves it to the model server."""

    system_prompt: Annotated[Text, Field(max_length=MAX_SYSTEM_PROMPT)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    def values(self) -> dict[str, Any]:
        """Return what was given as columns; null resets a setting of the model and leaves everything else."""
        given = self.model_dump(exclude_unset=True)
        return {name: given[name] for name in given if given[name] is not None or name in ModelSettings.model_fields}


class ConversationQuery(BaseModel):
    """Which conversations to list; without `pinned`, all."""

    limit: Annotated[int, Field(ge=1, le=100)] = 30
    before: Annotated[Text, Field(max_length=200)] | None = None
    archived: bool = False
    pinned: bool | None = None


class SearchQuery(BaseModel):
    """Words to look for."""

    q: Annotated[Text, Field(min_length=1, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=20)] = 20
    offset: Annotated[int, Field(ge=0, le=MAX_RANKED)] = 0


class ConversationIn(ModelSettings):
    """A new conversation; without a model it takes the default one."""

    model_id: Id | None = None


class ConversationChange(ModelSettings):
    """What is given is set."""

    title: Annotated[Text, Field(min_length=1, max_length=MAX_TITLE)] | None = None
    model_id: Id | None = None
    pinned: bool | None = None
    archived: bool | None = None


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


class Again(Request):
    """Another answer to the same question, by another model where one is named."""

    model_id: Id | None = None


class QuestionChange(Request):
    """Other words for a question; what was attached to it stays."""

    content: Annotated[Text, Field(max_length=MAX_CONTENT)]
    model_id: Id | None = None


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


class AnswerOut(Response):
    """What was said, and how it ended; `content` and `reasoning` are whole unless the status is `running`."""

    id: str
    content: str
    reasoning: str
    status: str
    model_id: str | None
    error_code: str | None
    error_message: str | None
    finish_reason: str | None
    created_at: datetime
    prompt_tokens: Annotated[int | None, Field(exclude=True)] = None
    completion_tokens: Annotated[int | None, Field(exclude=True)] = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def retryable(self) -> bool | None:
        """Whether the same question may be answered if it is just asked again; null without an error."""
        return None if self.error_code is None else is_retryable(self.error_code)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def usage(self) -> UsageOut | None:
        """What the model server counted."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return UsageOut(prompt_tokens=self.prompt_tokens, completion_tokens=self.completion_tokens)


class MessageOut(AnswerOut):
    """A stored question or answer; `earlier` counts the answers it has replaced."""

    role: str
    attachments: list[AttachmentOut] = Field(default_factory=list)
    earlier: int = 0


class PieceOut(Response):
    """A part of a snippet; `hit` ones are what was looked for."""

    text: str
    hit: bool


class HitOut(Response):
    """A message, or without one a conversation's title, that holds everything looked for."""

    conversation_id: str
    title: str
    archived: bool
    message_id: str | None
    role: str | None
    at: datetime
    snippet: list[PieceOut]


class SearchHits(Response):
    """The best ones first; `next` is the `offset` of the following page."""

    items: list[HitOut]
    next: int | None


class AnswersOut(Response):
    """The answers that one has replaced, the oldest first."""

    answers: list[AnswerOut]


class ConversationOut(Response):
    """A conversation without its messages."""

    id: str
    title: str
    model_id: str
    system_prompt: str | None
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    pinned: bool
    archived: bool
    created_at: datetime
    updated_at: datetime


class ConversationPage(Response):
    """Some conversations, newest first; `next` is the `before` of the following page."""

    items: list[ConversationOut]
    next: str | None


class ConversationDetail(ConversationOut):
    """A conversation with its messages in order."""

    messages: list[MessageOut]


class MessageExport(MessageOut):
    """A message with the answers it has replaced, the oldest first."""

    replaced: list[AnswerOut] = Field(default_factory=list)


class ConversationExport(ConversationOut):
    """All that is stored of a conversation."""

    messages: list[MessageExport]


def model_health_out(health: Health) -> ModelHealthOut:
    """Show how a model is, without the model server's own words."""
    failure = health.failure
    return ModelHealthOut(
        state=health.state, code=failure.code if failure else None, since=failure.since if failure else None
    )


def message_out(stored: StoredMessage) -> MessageOut:
    """Show a stored message."""
    return _filled(MessageOut.model_validate(stored.message), stored)


def _filled(shown: Shown, stored: StoredMessage) -> Shown:
    shown.attachments = [attachment_out(attachment) for attachment in stored.attachments]
    shown.earlier = stored.earlier
    return shown


def attachment_out(attachment: Attachment) -> AttachmentOut:
    """Show an attachment."""
    return AttachmentOut.model_validate(attachment)


def conversation_out(conversation: Conversation) -> ConversationOut:
    """Show a conversation."""
    return ConversationOut.model_validate(conversation)


def conversation_export(whole: Whole) -> ConversationExport:
    """Show all of a conversation."""
    messages, question_id = [], ""
    for stored in whole.messages:
        message = _filled(MessageExport.model_validate(stored.message), stored)
        replaced = whole.replaced.get(question_id, ()) if message.role == "assistant" else ()
        message.replaced = [AnswerOut.model_validate(version) for version in replaced]
        messages.append(message)
        question_id = message.id
    return ConversationExport(**conversation_out(whole.conversation).model_dump(), messages=messages)
