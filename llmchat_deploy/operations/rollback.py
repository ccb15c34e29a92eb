"""Go back to a release that ran before: planning with it as the desired state, from what is kept on the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.generations import read_generations, refuse_unknown_generation
from llmchat_deploy.apply.observe import observe, observe_running
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.apply.run import Findings
from llmchat_deploy.errors import PlanChanged
from llmchat_deploy.operations import restore
from llmchat_deploy.operations.backup_source import Archives, find_source
from llmchat_deploy.operations.compose_check import require_compose
from llmchat_deploy.operations.leftovers import take_away
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.rollback_target import Target, find_target, refuse_gone_images
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.reach import Urls, public_urls
from llmchat_deploy.plan.restore import next_generation, restore_steps
from llmchat_deploy.plan.up import DataSteps, UpOptions
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.stored import reopen
from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class RollbackData:
    """What runs now, and what it took the place of.

    ``snapshot`` is the id of the backup whose data came back, None where the data stayed; then ``kept_volume`` holds
    what was there before, and ``safety`` is the backup made of it.
    """

    environment: str
    release: str
    release_before: str
    changed: bool
    snapshot: str | None
    kept_volume: str | None
    safety: str | None
    urls: Urls
    next_steps: tuple[str, ...] = ()
    draining: tuple[str, ...] = ()
    """Replaced slots that still finish their open answers; the next run takes them away."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for: a release (empty: the one before), and whether the present data stays."""

    release: str = ""
    keep_data: bool = False

    def target(self, parts: Parts) -> Target:
        """Return what that means now; raises NothingToRollBack or SnapshotMissing."""
        return find_target(parts.environment, parts.host, self.release, keep_data=self.keep_data)


def planner(asked: Asked, archives: Archives, identities: Sequence[Secret]) -> Callable[[Parts], Plan]:
    """Return how the rollback is planned, before and once more under the lock."""
    return lambda parts: plan(parts, asked.target(parts), archives, identities)


def plan(parts: Parts, target: Target, archives: Archives, identities: Sequence[Secret] = ()) -> Plan:
    """Return what going back would do; changes nothing.

    Raises ImagesGone where an image isn't there any more, ArchiveFailed where the data from before can't be opened.
    """
    environment, host = parts.environment, parts.host
    seen = observe_running(environment, host, parts.engine)
    refuse_unknown_generation(environment.project, seen.generations, seen.volumes)
    generation = next_generation(Names(environment.project), seen) if target.snapshot else seen.generations.current
    places = replace(places_of(environment, host), generation=generation)
    release = reopen(target.release, target.now, environment, places, parts.templates.context)
    tags = tuple(image.tag for image in release.images)
    refuse_gone_images(environment, tags, parts.engine.images(tags))
    observed = observe(environment, release, host, parts.engine)
    data = DataSteps()
    if target.snapshot:
        source = find_source(target.snapshot, environment, host, archives, identities)
        data = restore_steps(release, observed, generation, source)
    planned = restore.plan_with(parts, release, observed, data, UpOptions(edge_stays=True))
    return replace(planned, notes=(*planned.notes, *_notes(target)))


def apply(  # noqa: PLR0913, PLR0917 - what was asked and agreed, and the keys
    agreed: Plan,
    asked: Asked,
    parts: Parts,
    archives: Archives,
    events: EventSink,
    identities: tuple[Secret, ...] = (),
) -> Outcome[RollbackData]:
    """Carry out the agreed plan under the lock; raises PlanChanged where the machine changed meanwhile."""
    target, planned = asked.target(parts), planner(asked, archives, identities)
    if target.snapshot:
        found = restore.carry_out(
            agreed, planned, parts, events, identities, command="rollback", about=target.release.id
        )
        return _outcome(agreed, target, parts, found[1], kept=found[0].current)
    require_compose(parts.host)
    # Without what it was told, the same again would bring data back that was to stay.
    about = f"{target.release.id}{' --keep-data' if asked.keep_data else ''}"
    with parts.host.lock(f"rollback {about}"):
        if planned(parts) != agreed:
            raise PlanChanged(
                "The machine changed since the plan was made; nothing was done.", hint="Run the command again."
            )
        context = parts.templates.context
        with audited(parts.host, parts.engine, "rollback", agreed, context=context, about=about) as findings:
            until = agreed.leftovers_at
            execute(agreed, parts.environment, parts.host, parts.engine, events, findings=findings, until=until)
    # By now the release before this one is the one that was left: what is still to be taken away is that of this one.
    rest = planner(replace(asked, release=target.release.id), archives, identities)
    left = take_away(agreed, lambda: rest(parts), parts, events, findings)
    outcome = _outcome(agreed, target, parts, findings)
    return replace(outcome, data=replace(outcome.data, draining=left))


def unchanged(agreed: Plan, asked: Asked, parts: Parts) -> Outcome[RollbackData]:
    """Return the outcome where that release runs already."""
    return _outcome(agreed, asked.target(parts), parts, Findings())


def _outcome(
    agreed: Plan, target: Target, parts: Parts, findings: Findings, kept: int | None = None
) -> Outcome[RollbackData]:
    name, names = parts.environment.name, Names(parts.environment.project)
    recorded = read_recorded(parts.host)
    moved = kept is not None and kept != read_generations(parts.host).current
    steps = [f"The files still describe what they did: llmchat-deploy up --env {name} goes forward again."]
    if moved:
        steps.append(f"The data from before this rollback: llmchat-deploy restore --undo --env {name}, after that up.")
    data = RollbackData(
        environment=name,
        release=agreed.release,
        release_before=target.before,
        changed=not agreed.is_empty,
        snapshot=target.snapshot or None,
        kept_volume=names.data_volume(kept) if moved and kept is not None else None,
        safety=findings.backup["id"] if findings.backup and target.snapshot else None,
        urls=(recorded and recorded.urls) or public_urls(parts.environment),
        next_steps=tuple(steps) if not agreed.is_empty else (),
    )
    return Outcome("rollback", data, warnings=tuple(findings.warnings))


def _notes(target: Target) -> tuple[str, ...]:
    comes = (
        "Page, backend and a bundled model come back as they were. The edge stays as it runs, with addresses, ports and"
        " certificate; keys, scheduled backups and what gets certificates follow the files."
    )
    forward = "Until the files are changed too, the next up goes forward again to what they describe."
    if not target.snapshot:
        return (comes, forward)
    lost = (
        f"The schema has moved since, so the data goes back too: to backup {target.snapshot} of {target.snapshot_at}."
        " Nothing written after that is in it."
    )
    return (comes, lost, forward)
