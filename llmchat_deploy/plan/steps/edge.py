"""The edge: configured, switched, given certificates."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.plan.steps.base import BaseStep, label
from llmchat_deploy.render.release import RenderedFile, Slots


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
        if self.slots.maintenance:
            return "show the maintenance page"
        names = [label(name, self.slots.of(name)) for name in ("backend", "frontend") if self.slots.of(name)]
        return f"send requests to {' and '.join(names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEdge(BaseStep):
    """Ask for the page and for the API's readiness through the published ports, as a browser would."""

    urls: tuple[str, ...]
    timeout: int

    @property
    def title(self) -> str:
        return "check the page and the API"
