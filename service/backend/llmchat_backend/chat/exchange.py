"""A question, its answer as far as it has come, and what was said before: values, as they are handed around."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from llmchat_backend.usage import meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.chat.history import Said
    from llmchat_backend.chat.model_events import Usage


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
    history: Sequence[Said]
    system_prompt: str | None
    parameters: Mapping[str, float]
    title_is_derived: bool

    @property
    def prompt_bytes(self) -> int:
        """The size of all words the model is given."""
        words = (self.system_prompt or "", *(said.content for said in self.history))
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
