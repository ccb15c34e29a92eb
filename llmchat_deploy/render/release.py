"""What should run: rendered files and images, each with a digest of what it is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from llmchat_deploy.secret import Secret

ID_LENGTH = 12
"""Digits of a release's digest that are its name."""


class Slot(StrEnum):
    """One of the two places a release of a service can run in, so that the next starts beside the present one."""

    A = "a"
    B = "b"

    @property
    def other(self) -> Slot:
        """Return the other slot."""
        return Slot.B if self is Slot.A else Slot.A


@dataclass(frozen=True, slots=True)
class Slots:
    """The slot of each slotted service that gets the requests; None: no slot yet."""

    backend: Slot | None = None
    frontend: Slot | None = None
    maintenance: bool = field(default=False, kw_only=True)
    """The edge answers everything with its maintenance page; these slots got the requests before."""

    def of(self, service: str) -> Slot | None:
        """Return the slot of ``service`` (``backend`` or ``frontend``)."""
        return self.backend if service == "backend" else self.frontend

    def served_by(self, service: str) -> Slot | None:
        """Return the slot of ``service`` that gets requests now: the backend's gets none during maintenance."""
        return None if self.maintenance and service == "backend" else self.of(service)

    def with_slot(self, service: str, slot: Slot) -> Slots:
        """Return the same slots with the one of ``service`` replaced; a backend that can serve ends the maintenance."""
        if service == "backend":
            return Slots(slot, self.frontend)
        return Slots(self.backend, slot, maintenance=self.maintenance)


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file of a release.

    ``path`` is relative to the release; ``mode`` its permission bits. ``content`` is a Secret where the file holds
    one; then ``digest`` is keyed, because a plain digest of a short secret can be guessed.
    """

    path: str
    content: str | Secret
    mode: int
    digest: str

    @property
    def sensitive(self) -> bool:
        """Whether the content must not be shown."""
        return isinstance(self.content, Secret)


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a release; ``tag`` carries the digest of its inputs, so an unchanged image is never rebuilt."""

    service: str
    tag: str
    dockerfile: str
    """Relative to the build context."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a release: what it runs and which files it reads.

    ``digest`` covers the Compose file, the image and every file the service reads; containers carry it as a label,
    so a container with another digest is out of date.
    """

    name: str
    image: Image
    compose: RenderedFile
    digest: str
    files: tuple[RenderedFile, ...] = ()
    """Files that are put into a volume of the service before it starts."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of the database.

    ``offline`` is how many seconds it is expected to take where no release before it may serve beside it, None where
    it only adds.
    """

    name: str
    offline: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Everything that should run for one environment. It knows no slot: which one is used is the planner's choice."""

    project: str
    services: tuple[Service, ...]
    base_image: str
    """Reference of the base image as the profile names it."""
    context: str
    """Folder of the build context on this machine."""
    data_volume: str
    """The volume with database and attachments, of the current generation."""
    base_stamp: str = ""
    """The day since when its images stand on a newer base; empty: on the first one."""
    revisions: tuple[Revision, ...] = ()
    """Those of the database that the backend's image knows, oldest first; none where its sources don't say."""
    digest: str = field(default="")

    @property
    def id(self) -> str:
        """Return the short name of the release."""
        return self.digest[:ID_LENGTH]

    @property
    def schema(self) -> str:
        """Return the revision that the backend's image migrates to; empty where its sources don't say."""
        return self.revisions[-1].name if self.revisions else ""

    @property
    def images(self) -> tuple[Image, ...]:
        """Return the images in the order in which they are built; two services may run the same one."""
        return tuple(dict.fromkeys(service.image for service in self.services))

    def service(self, name: str) -> Service | None:
        """Return the service of that name, or None where the release has none."""
        return next((service for service in self.services if service.name == name), None)


def digest_of(*parts: str) -> str:
    """Return the SHA-256 (hex) of the parts; no two lists of parts share an encoding."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
