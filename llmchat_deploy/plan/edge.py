"""When the edge is configured, switched and started."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.certificate import plan_certificate
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.reach import local_urls, published_urls
from llmchat_deploy.plan.services import bring_up, change_cause
from llmchat_deploy.plan.steps import CheckEdge, ConfigureEdge, Step, SwitchSlots, WaitHealthy
from llmchat_deploy.render.loaded import is_loaded
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.release import Release, RenderedFile, Slots, digest_of
from llmchat_deploy.render.slots import SLOTS_FILE

DOWNTIME_SECONDS = 6.0
"""Seconds without service while the container that owns the ports is replaced; there can't be two of it.

The worst that ``tests/bench/edge.py`` measured on a busy machine, rounded up: 3 s where nobody is being answered; open
answers add the edge's grace period (2 s).
"""


def plan_edge(  # noqa: PLR0913 - what runs, what should, and where from
    environment: Environment,
    release: Release,
    observed: ObservedState,
    slots: Slots,
    slots_file: RenderedFile,
    *,
    stays: bool = False,
) -> list[Step]:
    """Switch, configure, start. An edge that ``stays`` as it is gets no other certificate.

    Each writes durably first, so that an edge that restarts in between is right too. The switch comes before the
    configuration, because a reload leaves an old worker behind that takes no commands but ends its connections.
    """
    service = release.service("edge")
    if service is None:
        return []
    running = observed.container("edge")
    project, volume, image = environment.project, Names(environment.project).edge_volume, service.image.tag
    steps: list[Step] = []
    if observed.edge.slots != slots_file.content:
        cause = _switch_cause(observed, slots)
        steps.append(
            SwitchSlots(
                volume=volume,
                image=image,
                project=project,
                slots=slots,
                file=slots_file,
                before=serving_file(observed),
                cause=cause,
            )
        )
    if not stays:
        steps += plan_certificate(environment, image, observed)
    if observed.edge.haproxy != service.files[0].content:
        cause = "not there yet" if observed.edge.haproxy is None else "its configuration changed"
        steps.append(ConfigureEdge(volume=volume, image=image, project=project, files=service.files, cause=cause))
    if running is None or running.digest != service.digest or not running.runs:
        cause = "not there yet" if running is None else change_cause(service, running, "its ports or limits changed")
        steps += [
            bring_up(service, running, environment=environment, release=release, cause=cause),
            WaitHealthy(
                project=project,
                service="edge",
                timeout=environment.health.start_timeout,
                cause="it owns the published ports",
            ),
        ]
    if steps:
        steps.append(_check(environment, release, stays=stays))
    return steps


def plan_unfinished_switch(
    environment: Environment,
    release: Release,
    observed: ObservedState,
    slots_file: RenderedFile,
    *,
    stays: bool = False,
) -> list[Step]:
    """Finish a switch that a cut run has written but perhaps not made.

    Until then nobody knows which of two slots serves, so neither may be touched. ``slots_file`` names the slots that
    were written; they were proved healthy then. Where they don't run any more, there is nothing to switch to. An edge
    that stands still answers nobody yet: `plan_edge` starts it, and asks it then.
    """
    service = release.service("edge")
    if service is None or observed.slots.maintenance:  # where nobody is served, nothing is to be finished first
        return []
    switch = finish_switch(environment.project, service.image.tag, observed, slots_file)
    if switch is None:
        return []
    edge = observed.container("edge")
    return [switch, _check(environment, release, stays=stays)] if edge and edge.runs else [switch]


def finish_switch(project: str, image: str, observed: ObservedState, slots_file: RenderedFile) -> SwitchSlots | None:
    """Return what finishes a switch that was written but perhaps not made; None where there is none, or no target."""
    targets = [observed.container(name, observed.slots.of(name) or "") for name in SLOTTED]
    if is_loaded(observed.edge.slots) or not all(target and target.runs for target in targets):
        return None
    return SwitchSlots(
        volume=Names(project).edge_volume,
        image=image,
        project=project,
        slots=observed.slots,
        file=slots_file,
        cause="a run that was cut began it",
    )


def serving_file(observed: ObservedState) -> RenderedFile | None:
    """Return the file of the slots that serve, to go back to where a switch fails; None where nobody knows them."""
    text = observed.edge.slots
    if text is None or not is_loaded(text) or observed.slots == Slots():
        return None
    return RenderedFile(SLOTS_FILE, text, 0o640, digest_of(text))


def edge_downtime(release: Release, observed: ObservedState) -> float:
    """Return the seconds without service that replacing a running edge costs."""
    service, running = release.service("edge"), observed.container("edge")
    replaced = service and running and running.state == "running" and running.digest != service.digest
    return DOWNTIME_SECONDS if replaced else 0.0


def _check(environment: Environment, release: Release, *, stays: bool) -> CheckEdge:
    edge = release.service("edge")
    published = published_urls(str(edge.compose.content)) if edge and stays else ()
    return CheckEdge(urls=published or local_urls(environment), timeout=30, cause="the way a browser comes")


def _switch_cause(observed: ObservedState, slots: Slots) -> str:
    if observed.edge.slots is None:
        return "not there yet"
    return "the new release is proved healthy" if observed.slots != slots else "the edge doesn't run with it yet"
