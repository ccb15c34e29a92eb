"""Remove images that no kept release needs, and bound the build cache; containers and data are never touched."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.old_images import read_old_images
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.old_images import plan_cache, plan_old_images
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import RemoveImage
from llmchat_deploy.render.render import render_release


@dataclass(frozen=True, slots=True)
class PruneData:
    """The images that were removed."""

    environment: str
    images: tuple[str, ...]


def plan(parts: Parts) -> Plan:
    """Return what pruning would do; changes nothing."""
    environment = parts.environment
    release = render_release(environment, parts.templates, places_of(environment, parts.host))
    steps = (
        *plan_old_images(release, read_old_images(environment, parts.host, parts.engine)),
        *plan_cache(environment.build.cache_gigabytes, "asked for"),
    )
    return Plan(environment=environment.name, project=environment.project, steps=steps)


def prune(parts: Parts, events: EventSink) -> Outcome[PruneData]:
    """Prune under the lock: no run of this environment starts anything from an image that goes."""
    with parts.host.lock("prune"):
        found = plan(parts)
        with audited(parts.host, parts.engine, "prune", found) as findings:
            execute(found, parts.environment, parts.host, parts.engine, events, findings=findings)
    images = tuple(step.reference for step in found.steps if isinstance(step, RemoveImage))
    return Outcome("prune", PruneData(parts.environment.name, images), warnings=tuple(findings.warnings))
