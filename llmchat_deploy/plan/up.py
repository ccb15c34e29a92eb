"""Desired release vs observed state -> the plan of ``up``.

Pure and deterministic. Read :func:`plan_up` as the story of a deploy: make what is missing, start the new beside the
old, prove it, switch, then let the old go. A run that was cut anywhere is finished by planning again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import DiskFull, PortTaken, RestoreCut, VolumeMissing
from llmchat_deploy.plan.acme import plan_acme
from llmchat_deploy.plan.backup import plan_backup
from llmchat_deploy.plan.certificate import certificate_warnings, refuse_ended_certificate
from llmchat_deploy.plan.edge import edge_downtime, plan_edge, plan_unfinished_switch
from llmchat_deploy.plan.foundation import adopted_data, foreign_warnings, plan_foundation
from llmchat_deploy.plan.images import plan_images
from llmchat_deploy.plan.leftovers import plan_leftovers
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.offline import plan_offline, with_way_back
from llmchat_deploy.plan.old_images import plan_cache, plan_old_images
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.reach import Urls, public_urls, reach_notes
from llmchat_deploy.plan.services import plan_model, plan_slotted
from llmchat_deploy.plan.steps import (
    BuildImage,
    ConfigureEdge,
    EnsureAdmin,
    InstallCertificate,
    IssueCertificate,
    ProbeModel,
    RecordRelease,
    SaveSecrets,
    Step,
)
from llmchat_deploy.plan.together import together
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.release import Release, RenderedFile, Slots

BUILD_NEEDS = 3 << 30
"""Bytes that base image, images and build cache take on a fresh machine, with some room."""

EDGE_FILES = (ConfigureEdge, InstallCertificate, IssueCertificate)
"""Steps that write what the edge reads beside its slots."""

RenderSlots = Callable[[Slots], RenderedFile]


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What a person asks of ``up`` beyond the environment."""

    require_model: bool = False
    """Fail (exit 9) where the model server can't be reached, instead of warning."""
    renew_base: bool = False
    """Build every image anew where what they stand on is too old."""
    prune: bool = False
    """Look for what nothing needs any more even where nothing else is to be done."""
    cut: bool = False
    """End the open answers of slots that serve no more, instead of waiting for them."""
    edge_stays: bool = False
    """The release's edge is the one that runs: what the files say of ports and certificates by now is for ``up``."""


@dataclass(frozen=True, slots=True)
class DataSteps:
    """Steps that bring other data in: before its volume is made, and once it is there."""

    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    brings_admin: bool = False
    """The data has its administrators: none is made, and nobody's password is touched."""


def plan_up(  # noqa: PLR0913, PLR0917 - what runs, what should, and what a person asked for
    environment: Environment,
    release: Release,
    observed: ObservedState,
    render_slots: RenderSlots,
    options: UpOptions = UpOptions(),
    data: DataSteps = DataSteps(),
) -> Plan:
    """Return what has to be done so that ``release`` runs, on other data where ``data`` brings some.

    Raises PortTaken, RestoreCut and VolumeMissing before anything would change.
    """
    names = Names(environment.project)
    if not data.before:
        refuse_lost_data(release, observed)
    if not data.before and not data.after:
        refuse_half_data(release, observed)
    refuse_full_disk(observed)
    if not options.edge_stays:
        refuse_taken_ports(observed)
        refuse_ended_certificate(environment, observed)

    stays, written = options.edge_stays, render_slots(observed.slots)
    unfinished = plan_unfinished_switch(environment, release, observed, written, stays=stays)
    if unfinished:
        observed = replace(observed, edge=replace(observed.edge, slots=str(written.content)))
    drain = _drain(environment, options, data)
    slotted = {
        name: plan_slotted(name, environment, release, observed, require_model=options.require_model, drain=drain)
        for name in SLOTTED
    }
    slots = Slots(*(slotted[name].slot for name in SLOTTED))
    short = min(drain, environment.health.stop_timeout)
    offline = plan_offline(environment, release, observed, slotted["backend"], render_slots, short)
    if offline:
        # The page stands for the backend's steps only: what else is new is started and proved before.
        slotted = {name: slotted[name] for name in reversed(SLOTTED)} | {"backend": offline.part}
        observed = offline.observed
    parts = [part.steps for part in slotted.values()]
    # Behind the page nothing may fail any more that could have failed before: there each is proved in its turn.
    starts = tuple(step for part in parts for step in part) if offline else together(*parts)
    edge = plan_edge(environment, release, observed, slots, render_slots(slots), stays=stays)
    # The running edge has the page in its configuration.
    early = [step for step in edge if offline and isinstance(step, EDGE_FILES)]
    work: list[Step] = [
        *plan_images(release, observed),
        *data.before,
        *plan_foundation(names, release, observed),
        *data.after,
        *unfinished,
        *plan_model(environment, release, observed),
        *early,
        *starts,
        *([] if data.brings_admin else _admin(environment, observed, slots)),
        *(step for step in edge if step not in early),
        *plan_acme(environment, release, observed),
        *plan_backup(environment, release, observed),
    ]
    if not data.before and not data.after:
        work = with_way_back(work, release, observed)
    leftovers = plan_leftovers(environment, release, observed, slots, drain=drain)
    work += plan_old_images(release, observed.old)
    if options.prune and any(isinstance(step, BuildImage) for step in work):
        work += plan_cache(environment.build.cache_gigabytes, "images were built")
    urls = observed.recorded.urls if options.edge_stays and observed.recorded else public_urls(environment)
    record = _record(environment, release, observed, urls, changed=bool(work))
    if options.require_model and not any(isinstance(step, ProbeModel) and step.required for step in work):
        work.append(_probe_running(environment, slots))
    return Plan(
        environment=environment.name,
        project=environment.project,
        steps=(*_secrets(environment), *work, *record, *leftovers),
        notes=(*(() if stays else reach_notes(environment)), *([offline.note] if offline else [])),
        warnings=(
            *foreign_warnings(names, release, observed),
            *(() if stays else certificate_warnings(environment, observed)),
        ),
        adopts=() if data.before else adopted_data(release, observed),
        release=release.id,
        expected_downtime=edge_downtime(release, observed) + (offline.downtime if offline else 0.0),
    )


