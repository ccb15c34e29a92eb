"""Which images go: those that were built for this environment and that nothing needs any more."""

from __future__ import annotations

import re

from llmchat_deploy.plan.observed import OldImages, OwnImage
from llmchat_deploy.plan.steps import PruneCache, RemoveImage, Step
from llmchat_deploy.render.release import Release

BUILT = re.compile(r"llmchat/[a-z]+:[0-9a-f]{16}")
"""Names that images of services have; a base image, and a name that somebody gave, stay."""
SETTLED = 60.0
"""Seconds after which an image without a name is nobody's: one that is being made gets its name at once."""
CACHE_UNUSED_HOURS = 14 * 24


def plan_old_images(release: Release, old: OldImages) -> list[Step]:
    """Remove images of earlier releases, and nameless ones; nothing that a container or a kept release needs.

    Where it isn't known what other environments keep, every image with a name stays.
    """
    wanted = frozenset(image.tag for image in release.images)
    steps: list[Step] = []
    for image in old.images:
        if image.used:
            continue
        if not image.tags and old.now - image.created > SETTLED:
            steps.append(RemoveImage(reference=image.id, cause="a newer one has its name, or its build was cut"))
        steps += [
            RemoveImage(reference=tag, cause="no kept release needs it")
            for tag in image.tags
            if _is_old(tag, image, release, old) and tag not in wanted
        ]
    return steps


def plan_cache(keep_gigabytes: int, cause: str) -> list[Step]:
    """Bound the build cache, unless it is to be left alone (0)."""
    if not keep_gigabytes:
        return []
    return [PruneCache(keep_bytes=keep_gigabytes << 30, unused_hours=CACHE_UNUSED_HOURS, cause=cause)]


def _is_old(tag: str, image: OwnImage, release: Release, old: OldImages) -> bool:
    ours = image.project == release.project and BUILT.fullmatch(tag)
    return bool(ours) and old.needed is not None and tag not in old.needed
