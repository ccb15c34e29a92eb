"""Sources as they will be once an environment's files are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.config.sources import Sources, SourceText

if TYPE_CHECKING:
    from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class Overlay:
    """New files of the environment ``name`` over the sources that are there; an empty one changes nothing."""

    name: str
    sources: Sources
    new_profile: str = ""
    new_env: Secret | None = None

    def with_env_file(self, text: Secret) -> Overlay:
        """Return the same with another env file."""
        return Overlay(self.name, self.sources, self.new_profile, text)

    def profiles(self) -> tuple[str, ...]:
        """Return the names of the environments that have a profile, sorted."""
        return tuple(sorted({*self.sources.profiles(), self.name}))

    def profile(self, name: str) -> SourceText | None:
        """Return the new profile, or one that is there."""
        if name == self.name and self.new_profile:
            return SourceText(f"environments/{name}.toml", self.new_profile)
        return self.sources.profile(name)

    def base(self) -> SourceText:
        """Return the profile that all others stand on."""
        return self.sources.base()

    def env_file(self, name: str) -> SourceText | None:
        """Return the new env file, or one that is there."""
        if name == self.name and self.new_env:
            return SourceText(f".env.{name}", self.new_env.reveal())
        return self.sources.env_file(name)

    def env_files(self) -> tuple[str, ...]:
        """Return the names of the environments that have an env file, sorted."""
        new = {self.name} if self.new_env else set()
        return tuple(sorted({*self.sources.env_files(), *new}))

    def file(self, path: str) -> SourceText | None:
        """Return a file that a setting names."""
        return self.sources.file(path)
