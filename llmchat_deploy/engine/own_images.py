"""Images of ours on the engine, known by their labels, and the build cache."""

from __future__ import annotations

import contextlib
from typing import Any

import docker.errors

from llmchat_deploy.engine.compose import BUILT_BY, OWN_IMAGE
from llmchat_deploy.plan.observed import OwnImage

NO_TAG = "<none>:<none>"
HTTP_CONFLICT = 409


def own_images(api: Any) -> tuple[OwnImage, ...]:
    """Return every image that carries our label, those without a name too."""
    used = {item["ImageID"] for item in api.containers(all=True)}
    found = api.images(filters={"label": f"{OWN_IMAGE}=true"})
    images = (
        OwnImage(
            id=item["Id"],
            tags=tuple(tag for tag in item["RepoTags"] or () if tag != NO_TAG),
            project=(item["Labels"] or {}).get(BUILT_BY, ""),
            created=float(item["Created"]),
            used=item["Id"] in used,
        )
        for item in found
    )
    return tuple(sorted(images, key=lambda image: (image.tags, image.id)))


def remove_image(api: Any, reference: str) -> bool:
    """Remove a name of an image, and the image with its last one; False where something uses it by now."""
    try:
        with contextlib.suppress(docker.errors.ImageNotFound):
            api.remove_image(reference)
    except docker.errors.APIError as error:
        if error.status_code != HTTP_CONFLICT:
            raise
        return False
    return True


def prune_cache(api: Any, *, keep_bytes: int, unused_hours: int) -> int:
    """Remove what no build has used for so long, as far as the cache is larger; return the bytes that were freed."""
    told = api.prune_builds(filters={"until": f"{unused_hours}h"}, keep_storage=keep_bytes)
    return int(told.get("SpaceReclaimed") or 0)


def tagged(api: Any, tags: tuple[str, ...]) -> dict[str, Any]:
    """Return what the engine lists of each of ``tags`` that it has."""
    found = api.images(filters={"reference": list(dict.fromkeys(tags))})
    have = {tag: item for item in found for tag in item["RepoTags"] or ()}
    return {tag: have[tag] for tag in tags if tag in have}
