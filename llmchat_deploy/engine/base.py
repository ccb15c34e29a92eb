"""A Docker engine, as the tool sees it: reading and writing are separate types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from llmchat_deploy.plan.observed import Container, Network, OwnImage, PublishedPort, Volume
from llmchat_deploy.render.release import RenderedFile

__all__ = [
    "EXEC_TIMEOUT",
    "TIMED_OUT",
    "Container",
    "Engine",
    "EngineReader",
    "ExecResult",
    "LogLine",
    "Network",
    "OwnImage",
    "PublishedPort",
    "Usage",
    "Volume",
]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a container's log; ``service`` as people read it (``backend (slot a)``)."""

    service: str
    text: str


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command inside a container left."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container uses now: memory in bytes, processor in percent of one core."""

    memory: int
    cpu: float


EXEC_TIMEOUT = 60.0
"""Seconds a command inside a container may take; those that are known to need longer say so."""
TIMED_OUT = 124
"""Exit status of a command that took too long, as GNU ``timeout`` says it."""


class EngineReader(Protocol):
    """What observing may ask of an engine."""

    def containers(self, project: str) -> tuple[Container, ...]:
        """Return every container of an environment, stopped ones too."""

    def inspect(self, name: str) -> Container | None:
        """Return one container as it is now (state, health, restarts), or None where it is gone."""

    def volumes(self, project: str) -> tuple[Volume, ...]:
        """Return every volume of an environment: with its label, or with a name that it would use."""

    def networks(self, project: str) -> tuple[Network, ...]:
        """Return the environment's networks: with its label, or with its name."""

    def images(self, tags: tuple[str, ...]) -> frozenset[str]:
        """Return those of ``tags`` that the engine has."""

    def image_ids(self, tags: tuple[str, ...]) -> Mapping[str, str]:
        """Return the id (digest of its configuration) of each of ``tags`` that the engine has."""

    def published_ports(self) -> tuple[PublishedPort, ...]:
        """Return the ports of every running container, strangers included."""

    def read_folder(self, container: str, path: str) -> Mapping[str, str]:
        """Return the text files of a folder of a container (running or not) by name; none where it isn't there."""

    def logs(self, container: str, *, tail: int) -> str:
        """Return the last lines of a container's log."""

    def follow(self, containers: tuple[Container, ...], *, follow: bool, tail: int | None) -> Iterator[LogLine]:
        """Yield log lines of several containers, merged as they come; ends when they end, or never with follow."""

    def usage(self, name: str) -> Usage | None:
        """Return what a running container uses, or None where it doesn't run."""

    def registry_has(self, reference: str, *, timeout: float) -> bool:
        """Say within ``timeout`` seconds whether the engine can get an image from its registry."""

    def created(self, tags: tuple[str, ...]) -> Mapping[str, float]:
        """Return when each of ``tags`` that the engine has was made, in seconds since the epoch."""

    def own_images(self) -> tuple[OwnImage, ...]:
        """Return every image that carries our label, those without a name too."""

    def data_root(self) -> str:
        """Return the folder in which the engine keeps images and volumes."""


class Engine(EngineReader, Protocol):
    """What applying may do with an engine."""

    def pull(self, reference: str, on_progress: Callable[[str], None]) -> None:
        """Pull an image in bounded time, telling how far it is; raises PullFailed where it doesn't come."""

    def create_network(self, name: str, project: str) -> None:
        """Create a bridge network, unless it is there."""

    def create_volume(self, name: str, project: str, role: str) -> None:
        """Create a volume, unless it is there."""

    def put_files(self, volume: str, image: str, service: str, files: tuple[RenderedFile, ...]) -> None:
        """Put files into a volume, owned by the service's user, through a container that never starts."""

    def run_once(self, argv: tuple[str, ...], *, image: str, volumes: dict[str, str]) -> ExecResult:
        """Run a command in a throwaway container without network; ``volumes`` maps volume name to path."""

    def exec(
        self, container: str, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = EXEC_TIMEOUT
    ) -> ExecResult:
        """Run a command inside a running container; ``stdin`` never shows in its arguments.

        After ``timeout`` seconds the command is killed, and its status is 124.
        """

    def signal(self, container: str, name: str) -> None:
        """Send a signal to a container's first process."""

    def restart(self, container: str, *, timeout: int) -> None:
        """Stop a container (killed after ``timeout`` seconds) and start it again."""

    def stop(self, container: str, *, timeout: int) -> None:
        """Stop a container (killed after ``timeout`` seconds) until it is started again."""

    def remove_container(self, name: str, *, timeout: int) -> None:
        """Stop (killed after ``timeout`` seconds) and remove a container, if it is there."""

    def remove_helpers(self, volume: str) -> None:
        """Remove throwaway containers that a killed run left on a volume: they would still work on it."""

    def remove_volume(self, name: str) -> None:
        """Remove a volume, if it is there."""

    def remove_image(self, reference: str) -> bool:
        """Remove a name of an image (with its last one the image), if it is there; False where it is in use."""

    def prune_cache(self, *, keep_bytes: int, unused_hours: int) -> int:
        """Remove what no build has used for so long, as far as the cache is larger; return the bytes freed."""

    def remove_network(self, name: str) -> None:
        """Remove a network, if it is there."""
