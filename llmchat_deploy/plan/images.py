"""Which images are built, and on which base."""

from __future__ import annotations

import re

from llmchat_deploy.errors import BaseImageMissing
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import BuildImage, MakeBase, NoteBase, PullBase, Step
from llmchat_deploy.render.release import Release

OWN_BASE = "llmchat/base:13"
"""The base image the tool makes itself (Debian 13) where no registry answers."""
DEBIAN_13 = frozenset({"13", "trixie"})
"""What Debian's tags for this release begin with (https://hub.docker.com/_/debian)."""


def plan_images(release: Release, observed: ObservedState) -> list[Step]:
    """Build what the engine doesn't have; an image's tag carries the digest of its inputs.

    Raises BaseImageMissing where the base can neither be had nor made.
    """
    missing = [image for image in release.images if image.tag not in observed.images]
    if not missing:
        return []
    fresh = observed.base.must_come
    base, steps = _newer(release, observed) if fresh else _base(release, observed)
    for image in missing:
        cause = (
            "its base is too old"
            if fresh
            else "its sources changed"
            if _runs_another(image.service, observed)
            else "not there yet"
        )
        steps.append(BuildImage(image=image, base=base, context=release.context, fresh=fresh, cause=cause))
    return steps


def _base(release: Release, observed: ObservedState) -> tuple[str, list[Step]]:
    wanted, present = release.base_image, observed.base.present
    if observed.base.newest in present:
        return observed.base.newest, []
    if wanted in present:
        return wanted, []
    if OWN_BASE in present:
        return OWN_BASE, []
    if observed.base.registry_answers:
        instead = _make(release, f"{wanted} didn't come") if is_debian_13(wanted) else None
        cause = "images are built on it" + ("; where it doesn't come, one is made here" if instead else "")
        return wanted, [PullBase(reference=wanted, instead=instead, cause=cause)]
    if not is_debian_13(wanted):
        raise BaseImageMissing(
            f"The base image {wanted} isn't here and no registry answers for it.",
            hint=f"Bring it (docker pull {wanted}, or docker load), set build.registry_prefix, or leave"
            " build.base_image at debian:13-slim, which is made here where no registry answers.",
        )
    return OWN_BASE, [_make(release, f"no registry answers for {wanted}")]


def _newer(release: Release, observed: ObservedState) -> tuple[str, list[Step]]:
    """Have the base anew; where neither a registry nor Debian's packages can give it, build on what is there."""
    wanted, cause = release.base_image, "what images stand on is too old"
    steps: list[Step]
    if observed.base.registry_answers:
        instead = _make(release, f"{wanted} didn't come") if is_debian_13(wanted) else None
        base, steps = wanted, [PullBase(reference=wanted, instead=instead, cause=cause)]
    elif is_debian_13(wanted):
        base, steps = OWN_BASE, [_make(release, cause)]
    else:
        base, steps = _base(release, observed)
    noted = [
        NoteBase(stamp=release.base_stamp, reference=base, came=came, cause="a run that is cut goes on with it")
        for came in (False, True)
    ]
    return base, [noted[0], *steps, noted[1]]


def _make(release: Release, cause: str) -> MakeBase:
    return MakeBase(tag=OWN_BASE, script=f"{release.context}/base/make-base", cause=cause)


def is_debian_13(reference: str) -> bool:
    """Say whether the base made here can stand in for a reference: it is of the same release of Debian."""
    name, _, tag = reference.rpartition("/")[2].partition("@")[0].partition(":")
    return name == "debian" and re.split(r"[-.]", tag)[0] in DEBIAN_13


def _runs_another(service: str, observed: ObservedState) -> bool:
    return any(container.service == service for container in observed.containers)
