"""The closed set of things a plan can do.

Each step is data: what it does, to what, and why (``cause``). Steps are idempotent, so a plan that was cut anywhere is
finished by planning and applying again. ``sign`` is ``+`` (makes something), ``~`` (changes it) or ``-`` (removes it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.render.release import Image, RenderedFile, Service, Slot, Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStep:
    """What all steps share."""

    cause: str
    sign: ClassVar[str] = "~"

    @property
    def title(self) -> str:
        """Say in a few words what the step does."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSecrets(BaseStep):
    """Write the generated secrets into the environment's env file (0600)."""

    names: tuple[str, ...]
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"save generated secrets {', '.join(self.names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeBase(BaseStep):
    """Make the base image from the distribution's packages, where no registry answers."""

    tag: str
    script: str
    """Path of ``service/base/make-base`` on this machine."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"make base image {self.tag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullBase(BaseStep):
    """Pull the base image from a registry."""

    reference: str
    instead: MakeBase | None = None
    """What is made where the registry answers but doesn't deliver; None where nothing stands in."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"pull base image {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBase(BaseStep):
    """Note that images stand on a newer base from a day on: before it is had (``came`` is false), and once it came."""

    stamp: str
    reference: str
    came: bool

    @property
    def title(self) -> str:
        return f"note that images stand on a base {'of' if self.came else 'to be made'} {self.stamp}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildImage(BaseStep):
    """Build one image on the base image; a ``fresh`` one takes nothing from the build cache."""

    image: Image
    base: str
    context: str
    fresh: bool = False
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"build image {self.image.tag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveImage(BaseStep):
    """Remove an image of ours, by its name or (a nameless one) its id; one that is in use by then stays."""

    reference: str
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"remove image {self.reference.removeprefix('sha256:')[:40]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneCache(BaseStep):
    """Bound the build cache: what no build has used for ``unused_hours`` goes, until it is ``keep_bytes`` large."""

    keep_bytes: int
    unused_hours: int
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"bound the build cache at {self.keep_bytes >> 30} GB"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRelease(BaseStep):
    """Write the release's Compose files where Compose and people read them; nothing secret is among them."""

    release: str
    digest: str
    files: tuple[RenderedFile, ...]
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"store release {self.release}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNetwork(BaseStep):
    """Create the network that edge and services share."""

    name: str
    project: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"create network {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVolume(BaseStep):
    """Create a named volume; ``role`` is data, slots, secrets, edge or scratch."""

    name: str
    project: str
    role: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"create volume {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFiles(BaseStep):
    """Put a service's files into its volume, owned by the service's user, without touching a host path."""

    volume: str
    service: str
    image: str
    files: tuple[RenderedFile, ...]
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"put {', '.join(file.path.rsplit('/')[-1] for file in self.files)} into {self.volume}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate(BaseStep):
    """Bring the database to the schema of the new release, in a throwaway container of its image."""

    project: str
    service: Service
    data_volume: str

    @property
    def title(self) -> str:
        return "migrate the database"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartService(BaseStep):
    """Start a service (in a slot, where it has slots), or bring it back."""

    project: str
    service: Service
    release: str
    slot: Slot | None = None
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"start {label(self.service.name, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitHealthy(BaseStep):
    """Wait until a started service is healthy; ``timeout`` in seconds."""

    project: str
    service: str
    timeout: int
    slot: Slot | None = None
    undo: bool = False
    """Remove the service when it doesn't get healthy: it is new and gets no requests yet."""
    still_serving: Slot | None = None
    """The slot that serves meanwhile, for the message of a failure."""

    @property
    def title(self) -> str:
        return f"wait for {label(self.service, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeModel(BaseStep):
    """Ask the default model for one token from inside the backend.

    ``beside`` is the slot that serves now: if it can't chat either, the model server is at fault and not the release.
    """

    project: str
    slot: Slot
    beside: Slot | None
    required: bool
    undo: bool = False
    """Remove the slot when the probe fails: it is new and gets no requests yet."""

    @property
    def title(self) -> str:
        return "ask the model for a first token"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureEdge(BaseStep):
    """Write the edge's configuration durably and, where the edge runs, load it without cutting a connection."""

    volume: str
    image: str
    project: str
    files: tuple[RenderedFile, ...]

    @property
    def title(self) -> str:
        return "configure the edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallCertificate(BaseStep):
    """Give the edge a certificate of one's own: durably first, then at run time, where it has one loaded already."""

    volume: str
    image: str
    project: str
    pem: RenderedFile
    """Private key and chain."""
    chain: RenderedFile
    """The chain alone; written last, it says that the edge has the certificate."""

    @property
    def title(self) -> str:
        return "give the edge the certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate(BaseStep):
    """Sign a certificate for ``names`` with the tool's own authority, made where there is none, and install it."""

    volume: str
    image: str
    project: str
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"issue a certificate for {', '.join(self.names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitCertificate(BaseStep):
    """Wait until the authority has issued the certificate; a failure is a warning: the edge serves meanwhile."""

    project: str
    domain: str
    timeout: int

    @property
    def title(self) -> str:
        return f"wait for the certificate of {self.domain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSlots(BaseStep):
    """Send requests to other slots: durably first, then at run time."""

    volume: str
    image: str
    project: str
    slots: Slots
    file: RenderedFile
    before: RenderedFile | None = None
    """The file of the slots that serve, restored where the switch fails; None where nobody knows which do."""

    @property
    def title(self) -> str:
        names = [label(name, self.slots.of(name)) for name in ("backend", "frontend") if self.slots.of(name)]
        return f"send requests to {' and '.join(names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSlot(BaseStep):
    """Let a slot that gets no new requests finish its open answers (at most ``drain`` seconds), then remove it."""

    project: str
    service: str
    slot: Slot
    drain: int
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"stop {label(self.service, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopService(BaseStep):
    """Remove the containers of a Compose project of ours; its volumes stay."""

    project: str
    service: str
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"stop {self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartContainer(BaseStep):
    """Restart a container in place; its open answers get ``drain`` seconds."""

    name: str
    service: str
    slot: Slot | None
    drain: int

    @property
    def title(self) -> str:
        return f"restart {label(self.service, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureAdmin(BaseStep):
    """Create the administrator with a generated password, unless there is one."""

    project: str
    slot: Slot
    username: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"create administrator '{self.username}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEdge(BaseStep):
    """Ask for the page and for the API's readiness through the published ports, as a browser would."""

    urls: tuple[str, ...]
    timeout: int

    @property
    def title(self) -> str:
        return "check the page and the API"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRelease(BaseStep):
    """Record the release as the one that runs; what follows only takes away what it has replaced."""

    project: str
    release: str
    digest: str
    volumes: tuple[str, ...]
    images: tuple[tuple[str, str], ...] = ()
    """Service and the tag of its image."""
    keep_releases: int = 0
    """Of how many releases the images stay: other environments must know that."""

    @property
    def title(self) -> str:
        return f"record release {self.release}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveVolume(BaseStep):
    """Remove a volume; ``holds`` says in the user's words what is lost, empty for what can be made again."""

    name: str
    holds: str = ""
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"remove volume {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNetwork(BaseStep):
    """Remove the environment's network; ``holds`` says what is lost where it isn't ours."""

    name: str
    holds: str = ""
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"remove network {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUp(BaseStep):
    """Make a backup of the data as it is, while the service runs."""

    project: str
    data_volume: str
    image: str
    kind: str = "manual"
    """``manual``, ``pre-restore`` or ``pre-update``: the last two are kept for a while whatever the policy says."""
    label: str = ""
    compact: bool = False
    """Leave out the space that deleted rows took, and what stood in it."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"back up {self.data_volume}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyBackups(BaseStep):
    """Make the folder of the backups and the lock ready for the container that makes them by schedule."""

    image: str

    @property
    def title(self) -> str:
        return "make the backups folder ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCopies(BaseStep):
    """Send the backup that was just made to every remote, each checked after it has arrived."""

    project: str
    image: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return "send copies of the backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyBackups(BaseStep):
    """Read backups back and hold every byte against their manifests."""

    project: str
    image: str
    ids: tuple[str, ...] = ()
    """Those to be read; none: all."""

    @property
    def title(self) -> str:
        return f"read back {', '.join(self.ids) or 'every backup'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill(BaseStep):
    """Restore a backup into a place of its own and start the service on it."""

    project: str
    image: str
    id: str

    @property
    def title(self) -> str:
        return f"restore {self.id} into a place of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneBackups(BaseStep):
    """Remove the backups that no rule keeps, here and on the remotes."""

    project: str
    image: str
    timezone: str
    """Where days end, as IANA names it."""
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return "remove the backups that no rule keeps"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageGeneration(BaseStep):
    """Note which generation of the data is about to be filled."""

    generation: int

    @property
    def title(self) -> str:
        return f"note that generation {self.generation} of the data is being made"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillVolume(BaseStep):
    """Restore a backup into a new volume and prove it there, beside what runs."""

    project: str
    volume: str
    image: str
    archive: str
    """File name of the archive."""
    path: str = ""
    """Where the archive lies, outside the backups folder; empty: inside."""
    source: str
    """The backup's id, or the file's name, as people know it."""
    accounts_only: bool = False
    """The archive is one of the guide's: its accounts are added to a copy of the present data."""
    foreign: bool = False
    """The backup may be another environment's."""
    present: str = ""
    """The volume with the present data; only with ``accounts_only``, empty where there is none."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"restore {self.source} into {self.volume}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseGeneration(BaseStep):
    """Record a generation of the data as the current one: from here on, every run goes on with it."""

    generation: int
    source: str
    replaces: bool = False
    """Whether there is data whose place it takes; that is kept for ``restore --undo``."""

    @property
    def title(self) -> str:
        return f"use generation {self.generation} of the data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetGeneration(BaseStep):
    """Forget a generation of the data whose volume has gone."""

    generation: int
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"forget generation {self.generation} of the data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRelease(BaseStep):
    """Forget the recorded release, because its data is gone."""

    project: str
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return "forget the recorded release"


Step = (
    SaveSecrets
    | PullBase
    | MakeBase
    | NoteBase
    | BuildImage
    | RemoveImage
    | PruneCache
    | StoreRelease
    | CreateNetwork
    | CreateVolume
    | WriteFiles
    | Migrate
    | StartService
    | WaitHealthy
    | ProbeModel
    | ConfigureEdge
    | InstallCertificate
    | IssueCertificate
    | AwaitCertificate
    | SwitchSlots
    | StopSlot
    | StopService
    | RestartContainer
    | EnsureAdmin
    | CheckEdge
    | RecordRelease
    | RemoveVolume
    | RemoveNetwork
    | ForgetRelease
    | BackUp
    | SendCopies
    | VerifyBackups
    | Drill
    | PruneBackups
    | ReadyBackups
    | StageGeneration
    | FillVolume
    | UseGeneration
    | ForgetGeneration
)


def label(service: str, slot: Slot | None) -> str:
    """Name a service and its slot as people read it, such as ``backend (slot a)``."""
    return f"{service} (slot {slot})" if slot else service
