"""Where templates and the service's sources come from, as rendering sees it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from llmchat_deploy.render.release import Revision


class Templates(Hashable, Protocol):
    """The texts that a release is rendered from, and digests of what its images are built from."""

    @property
    def context(self) -> str:
        """Return the folder of the build context (``service/``) on this machine."""

    def text(self, name: str) -> str:
        """Return the template of that name; raises RenderError where there is none."""

    def revisions(self) -> tuple[Revision, ...]:
        """Return the revisions of the database that the backend's sources list, oldest first; none: no such list."""

    def inputs(self, service: str) -> str:
        """Return the digest (hex) of the files that the image of ``service`` is built from."""
