"""Read what is there now. Everything here goes through reader types: observing can't change anything."""

from __future__ import annotations

from collections.abc import Callable

from llmchat_deploy.apply.authority import observe_tls
from llmchat_deploy.apply.base_age import read_base
from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.apply.migrating import read_begun
from llmchat_deploy.apply.old_images import read_old_images
from llmchat_deploy.apply.records import read_recorded, read_schemas, stored_release
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import EngineReader
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.plan.images import OWN_BASE, is_debian_13
from llmchat_deploy.plan.observed import BaseImages, EdgeFiles, ObservedState, OldImages, PortConflict, PublishedPort
from llmchat_deploy.render.edge import ACME_FILE, CHAIN_FILE, EDGE_FOLDER
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release, Slots
from llmchat_deploy.render.slots import SLOTS_FILE, parse_slots

EDGE_FILE = "haproxy.cfg"
REGISTRY_TIMEOUT = 8.0
"""Seconds after which a registry that doesn't answer counts as unreachable."""


def observe(  # noqa: PLR0913 - what is looked at, and how far
    environment: Environment,
    release: Release,
    host: HostReader,
    engine: EngineReader,
    edge_files: Callable[[], EdgeFiles] | None = None,
    *,
    prune: bool = False,
) -> ObservedState:
    """Return the state of one environment on one machine, as far as planning ``release`` needs it.

    Old images are looked for where the release isn't the recorded one, or ``prune`` asks for it.
    ``edge_files`` gives what :func:`read_edge` returns, where a caller has begun to read it already.
    """
    project = environment.project
    containers = engine.containers(project)
    images = engine.images((*(image.tag for image in release.images), release.base_image, OWN_BASE))
    edge = edge_files() if edge_files else read_edge(Names(project), engine)
    recorded = read_recorded(host)
    changes = recorded is not None and recorded.digest != release.digest
    return ObservedState(
        containers=containers,
        volumes=engine.volumes(project),
        networks=engine.networks(project),
        images=images,
        base=_base(release, images, host, engine),
        edge=edge,
        slots=parse_slots(edge.slots),
        stored_release=stored_release(host, release.id),
        recorded=recorded,
        old=read_old_images(environment, host, engine) if changes or prune else OldImages(),
        generations=read_generations(host),
        schema=read_schemas(host).get(release.data_volume, ""),
        migrating=read_begun(host, release.data_volume) is not None,
        tls=observe_tls(environment, host, edge),
        conflicts=_conflicts(environment, host, engine),
        free_bytes=host.free_bytes(engine.data_root()) if _must_build(release, images) else None,
    )


def observe_running(environment: Environment, host: HostReader, engine: EngineReader) -> ObservedState:
    """Return what runs and what is kept, without a release to compare it with."""
    names = Names(environment.project)
    containers = engine.containers(environment.project)
    edge = read_edge(names, engine)
    return ObservedState(
        containers=containers,
        volumes=engine.volumes(environment.project),
        networks=engine.networks(environment.project),
        edge=edge,
        slots=parse_slots(edge.slots),
        tls=observe_tls(environment, host, edge),
        recorded=read_recorded(host),
        generations=read_generations(host),
    )


def active_slots(names: Names, engine: EngineReader) -> Slots:
    """Return the slots that get requests, as the edge's own file says."""
    return parse_slots(engine.read_folder(names.container("edge", None), EDGE_FOLDER).get(SLOTS_FILE))


def read_edge(names: Names, engine: EngineReader) -> EdgeFiles:
    """Return the edge's configuration as it stands on its volume; nothing where there is no edge to read it from."""
    files = engine.read_folder(names.container("edge", None), EDGE_FOLDER)
    return EdgeFiles(
        haproxy=files.get(EDGE_FILE),
        slots=files.get(SLOTS_FILE),
        chain=files.get(CHAIN_FILE),
        acme=files.get(ACME_FILE),
    )


def _must_build(release: Release, images: frozenset[str]) -> bool:
    return any(image.tag not in images for image in release.images)


def _base(release: Release, images: frozenset[str], host: HostReader, engine: EngineReader) -> BaseImages:
    """Ask the registry only where something must be built and there is nothing (or nothing new) to build it on."""
    usable = {release.base_image, OWN_BASE} if is_debian_13(release.base_image) else {release.base_image}
    present, noted = images & usable, read_base(host)
    must_come = bool(release.base_stamp) and not (noted.came and noted.stamp == release.base_stamp)
    answers = (
        _must_build(release, images)
        and (must_come or not present)
        and engine.registry_has(release.base_image, timeout=REGISTRY_TIMEOUT)
    )
    return BaseImages(present=present, registry_answers=answers, newest=noted.reference, must_come=must_come)


def _conflicts(environment: Environment, host: HostReader, engine: EngineReader) -> tuple[PortConflict, ...]:
    """Find who holds a port that the edge needs; what our own edge publishes is free to its successor."""
    published = engine.published_ports()
    strangers = tuple(item for item in published if item.project != environment.project)
    found = []
    for bind, port in environment.published:
        ours = frozenset(item.bind for item in published if item.project == environment.project and item.port == port)
        if bind in ours:
            continue
        holder = _published_by(strangers, bind, port) or host.port_holder(bind, port, besides=ours)
        if holder:
            found.append(PortConflict(bind, port, holder))
    return tuple(found)


def _published_by(published: tuple[PublishedPort, ...], bind: str, port: int) -> str | None:
    everywhere = {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    for item in published:
        if item.port == port and (item.bind == bind or item.bind in everywhere or bind in everywhere):
            owner = f" (environment project {item.project})" if item.project else ""
            return f"container {item.container}{owner}"
    return None
