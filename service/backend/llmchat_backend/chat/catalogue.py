"""The models one can choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from llmchat_backend.errors import ConfigurationError, RefusedError

if TYPE_CHECKING:
    from llmchat_backend.secret_files import Secrets
    from llmchat_backend.settings import Settings

DEFAULT_ID = "default"

_COMPLETIONS = "/chat/completions"


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """A model and where it answers: `url` is the full chat-completions URL."""

    id: str
    label: str
    url: str
    model: str
    key: SecretStr
    vision: bool = True
    """Whether it is sent images; without, it is told that there was one."""
    admins_only: bool = False
    """Whether it is hidden from all but administrators."""

    @property
    def list_url(self) -> str | None:
        """Where the server lists its models, None where that can't be told from the URL."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        if not path.endswith(_COMPLETIONS):
            return None
        return parts._replace(path=path.removesuffix(_COMPLETIONS) + "/models").geturl()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models, the default one first."""

    endpoints: tuple[ModelEndpoint, ...]

    @property
    def hides_some(self) -> bool:
        """Tell whether not everybody sees all of them."""
        return any(endpoint.admins_only for endpoint in self.endpoints)

    def seen_by(self, *, is_admin: bool) -> Catalogue:
        """Return what somebody may choose from; what they don't see is not configured for them."""
        return self if is_admin else Catalogue(tuple(each for each in self.endpoints if not each.admins_only))

    @property
    def default(self) -> ModelEndpoint:
        """The model of those who chose none."""
        return self.endpoints[0]

    def find(self, model_id: str | None) -> ModelEndpoint:
        """Return a model, the default one for None; raise RefusedError `model_not_configured`."""
        if model_id is None:
            return self.default
        for endpoint in self.endpoints:
            if endpoint.id == model_id:
                return endpoint
        raise RefusedError("model_not_configured", "This model is not configured here.")

    def find_or_default(self, chosen: str | None, *, kept: str) -> ModelEndpoint:
        """Return the chosen model, else the one a conversation keeps, else, when that is gone, the default one."""
        if chosen is not None:
            return self.find(chosen)
        try:
            return self.find(kept)
        except RefusedError:
            return self.default


def build_catalogue(settings: Settings, secrets: Secrets) -> Catalogue:
    """Put the default model before the presets; raise ConfigurationError when there is none for everyone."""
    endpoints = []
    if settings.llm_api_url is not None:
        if not settings.llm_model:
            raise ConfigurationError("LLM_MODEL: needed beside LLM_API_URL")
        if DEFAULT_ID in settings.preset_models:
            raise ConfigurationError(f"PRESET_MODELS: the id {DEFAULT_ID!r} belongs to LLM_MODEL")
        endpoints.append(
            ModelEndpoint(
                id=DEFAULT_ID,
                label=settings.llm_label or settings.llm_model,
                url=settings.llm_api_url,
                model=settings.llm_model,
                key=secrets.llm_api_key,
                vision=settings.llm_vision,
            )
        )
    endpoints += [
        ModelEndpoint(
            id=model_id,
            label=preset.name,
            url=preset.url,
            model=preset.model,
            key=secrets.preset_model_keys.get(model_id, SecretStr("")),
            vision=preset.vision,
            admins_only=preset.visible_to == "admins",
        )
        for model_id, preset in settings.preset_models.items()
    ]
    if not endpoints:
        raise ConfigurationError("LLM_API_URL: needed when there are no PRESET_MODELS")
    if all(endpoint.admins_only for endpoint in endpoints):
        raise ConfigurationError("PRESET_MODELS: one model must be visible to everyone")
    return Catalogue(tuple(endpoints))
