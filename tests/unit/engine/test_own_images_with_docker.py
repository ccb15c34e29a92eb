"""Old images on a real engine: ours are found by their label, and what is in use is not removed."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Iterator

import docker
import pytest

from llmchat_deploy.engine.sdk import SdkEngine

pytestmark = pytest.mark.docker


@pytest.fixture
def api() -> docker.APIClient:
    return docker.from_env(version="auto").api


@pytest.fixture
def tag(api: docker.APIClient) -> Iterator[str]:
    """Import an empty image with our labels."""
    name = f"llmchat/pruned:{uuid.uuid4().hex[:16]}"
    empty = io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    changes = ["LABEL llmchat.image=true", "LABEL llmchat.built-by=llmchat-pruned"]
    api.import_image_from_data(empty.getvalue(), repository="llmchat/pruned", tag=name.split(":")[1], changes=changes)
    yield name
    if api.images(name=name):
        api.remove_image(name, force=True)


def test_an_image_of_ours_is_found_and_removed(tag: str) -> None:
    engine = SdkEngine.connect()
    found = next(image for image in engine.own_images() if tag in image.tags)
    assert (found.project, found.used) == ("llmchat-pruned", False)
    assert engine.remove_image(tag)
    assert not engine.images((tag,))
    assert engine.remove_image(tag)


def test_an_image_with_a_stopped_container_is_in_use_and_stays(tag: str, api: docker.APIClient) -> None:
    engine = SdkEngine.connect()
    made = api.create_container(tag, command=["true"])
    try:
        assert next(image for image in engine.own_images() if tag in image.tags).used
        assert not engine.remove_image(tag)
        assert engine.images((tag,)) == {tag}
    finally:
        api.remove_container(made["Id"])


def test_the_cache_can_be_bounded() -> None:
    assert SdkEngine.connect().prune_cache(keep_bytes=1 << 50, unused_hours=24 * 365) == 0
