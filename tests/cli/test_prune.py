"""`prune` frees the disk of what nothing needs."""

from __future__ import annotations

from tests.cli.conftest import FakeWorld, Run

OLD = "llmchat/frontend:0123456789abcdef"


def test_an_old_image_is_shown_then_removed(deployed: Run, world: FakeWorld) -> None:
    world.engine_.built(OLD, "llmchat-production", 0)
    assert f"remove image {OLD}" in deployed("prune", "--dry-run").out
    assert OLD in world.engine_.tags
    ran = deployed("prune")
    assert (ran.code, ran.out) == (0, "1 image of production removed.\n")
    assert OLD not in world.engine_.tags
    assert deployed("prune", "--json").document["data"] == {"environment": "production", "images": []}


def test_a_bound_of_the_build_cache_is_nothing_to_remove(deployed: Run, world: FakeWorld) -> None:
    assert deployed("prune", "--dry-run").out.splitlines()[-1] == "Only the build cache is bounded."
    world.engine_.built(OLD, "llmchat-production", 0)
    shown = deployed("prune", "--dry-run").out.splitlines()
    assert any("- bound the build cache at 10 GB" in line for line in shown)
    assert shown[-1] == "1 to remove."


def test_running_containers_keep_their_images(deployed: Run, world: FakeWorld) -> None:
    before = set(world.engine_.tags)
    world.templates_.sources["frontend"] = "1" * 64
    assert deployed("prune").code == 0
    assert world.engine_.tags == before