def refuse_lost_data(release: Release, observed: ObservedState) -> None:
    """Raise VolumeMissing where the recorded data volume is gone: going on would start with empty data."""
    name, recorded = release.data_volume, observed.recorded
    was_there = name != Names(release.project).data_volume(1) or (recorded is not None and name in recorded.volumes)
    if was_there and not observed.has_volume(name):
        raise VolumeMissing(
            f"The data volume {name} was there and is gone; starting now would begin with empty data.",
            hint="llmchat-deploy restore latest brings the newest backup back."
            " To start anew on purpose: llmchat-deploy down --volumes, then up.",
        )


def refuse_half_data(release: Release, observed: ObservedState) -> None:
    """Raise RestoreCut where the first data of all was to come from a backup: going on would start without it."""
    if observed.generations.is_half:
        raise RestoreCut(
            f"A restore into {release.data_volume} was cut before its data was whole; starting now would begin"
            " without it.",
            hint="Run the same restore again. To start with empty data on purpose: llmchat-deploy down --volumes,"
            " then up.",
        )


def refuse_taken_ports(observed: ObservedState) -> None:
    """Raise PortTaken, naming each port and who holds it."""
    if not observed.conflicts:
        return
    lines = tuple(f"port {item.port} on {item.bind} is held by {item.holder}" for item in observed.conflicts)
    raise PortTaken(
        "; ".join(lines) + ".",
        hint="Stop the holder, or choose other ports: FRONTEND_PORT and PORT in the env file,"
        " or --set server.web_port=… --set server.api_port=…",
    )


def refuse_full_disk(observed: ObservedState) -> None:
    """Raise DiskFull where a build would run out of space halfway."""
    free = observed.free_bytes
    if free is not None and free < BUILD_NEEDS:
        raise DiskFull(
            f"Building the images needs {BUILD_NEEDS >> 30} GB on the engine's disk; {free / 2**30:.1f} GB are free.",
            hint="docker system df shows what uses it; docker builder prune frees what old builds left.",
        )


def _drain(environment: Environment, options: UpOptions, data: DataSteps) -> int:
    """Return how long a slot may finish its answers; on data that is being replaced they would be lost anyway."""
    if options.cut:
        return 0
    return environment.health.stop_timeout if data.before or data.after else environment.health.drain_timeout


def _secrets(environment: Environment) -> list[Step]:
    if not environment.generated:
        return []
    return [SaveSecrets(names=environment.generated, cause="nobody set them; they must stay the same from now on")]


def _admin(environment: Environment, observed: ObservedState, slots: Slots) -> list[Step]:
    if observed.recorded is not None and observed.recorded.admin:
        return []
    if slots.backend is None:
        return []
    cause = "the first administrator is made by this tool only"
    if observed.recorded is not None:
        cause = "a run was cut before it showed the password it had made; one that was used stays"
    return [
        EnsureAdmin(
            project=environment.project,
            slot=slots.backend,
            username=environment.auth.admin,
            cause=cause,
        )
    ]


def _probe_running(environment: Environment, slots: Slots) -> ProbeModel:
    assert slots.backend is not None  # noqa: S101 - a planned release always has a backend slot
    return ProbeModel(
        project=environment.project, slot=slots.backend, beside=None, required=True, cause="--require-model"
    )


def _record(
    environment: Environment, release: Release, observed: ObservedState, urls: Urls | None, *, changed: bool
) -> list[Step]:
    recorded = observed.recorded
    if not changed and recorded is not None and recorded.digest == release.digest and recorded.admin:
        return []
    return [
        RecordRelease(
            project=environment.project,
            release=release.id,
            digest=release.digest,
            volumes=(release.data_volume,),
            images=tuple((service.name, service.image.tag) for service in release.services),
            keep_releases=environment.build.keep_releases,
            urls=urls,
            cause="so that the next run knows where this one ended",
        )
    ]
