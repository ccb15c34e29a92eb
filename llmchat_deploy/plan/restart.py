"""The plan of ``restart``: the release that runs is started once more beside itself, proved, and switched to.

What there is only one of is restarted in place, and so is a slot whose release can't be started again as it was. Of the
configuration only counts how long to wait: what was changed in the files is for ``up``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import RefusedError
from llmchat_deploy.plan.edge import DOWNTIME_SECONDS, finish_switch, serving_file
from llmchat_deploy.plan.observed import Container, ObservedState
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.reach import published_urls
from llmchat_deploy.plan.services import prove
from llmchat_deploy.plan.steps import (
    CheckEdge,
    ConfigureEdge,
    RestartContainer,
    StartService,
    Step,
    StopSlot,
    SwitchSlots,
    WaitHealthy,
)
from llmchat_deploy.plan.together import together
from llmchat_deploy.render.loaded import is_loaded, marked_loaded
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.release import RenderedFile, Slot, Slots, digest_of
from llmchat_deploy.render.stored import StoredRelease

ASKED = "asked for"
EDGE_FILE = "haproxy.cfg"
EDGE_GRACE = 2
"""Seconds an edge that is restarted in place has for what it is sending: nobody else is served meanwhile."""
_ORDER = ("model", "backend", "frontend", "edge", "backup", "acme")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of ``restart``: services by name (none: all), and whether open answers are to be cut."""

    services: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """The steps for one service: before the switch, and once the service is as it should be."""

    work: tuple[Step, ...] = ()
    rest: tuple[Step, ...] = ()
    slot: Slot | None = None
    """The slot that is to serve, where another one does now."""
    warning: str = ""


def plan_restart(
    environment: Environment,
    kept: StoredRelease | None,
    observed: ObservedState,
    render_slots: Callable[[Slots], RenderedFile],
    asked: Asked = Asked(),
) -> Plan:
    """Return how the asked services get new processes; ``kept`` is the recorded release, where it is kept whole.

    What others need comes first: the model before the backend. The edge loads its files anew at the very end: how many
    answers are open in a worker that is left behind nobody can count, so no slot may be draining by then.

    Raises RefusedError while the maintenance page stands or is about to: only ``up`` ends that.
    """
    if observed.slots.maintenance:
        raise RefusedError(
            "The maintenance page stands: a run that changes the database is not finished. Nothing was restarted.",
            hint=f"llmchat-deploy up --env {environment.name} finishes it.",
        )
    there = sorted({item.service for item in observed.containers}, key=_rank)
    names = [name for name in there if not asked.services or name in asked.services]
    edge = observed.container("edge")
    edge_part = _edge(environment, observed, named="edge" in asked.services) if "edge" in names else _Part()
    check = _check(kept) if edge and (edge.state == "running" or edge_part.work) else ()
    work = list(edge_part.work)
    if edge and (finish := finish_switch(environment.project, edge.image, observed, render_slots(observed.slots))):
        work.append(finish)
        observed = replace(observed, edge=replace(observed.edge, slots=str(finish.file.content)))
    parts = {name: _part(name, environment, kept, observed, asked) for name in names if name != "edge"}
    slots = observed.slots
    # The model comes first, and what there is only one of is awaited before the next one is touched.
    beside = {name: part for name, part in parts.items() if part.slot}
    before = [name for name in parts if name not in beside and _rank(name) < _rank(SLOTTED[0])]
    work += [step for name in before for step in parts[name].work]
    work += together(*(part.work for part in beside.values()))
    work += [step for name, part in parts.items() if name not in (*beside, *before) for step in part.work]
    for name, part in parts.items():
        slots = slots.with_slot(name, part.slot) if part.slot else slots
    if edge and slots != observed.slots:
        work.append(_switch(environment, edge, observed, slots, render_slots(slots)))
    work += check if edge_part.work or any(isinstance(step, SwitchSlots) for step in work) else ()
    rest = [*(step for part in parts.values() for step in part.rest), *edge_part.rest]
    return Plan(
        environment=environment.name,
        project=environment.project,
        steps=(*work, *rest, *(check if edge_part.rest else ())),
        warnings=tuple(part.warning for part in parts.values() if part.warning),
        expected_downtime=DOWNTIME_SECONDS if edge_part.work and edge and edge.state == "running" else 0.0,
        work=len(work),
    )


def plan_rest(agreed: Plan, observed: ObservedState) -> Plan:
    """Return the plan with only what it still has to take away, now that the slots had their time.

    A slot that serves again stays, and so does everything while nobody knows which one serves.
    """

    def is_left(step: Step) -> bool:
        if isinstance(step, StopSlot):
            serving = observed.slots.of(step.service)
            there = observed.container(step.service, step.slot) is not None
            return there and serving not in (None, step.slot) and is_loaded(observed.edge.slots)
        if isinstance(step, ConfigureEdge):
            return [marked_loaded(observed.edge.haproxy or "")] == [file.content for file in step.files]
        return True

    return replace(agreed, steps=tuple(step for step in agreed.steps[agreed.leftovers_at :] if is_left(step)))


