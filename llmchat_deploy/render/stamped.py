"""Templates whose images are built anew on purpose, though no source of theirs changed."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.render.release import Revision, digest_of
from llmchat_deploy.render.templates import Templates


@dataclass(frozen=True, slots=True)
class Stamped:
    """The same templates; ``stamp`` is the day since when images stand on a newer base, and an input of each."""

    templates: Templates
    stamp: str

    @property
    def context(self) -> str:
        """Return the folder of the build context."""
        return self.templates.context

    def text(self, name: str) -> str:
        """Return the template of that name."""
        return self.templates.text(name)

    def inputs(self, service: str) -> str:
        """Return the digest of an image's files and of the stamp."""
        return digest_of(self.templates.inputs(service), self.stamp)

    def revisions(self) -> tuple[Revision, ...]:
        """Return the revisions of the database that the backend knows."""
        return self.templates.revisions()
