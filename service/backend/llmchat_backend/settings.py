"""What the environment says. Nothing secret is in here: see `secret_files`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from llmchat_backend.errors import ConfigurationError
from llmchat_backend.listen import DEFAULT_LISTEN
from llmchat_backend.usage.limits import RoleLimits

NonEmpty = Annotated[str, Field(min_length=1)]
RegistrationPolicy = Literal["open", "approval", "invite", "closed"]


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or parts.password is not None or "password" in parts.query:
        raise ValueError("must be postgresql://... without a password: that belongs into the file of PGPASSFILE")
    return url


DatabaseUrl = Annotated[str, AfterValidator(_without_password)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^/\s]+")]


class PresetModel(BaseModel):
    """One entry of `PRESET_MODELS`, in the guide's shape without its key; whether it takes images, for whom it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: NonEmpty
    url: HttpUrl
    model: NonEmpty
    vision: bool = True
    visible_to: Literal["everyone", "admins"] = "everyone"


class Settings(BaseSettings):
    """The environment variables of the backend; an empty one counts as not set."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    listen: str = DEFAULT_LISTEN
    instance: NonEmpty = "a"
    release: NonEmpty = "development"
    data_dir: Path = Path("/app/db")
    secrets_dir: Path = Path("/run/llmchat")
    database_url: DatabaseUrl | None = None

    llm_api_url: HttpUrl | None = None
    llm_model: str = ""
    llm_label: str = ""
    llm_vision: bool = True
    preset_models: dict[str, PresetModel] = Field(default_factory=dict)
    llm_idle_timeout_seconds: Annotated[float, Field(gt=0)] = 600
    llm_check_seconds: Annotated[float, Field(gt=0)] = 30

    titles: Literal["model", "first-line"] = "model"

    access_token_expire_minutes: Annotated[int, Field(gt=0)] = 10080
    registration: RegistrationPolicy = "open"
    limits: RoleLimits = RoleLimits()
    public_scheme: Literal["http", "https", "auto"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def database(self) -> Path | str:
        """The SQLite file on the data volume, or the URL of a PostgreSQL database."""
        return self.database_url or self.data_dir / "llmchat.db"

    @property
    def attachments_dir(self) -> Path:
        """The folder of uploaded files on the data volume."""
        return self.data_dir / "attachments"


def load_settings() -> Settings:
    """Read the environment; raise ConfigurationError that names every wrong variable and no value."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError(problems) from None
    except ValueError as error:  # pydantic-settings: a variable that should be JSON and isn't
        raise ConfigurationError(str(error)) from None
