"""What is there now: a snapshot of one environment on one machine, read before planning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from llmchat_deploy.config.certificate import Certificate
from llmchat_deploy.plan.reach import Urls
from llmchat_deploy.render.release import Slots


@dataclass(frozen=True, slots=True)
class Container:
    """A container of ours.

    ``slot`` is ``a``, ``b`` or empty; ``state`` Docker's word (running, exited, …); ``health`` healthy, unhealthy,
    starting or empty where it has no health check; ``digest`` the label with the digest of what it was made from.
    """

    name: str
    project: str
    service: str
    slot: str
    image: str
    digest: str
    state: str
    health: str = ""
    restarts: int = 0
    started_at: str = ""
    exit_code: int = 0
    out_of_memory: bool = False
    """Whether the engine saw one of its processes killed at the container's memory limit."""
    health_command: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether the container is up and not known to be unhealthy."""
        return self.state == "running" and self.health != "unhealthy"


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of an environment; ``role`` is data, slots, secrets, edge or scratch."""

    name: str
    role: str
    ours: bool = True
    """Whether it carries our label; one that doesn't has only the name, and somebody else made it."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network of an environment; ``ours`` as for a volume."""

    name: str
    ours: bool = True


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A TCP port that a running container publishes; ``project`` is empty for containers that are not ours."""

    bind: str
    port: int
    container: str
    project: str


@dataclass(frozen=True, slots=True)
class PortConflict:
    """A port the environment needs that somebody else holds."""

    bind: str
    port: int
    holder: str


@dataclass(frozen=True, slots=True)
class BaseImages:
    """Which base images can be had: those the engine has, and whether the registry answers for the profile's one."""

    present: frozenset[str] = frozenset()
    registry_answers: bool = False
    newest: str = ""
    """The one that was made or fetched last because images were too old; empty: none ever was."""
    must_come: bool = False
    """Whether a newer one has to be had before anything is built."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the last finished ``up`` recorded.

    ``admin`` tells that an administrator exists whose password was shown; ``volumes`` are the data volumes that
    must still be there.
    """

    release: str
    digest: str
    at: str
    admin: bool
    volumes: tuple[str, ...]
    keep_releases: int = 0
    """Of how many releases it keeps the images; 0 where that wasn't recorded yet."""
    urls: Urls | None = None
    """Where it is reached; None where that wasn't recorded yet."""


@dataclass(frozen=True, slots=True)
class EdgeFiles:
    """The edge's configuration as it is on its volume; None where there is no edge container to read it from."""

    haproxy: str | None = None
    slots: str | None = None
    chain: str | None = None
    """The certificate that the edge was last given, with those that signed it (PEM)."""
    acme: str | None = None
    """What the container that gets certificates wrote down (JSON)."""


@dataclass(frozen=True, slots=True)
class AcmeStatus:
    """What asking an authority for a certificate came to last; times in seconds since the epoch."""

    at: float
    ok: bool
    error: str
    next: float


@dataclass(frozen=True, slots=True)
class ObservedTls:
    """The certificate that the edge serves; looked at only with HTTPS."""

    certificate: Certificate | None = None
    authority: str = ""
    """SHA-256 of the certificate of the tool's own authority, in hex; empty where none was made."""
    acme: AcmeStatus | None = None
    """What the container that gets certificates says it did last; None where it said nothing."""
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """A volume with data that was current once.

    ``replaced_at`` is ISO 8601 in UTC; ``source`` says what took its place: the backup's id, or "undo".
    """

    number: int
    replaced_at: str
    source: str


@dataclass(frozen=True, slots=True)
class Generations:
    """Which volume holds the data; the oldest of the previous ones first."""

    current: int = 1
    staging: int | None = None
    """The generation that a restore is filling, or was filling when it was cut."""
    previous: tuple[Generation, ...] = ()
    known: bool = False
    """Whether a record was there; without one, nothing was ever restored."""

    @property
    def is_half(self) -> bool:
        """Whether the first data of all is being restored, or was when that was cut: nothing was ever used."""
        return self.staging == self.current


@dataclass(frozen=True, slots=True)
class OwnImage:
    """An image that this tool made, by its label.

    ``tags`` are empty where a newer image took its name; ``project`` is the one it was built for (another may run it
    too); ``created`` in seconds since the epoch; ``used`` tells that a container, running or not, was made from it.
    """

    id: str
    tags: tuple[str, ...]
    project: str
    created: float
    used: bool


@dataclass(frozen=True, slots=True)
class OldImages:
    """What deciding about old images takes: those of ours, what kept releases run, and the time.

    ``needed`` are the tags that a release kept for a rollback runs, of any environment; None where that isn't known.
    """

    images: tuple[OwnImage, ...] = ()
    needed: frozenset[str] | None = frozenset()
    now: float = 0.0


NO_SLOTS = Slots()
NO_GENERATIONS = Generations()


@dataclass(frozen=True, slots=True)
class ObservedState:
    """Everything planning looks at."""

    containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    networks: tuple[Network, ...] = ()
    images: frozenset[str] = frozenset()
    base: BaseImages = BaseImages()
    edge: EdgeFiles = EdgeFiles()
    slots: Slots = NO_SLOTS
    tls: ObservedTls = ObservedTls()
    stored_release: str | None = None
    """Digest of the release whose files are stored on the machine."""
    recorded: Recorded | None = None
    generations: Generations = NO_GENERATIONS
    schema: str = ""
    """Revision of the current data's database when it was last migrated; empty where nobody noted it."""
    migrating: bool = False
    """A run was cut after it had backed the data up and begun to migrate it, perhaps at the end of that."""
    conflicts: tuple[PortConflict, ...] = ()
    old: OldImages = OldImages()
    """Looked up only where a run changes something."""
    free_bytes: int | None = None
    """Free space on the disk of the engine; looked up only where images must be built."""

    def container(self, service: str, slot: str = "") -> Container | None:
        """Return the container of a service (in a slot), or None."""
        found = (item for item in self.containers if item.service == service and item.slot == slot)
        return next(found, None)

    def has_volume(self, name: str) -> bool:
        """Say whether a volume of that name is there."""
        return any(volume.name == name for volume in self.volumes)

    def has_network(self, name: str) -> bool:
        """Say whether a network of that name is there."""
        return any(network.name == name for network in self.networks)
