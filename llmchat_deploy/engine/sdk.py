"""The Docker engine through its SDK. The SDK is imported here only: it costs a quarter of a second."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import docker
import docker.errors
from docker.types import Mount

from llmchat_deploy.engine import archive, own_images, pull, put, streams
from llmchat_deploy.engine.base import (
    EXEC_TIMEOUT,
    Container,
    ExecResult,
    LogLine,
    Network,
    OwnImage,
    PublishedPort,
    Usage,
    Volume,
)
from llmchat_deploy.engine.client import connected, registry_has
from llmchat_deploy.engine.translate import (
    LABEL,
    ROLE,
    connect_error,
    container_from,
    networks_from,
    published_from,
    translated,
    version_numbers,
    volumes_from,
)
from llmchat_deploy.errors import DockerTooOld
from llmchat_deploy.render.release import RenderedFile

OLDEST_ENGINE = (20, 10)
SHORT_TIMEOUT = 60
"""Seconds one call may take; long work (builds, Compose) doesn't go through here."""


class SdkEngine:
    """Implement :class:`llmchat_deploy.engine.base.Engine` with the docker SDK."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self._api: Any = client.api
        self._registry_answers: dict[str, bool] = {}

    @classmethod
    def connect(cls) -> SdkEngine:
        """Connect to the engine that ``docker`` would use, negotiating the API version.

        Raises DockerUnavailable with the reason, DockerElsewhere for another machine's, DockerTooOld below 20.10.
        """
        try:
            client = connected(SHORT_TIMEOUT)
        except docker.errors.DockerException as error:
            raise connect_error(error) from error
        with translated("ask for its version"):
            version = str(client.version()["Version"])
        if version_numbers(version) < OLDEST_ENGINE:
            raise DockerTooOld(
                f"The Docker engine is {version}; at least 20.10 is needed.",
                hint="Upgrade Docker, from your distribution's packages (docker.io) or as docs.docker.com says.",
            )
        return cls(client)

    def containers(self, project: str) -> tuple[Container, ...]:
        """Return every container of an environment, stopped ones too."""
        with translated("list containers"):
            found = self._api.containers(all=True, filters={"label": f"{LABEL}={project}"})
            inspected = [self._inspect(item["Id"]) for item in found]
        return tuple(sorted((item for item in inspected if item), key=lambda item: item.name))

    def inspect(self, name: str) -> Container | None:
        """Return one container as it is now, or None where it is gone."""
        with translated("look at a container"):
            return self._inspect(name)

    def _inspect(self, name: str) -> Container | None:
        with contextlib.suppress(docker.errors.NotFound):
            return container_from(self._api.inspect_container(name))
        return None

    def volumes(self, project: str) -> tuple[Volume, ...]:
        """Return every volume of an environment: with its label, or with a name that it would use."""
        with translated("list volumes"):
            found = self._api.volumes()["Volumes"] or []
        return volumes_from(found, project)

    def networks(self, project: str) -> tuple[Network, ...]:
        """Return the environment's networks: with its label, or with its name."""
        with translated("list networks"):
            found = self._api.networks()
        return networks_from(found, project)

    def images(self, tags: tuple[str, ...]) -> frozenset[str]:
        """Return those of ``tags`` that the engine has."""
        return frozenset(self.image_ids(tags))

    def image_ids(self, tags: tuple[str, ...]) -> Mapping[str, str]:
        """Return the id (digest of its configuration) of each of ``tags`` that the engine has."""
        with translated("list images"):
            return {tag: str(item["Id"]) for tag, item in own_images.tagged(self._api, tags).items()}

    def created(self, tags: tuple[str, ...]) -> Mapping[str, float]:
        """Return when each of ``tags`` that the engine has was made."""
        with translated("list images"):
            return {tag: float(item["Created"]) for tag, item in own_images.tagged(self._api, tags).items()}

    def own_images(self) -> tuple[OwnImage, ...]:
        """Return every image that carries our label, those without a name too."""
        with translated("list images"):
            return own_images.own_images(self._api)

    def published_ports(self) -> tuple[PublishedPort, ...]:
        """Return the ports of every running container, strangers included."""
        with translated("list containers"):
            found = self._api.containers()
        return tuple(port for item in found for port in published_from(item))

    def read_folder(self, container: str, path: str) -> Mapping[str, str]:
        """Return the text files of a folder of a container by name: one request, since each makes Docker mount it."""
        with translated("read files of a container"):
            try:
                stream, _ = self._api.get_archive(container, f"{path}/.")
            except docker.errors.NotFound:
                return {}
            return archive.texts_of(b"".join(stream))

    def logs(self, container: str, *, tail: int) -> str:
        """Return the last lines of a container's log; empty where the container is gone."""
        with translated("read a log"):
            try:
                found: bytes = self._api.logs(container, tail=tail)
            except docker.errors.NotFound:
                return ""
        return found.decode(errors="replace")

    def follow(self, containers: tuple[Container, ...], *, follow: bool, tail: int | None) -> Iterator[LogLine]:
        """Yield log lines of several containers as they come."""
        with translated("read logs"):
            yield from streams.merged_logs(self._api, containers, follow=follow, tail=tail)

    def usage(self, name: str) -> Usage | None:
        """Return what a running container uses, or None where it doesn't run."""
        with translated("read usage"):
            try:
                stats = self._api.stats(name, stream=False, one_shot=True)
            except docker.errors.NotFound:
                return None
        return streams.usage_from(stats)

    def registry_has(self, reference: str, *, timeout: float) -> bool:
        """Say within ``timeout`` seconds whether the engine can get an image from its registry; asked once a run."""
        if reference not in self._registry_answers:
            self._registry_answers[reference] = registry_has(reference, timeout)
        return self._registry_answers[reference]

    def data_root(self) -> str:
        """Return the folder in which the engine keeps images and volumes."""
        with translated("ask for its settings"):
            return str(self._api.info()["DockerRootDir"])

    @staticmethod
    def pull(reference: str, on_progress: Callable[[str], None]) -> None:
        """Pull an image, telling how far it is; raises PullFailed where its registry doesn't deliver in time."""
        with translated(f"pull {reference}"):
            pull.bounded(connected(SHORT_TIMEOUT).api, reference, on_progress)

    def create_network(self, name: str, project: str) -> None:
        """Create a bridge network, unless it is there."""
        with translated(f"create network {name}"):
            if not self._api.networks(names=[f"^{name}$"]):
                self._api.create_network(name, driver="bridge", labels={LABEL: project}, check_duplicate=True)

    def create_volume(self, name: str, project: str, role: str) -> None:
        """Create a volume, unless it is there."""
        with translated(f"create volume {name}"):
            self._api.create_volume(name, labels={LABEL: project, ROLE: role})

    def put_files(self, volume: str, image: str, service: str, files: tuple[RenderedFile, ...]) -> None:
        """Put files into a volume, owned by the service's user."""
        with translated(f"put files into volume {volume}"):
            put.put_files(self._api, volume, image, service, files)

    def run_once(self, argv: tuple[str, ...], *, image: str, volumes: dict[str, str]) -> ExecResult:
        """Run a command in a throwaway container without network; ``volumes`` maps volume name to path."""
        mounts = [Mount(path, name, type="volume") for name, path in volumes.items()]
        with translated(f"run {argv[0]}"):
            for volume in volumes:
                put.remove_helpers(self._api, volume)
            made = self._api.create_container(
                image,
                labels={put.HELPER: "true"},
                entrypoint=list(argv),  # whatever the image's own is
                command=[],
                host_config=self._api.create_host_config(
                    mounts=mounts,
                    network_mode="none",
                    read_only=True,
                    cap_drop=["ALL"],
                    security_opt=["no-new-privileges:true"],
                    tmpfs={"/tmp": "size=64m"},  # noqa: S108 - a path inside the container
                ),
            )
            try:
                self._api.start(made["Id"])
                status = int(self._api.wait(made["Id"], timeout=None)["StatusCode"])
                stdout = self._api.logs(made["Id"], stdout=True, stderr=False).decode(errors="replace")
                stderr = self._api.logs(made["Id"], stdout=False, stderr=True).decode(errors="replace")
            finally:
                self._api.remove_container(made["Id"], force=True)
        return ExecResult(status, stdout, stderr)

    def exec(
        self, container: str, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = EXEC_TIMEOUT
    ) -> ExecResult:
        """Run a command inside a running container; a container that has gone counts as status 137."""
        with translated(f"run {argv[0]} in {container}"):
            try:
                if stdin:
                    return streams.exec_with_input(container, argv, stdin, timeout)
                return streams.exec_in(self._api, container, argv, timeout)
            except (docker.errors.NotFound, docker.errors.APIError) as error:
                if getattr(error, "status_code", None) in (404, 409):
                    return ExecResult(137, "", str(getattr(error, "explanation", "") or error))
                raise

    def signal(self, container: str, name: str) -> None:
        """Send a signal to a container's first process."""
        with translated(f"signal {container}"):
            self._api.kill(container, signal=name)

    def restart(self, container: str, *, timeout: int) -> None:
        """Stop a container (killed after ``timeout`` seconds) and start it again."""
        with translated(f"restart {container}"):
            self._api.restart(container, timeout=timeout)

    def stop(self, container: str, *, timeout: int) -> None:
        """Stop a container (killed after ``timeout`` seconds) until it is started again."""
        with translated(f"stop {container}"):
            self._api.stop(container, timeout=timeout)

    def remove_container(self, name: str, *, timeout: int) -> None:
        """Stop (killed after ``timeout`` seconds) and remove a container, if it is there."""
        with translated(f"remove container {name}"), contextlib.suppress(docker.errors.NotFound):
            self._api.stop(name, timeout=timeout)
            self._api.remove_container(name, force=True)

    def remove_helpers(self, volume: str) -> None:
        """Remove throwaway containers that a killed run left on a volume: they would still work on it."""
        with translated(f"remove what was left on volume {volume}"):
            put.remove_helpers(self._api, volume)

    def remove_volume(self, name: str) -> None:
        """Remove a volume, if it is there."""
        with translated(f"remove volume {name}"), contextlib.suppress(docker.errors.NotFound):
            put.remove_helpers(self._api, name)
            self._api.remove_volume(name)

    def remove_network(self, name: str) -> None:
        """Remove a network, if it is there."""
        with translated(f"remove network {name}"), contextlib.suppress(docker.errors.NotFound):
            self._api.remove_network(name)

    def remove_image(self, reference: str) -> bool:
        """Remove a name of an image, if it is there; False where it is in use."""
        with translated(f"remove image {reference}"):
            return own_images.remove_image(self._api, reference)

    def prune_cache(self, *, keep_bytes: int, unused_hours: int) -> int:
        """Remove what no build has used for so long, as far as the cache is larger."""
        with translated("prune the build cache"):
            return own_images.prune_cache(self._api, keep_bytes=keep_bytes, unused_hours=unused_hours)
