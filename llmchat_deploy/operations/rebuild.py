"""Bring an environment's settings back from a backup: one file and its key rebuild an installation elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmchat_deploy.config.overlay import Overlay
from llmchat_deploy.config.sources import Sources, is_environment_name
from llmchat_deploy.errors import ArchiveFailed, ConfigError
from llmchat_deploy.operations.backup_source import Archives
from llmchat_deploy.operations.init import ProjectWriter
from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """Profile and env file as they stand in a backup, and the sources with them in place."""

    sources: Overlay
    files: tuple[str, ...]
    """What is written, as messages show it."""


def settings_from(
    name: str, path: str, sources: Sources, archives: Archives, identities: Sequence[Secret]
) -> Settings | None:
    """Return the settings that a backup brings, None where the environment has an env file of its own.

    Raises ConfigError for a bad name; ArchiveFailed where the file can't be trusted or holds no settings.
    """
    if not is_environment_name(name):
        raise ConfigError(f"'{name}' is no name for an environment.")
    if sources.env_file(name) is not None:
        return None
    header = archives.header(path, identities)
    found = archives.settings(path, identities, header.environment) if header else None
    if found is None:
        raise ArchiveFailed(
            f"There is no .env.{name} here, and {path} holds no settings: only encrypted backups do.",
            code="no_settings",
            hint=f"llmchat-deploy init --env {name} starts one; fill it in as it was, then restore again.",
        )
    profile, env_text = found
    own_profile = name in own_profiles(sources)
    overlay = Overlay(name, sources, new_profile="" if own_profile else profile, new_env=Secret(env_text))
    files = (f".env.{name}",) if own_profile else (f"environments/{name}.toml", f".env.{name}")
    return Settings(overlay, files)


def write(name: str, settings: Settings, folder: ProjectWriter) -> None:
    """Write the settings; the env file last, for where it is missing, a run that was cut begins again."""
    if settings.sources.new_profile:
        folder.write_profile(name, settings.sources.new_profile)
    if settings.sources.new_env:
        folder.write_env_file(name, settings.sources.new_env)


def own_profiles(sources: Sources) -> tuple[str, ...]:
    """Return the environments whose profile is the project folder's own, not a shipped one."""
    found = ((name, sources.profile(name)) for name in sources.profiles())
    return tuple(name for name, profile in found if profile and not profile.path.startswith("built-in "))
