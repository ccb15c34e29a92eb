"""The JSON of the OpenAI protocol, as far as anything here depends on it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from llmchat_backend.api.schemas import Response, Text

MAX_MESSAGES = 10_000


class ChatCompletionIn(BaseModel):
    """A chat to be answered; further fields of the protocol are the model server's business, others are refused."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    model: Annotated[Text, Field(min_length=1, max_length=200)]
    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None


class ModelCard(Response):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "llmchat"


class ModelList(Response):
    """All models, the default one first."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class OpenAiError(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str


class OpenAiProblem(BaseModel):
    """What every refusal looks like below /v1."""

    error: OpenAiError
