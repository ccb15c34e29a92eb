"""Changes of the database that no release before them can serve beside: made behind a maintenance page.

The order is what makes it safe. Everything that can fail without harm comes first (images, the new frontend, a model
that is required, the backup); then nobody is sent to the old backend, it stops, and only then does the database change.
Where that fails, nothing has changed (it is one transaction) and the old backend, which was kept, serves again. The
backend holds the other end: it isn't ready on a database that an offline change it doesn't know has been through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.edge import serving_file
from llmchat_deploy.plan.migration import is_in_use
from llmchat_deploy.plan.observed import Container, ObservedState
from llmchat_deploy.plan.services import SlottedPart
from llmchat_deploy.plan.steps import (
    Migrate,
    Offline,
    ProbeModel,
    RestartContainer,
    Step,
    StopSlot,
    SwitchSlots,
    WaitHealthy,
)
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release, RenderedFile, Revision, Slot, Slots

OVERHEAD_SECONDS = 10.0
"""What stopping the old backend, and starting and proving the new one, adds to the change itself."""


@dataclass(frozen=True, slots=True)
class OfflinePart:
    """The backend's part behind the maintenance page, and what is known of the edge by then."""

    part: SlottedPart
    observed: ObservedState
    downtime: float
    """Seconds without service, expected."""
    note: str


def pending_offline(release: Release, observed: ObservedState) -> tuple[Revision, ...]:
    """Return the offline revisions that the data in use has yet to go through; a newer release's are none of ours."""
    if not is_in_use(release, observed) or not observed.has_volume(release.data_volume):
        return ()
    names = [revision.name for revision in release.revisions]
    done = names.index(observed.schema) + 1 if observed.schema in names else len(names) if observed.schema else 0
    return tuple(revision for revision in release.revisions[done:] if revision.offline is not None)


def plan_offline(  # noqa: PLR0913, PLR0917 - what runs, what should, and how
    environment: Environment,
    release: Release,
    observed: ObservedState,
    part: SlottedPart,
    render_slots: Callable[[Slots], RenderedFile],
    drain: int,
) -> OfflinePart | None:
    """Put the backend's migration behind the maintenance page; None where it needs none, or nobody has to stand aside.

    ``drain`` is how many seconds open answers get.
    """
    revisions, edge = pending_offline(release, observed), release.service("edge")
    at = next((index for index, step in enumerate(part.steps) if isinstance(step, Migrate)), None)
    if not revisions or at is None or part.slot is None or edge is None:
        return None
    image, other, active = edge.image.tag, part.slot.other, observed.slots.backend
    old = observed.container("backend", other)
    served, page = (replace(observed.slots, maintenance=shown) for shown in (False, True))
    files = {slots.maintenance: render_slots(slots) for slots in (served, page)}

    def switch(slots: Slots, before: RenderedFile | None, cause: str) -> SwitchSlots:
        return SwitchSlots(
            volume=Names(environment.project).edge_volume,
            image=image,
            project=environment.project,
            slots=slots,
            file=files[slots.maintenance],
            before=before,
            cause=cause,
        )

    named = " and ".join(revision.name for revision in revisions)
    first: list[SwitchSlots | StopSlot] = []
    if active and observed.edge.slots != files[True].content:
        first.append(switch(page, serving_file(observed), "nobody may be served meanwhile"))
    if old and old.state != "exited":
        cause = f"it can't work with what {named} leaves"
        first.append(
            StopSlot(project=environment.project, service="backend", slot=other, drain=drain, keep=True, cause=cause)
        )
    back = (*_start_again(environment, old), switch(served, files[True], "it serves again"))
    offline = Offline(tuple(first), back if old and other is active else (), _way_back(release, observed))
    if not offline.first and not offline.back:
        return None
    migrate = part.steps[at]
    assert isinstance(migrate, Migrate)  # noqa: S101 - found as one above
    migrate = replace(migrate, offline=offline, cause=f"no release before can serve beside revision {named}")
    before = (*_required_model(part, observed), *part.steps[:at])
    after = (_alone(step) for step in part.steps[at + 1 :])
    seconds = OVERHEAD_SECONDS + sum(revision.offline or 0 for revision in revisions)
    if active:
        observed = replace(observed, slots=page, edge=replace(observed.edge, slots=str(files[True].content)))
    return OfflinePart(
        part=SlottedPart(part.slot, (*before, migrate, *after)),
        observed=observed,
        downtime=seconds,
        note=f"A maintenance page stands while the database goes through {named}: for about {seconds:.0f} s, and for at"
        f" most {drain} s more where answers are open.",
    )


def with_way_back(work: list[Step], release: Release, observed: ObservedState) -> list[Step]:
    """Name the way back in each step once the database has changed: the release before can't be started on it.

    Where the page stands and nothing offline is left to do, a run that was cut has changed it.
    """
    changed = [at for at, step in enumerate(work) if isinstance(step, Migrate) and step.offline]
    if not changed and not observed.slots.maintenance:
        return work
    begin = changed[0] + 1 if changed else 0
    way_back = _way_back(release, observed)
    return [replace(step, way_back=way_back) if at >= begin else step for at, step in enumerate(work)]


def _way_back(release: Release, observed: ObservedState) -> str:
    before = observed.recorded.release if observed.recorded else ""
    if before in {"", release.id}:
        return ""
    return f"llmchat-deploy rollback {before} brings release and data from before back."


def _start_again(environment: Environment, old: Container | None) -> tuple[RestartContainer | WaitHealthy, ...]:
    if old is None:
        return ()
    slot, health, cause = Slot(old.slot), environment.health, "the database is as it was"
    return (
        RestartContainer(name=old.name, service=old.service, slot=slot, drain=health.stop_timeout, cause=cause),
        WaitHealthy(
            project=environment.project, service=old.service, slot=slot, timeout=health.start_timeout, cause=cause
        ),
    )


def _required_model(part: SlottedPart, observed: ObservedState) -> tuple[Step, ...]:
    """Ask for a required model while somebody is served: once the page stands it is too late to fail for it."""
    probe = next((step for step in part.steps if isinstance(step, ProbeModel) and step.required), None)
    slot = observed.slots.backend
    serving = observed.container("backend", slot) if slot else None
    if probe is None or slot is None or serving is None or serving.state != "running" or observed.slots.maintenance:
        return ()
    return (replace(probe, slot=slot, beside=None, undo=(), cause="once the page stands it is too late"),)


def _alone(step: Step) -> Step:
    """Return a step after the change: nothing serves beside the new backend any more, and nothing could."""
    if isinstance(step, WaitHealthy):
        return replace(step, undo=(), still_serving=None)
    return replace(step, undo=(), beside=None, required=False) if isinstance(step, ProbeModel) else step
