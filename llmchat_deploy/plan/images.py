"""Which images are built, and on which base."""

from __future__ import annotations

from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import BuildImage, MakeBase, PullBase, Step
from llmchat_deploy.render.release import Release

OWN_BASE = "llmchat/base:13"
"""The base image the tool makes itself (Debian 13) where no registry answers."""


def plan_images(release: Release, observed: ObservedState) -> list[Step]:
    """Build what the engine doesn't have; an image's tag carries the digest of its inputs."""
    missing = [image for image in release.images if image.tag not in observed.images]
    if not missing:
        return []
    base, steps = _base(release, observed)
    for image in missing:
        cause = "its sources changed" if _runs_another(image.service, observed) else "not there yet"
        steps.append(BuildImage(image=image, base=base, context=release.context, cause=cause))
    return steps


def _base(release: Release, observed: ObservedState) -> tuple[str, list[Step]]:
    for candidate in (release.base_image, OWN_BASE):
        if candidate in observed.base.present:
            return candidate, []
    if observed.base.registry_answers:
        return release.base_image, [PullBase(reference=release.base_image, cause="images are built on it")]
    make = MakeBase(
        tag=OWN_BASE,
        script=f"{release.context}/base/make-base",
        cause=f"no registry answers for {release.base_image}",
    )
    return OWN_BASE, [make]


def _runs_another(service: str, observed: ObservedState) -> bool:
    return any(container.service == service for container in observed.containers)
