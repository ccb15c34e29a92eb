"""One model server, and the one that comes along."""

from __future__ import annotations

from typing import Literal

from llmchat_deploy.config.addresses import is_loopback_url
from llmchat_deploy.config.section import SecretText, Section
from llmchat_deploy.secret import Secret


class ChatModel(Section):
    """One model server that speaks the OpenAI chat-completions protocol."""

    url: str
    """Full URL of the chat-completions endpoint (``LLM_API_URL``)."""
    name: str
    """Model name sent to the server (``LLM_MODEL``)."""
    label: str = ""
    """Name shown in the model picker; empty: ``name``."""
    key: SecretText = Secret("")
    """API key (``LLM_API_KEY``); comes from the env file only. Empty: the server needs none."""
    vision: bool = True
    """Whether the model takes images. One that doesn't is told that there was one."""

    @property
    def is_loopback(self) -> bool:
        """Whether the server listens on this machine's loopback address, out of reach of a bridge network."""
        return is_loopback_url(self.url)


class PresetModel(ChatModel):
    """One further model; the default one is everybody's."""

    visible_to: Literal["everyone", "admins"] = "everyone"
    """Who can choose it; for others it is as if it weren't configured."""


BUNDLED_MODEL = ChatModel.model_construct(
    url="http://model:8080/v1/chat/completions",
    name="smollm2-135m-instruct",
    label="SmolLM2 135M (bundled)",
    vision=False,
)
"""The demo model as the backend reaches it: by its service's name on the environment's own network."""