def _part(
    name: str, environment: Environment, kept: StoredRelease | None, observed: ObservedState, asked: Asked
) -> _Part:
    if name not in SLOTTED:
        return _Part(_in_place(environment, name, observed))
    why = _why_in_place(name, kept, observed)
    if why or kept is None:
        warning = f"The {name} was restarted in place, which its users can notice: {why}."
        return _Part(_in_place(environment, name, observed), warning=warning)
    return _beside(name, environment, kept, observed, asked)


def _beside(name: str, environment: Environment, kept: StoredRelease, observed: ObservedState, asked: Asked) -> _Part:
    """Start what serves once more in the other slot. What is there has run for a while, or was left half: it goes."""
    active, stored = observed.slots.of(name), kept.service(name)
    assert active is not None  # noqa: S101 - looked at before
    assert stored is not None  # noqa: S101 - looked at before
    serving, target = observed.container(name, active), active.other
    drain = 0 if asked.cut else environment.health.drain_timeout

    def stop(slot: Slot, cause: str) -> tuple[Step, ...]:
        if observed.container(name, slot) is None:
            return ()
        return (StopSlot(project=environment.project, service=name, slot=slot, drain=drain, cause=cause),)

    start = StartService(
        project=environment.project, service=stored.as_it_was, release=kept.id, slot=target, cause=ASKED
    )
    beside = active if serving and serving.state == "running" else None
    proof = prove(name, target, environment=environment, beside=beside)
    before, after = stop(target, "the new container needs its place"), stop(active, "the new container serves")
    return _Part((*before, start, *proof), after, target)


def _why_in_place(name: str, kept: StoredRelease | None, observed: ObservedState) -> str:
    """Say why what serves can't be started once more as it is; empty where it can."""
    active, stored = observed.slots.of(name), kept.service(name) if kept else None
    if active is None or not is_loaded(observed.edge.slots):
        return "nobody knows which of its slots serves"
    serving = observed.container(name, active)
    if stored is None:
        return "the release that runs isn't kept on this machine"
    if serving and serving.digest != stored.digest:
        return "what runs isn't what was recorded last; up puts that right"
    return "" if stored.image.tag in observed.images else f"its image {stored.image.tag} is gone"


def _in_place(environment: Environment, name: str, observed: ObservedState) -> tuple[Step, ...]:
    """Restart each container of a service, and await it; a slot that only finishes its answers is left alone."""
    active = observed.slots.of(name)
    drain = EDGE_GRACE if name == "edge" else environment.health.stop_timeout
    steps: list[Step] = []
    for container in observed.containers:
        if container.service != name or (container.slot and active not in (None, container.slot)):
            continue
        slot = Slot(container.slot) if container.slot else None
        steps += [
            RestartContainer(name=container.name, service=name, slot=slot, drain=drain, cause=ASKED),
            WaitHealthy(
                project=environment.project,
                service=name,
                slot=slot,
                timeout=environment.health.start_timeout,
                cause="the next one may need it",
            ),
        ]
    return tuple(steps)


def _edge(environment: Environment, observed: ObservedState, *, named: bool) -> _Part:
    """Give the edge a new worker, or restart its container where that is asked for or nothing else would help."""
    running, text = observed.container("edge"), observed.edge.haproxy
    if named or running is None or not running.runs or text is None:
        return _Part(_in_place(environment, "edge", observed))
    content = marked_loaded(text)
    reload = ConfigureEdge(
        volume=Names(environment.project).edge_volume,
        image=running.image,
        project=environment.project,
        files=(RenderedFile(EDGE_FILE, content, 0o640, digest_of(content)),),
        cause="a new worker takes over, the old one finishes what it has",
    )
    return _Part(rest=(reload,))


def _switch(
    environment: Environment, edge: Container, observed: ObservedState, slots: Slots, file: RenderedFile
) -> SwitchSlots:
    return SwitchSlots(
        volume=Names(environment.project).edge_volume,
        image=edge.image,
        project=environment.project,
        slots=slots,
        file=file,
        before=serving_file(observed),
        cause="the new container is proved healthy",
    )


def _check(kept: StoredRelease | None) -> tuple[Step, ...]:
    """Ask where the edge that runs is published; the files may name other ports by now."""
    edge = kept.service("edge") if kept else None
    urls = published_urls(edge.compose) if edge else ()
    return (CheckEdge(urls=urls, timeout=30, cause="the way a browser comes"),) if urls else ()


def _rank(service: str) -> int:
    return _ORDER.index(service) if service in _ORDER else len(_ORDER)
