from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmchat_deploy.output.plan_view import CHECKS, GROUPS, show_plan, sign_of, summary
from llmchat_deploy.output.screen import Screen
from llmchat_deploy.plan import steps
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import (
    CreateNetwork,
    CreateVolume,
    RecordRelease,
    RemoveVolume,
    Step,
    StopService,
    WaitHealthy,
)
from tests.unit.world import SHIPPED, World, an_environment

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

EVERY_KIND = {kind.__name__ for kind in Step.__args__}
NETWORK = CreateNetwork(project="llmchat-x", name="llmchat-x", cause="edge and services meet on it")
VOLUME = CreateVolume(project="llmchat-x", name="llmchat-x_backend-db", role="data", cause="holds the database")
WAIT = WaitHealthy(project="llmchat-x", service="edge", timeout=180, cause="it owns the ports")
STOP = StopService(project="llmchat-x", service="model", cause="no longer wanted")
LOSE = RemoveVolume(name="llmchat-x_backend-db", holds="all accounts", cause="--volumes")
RECORD = RecordRelease(project="llmchat-x", release="abc", digest="abcdef", volumes=(), cause="so that it is known")


def _plan(*chosen: Step, notes: tuple[str, ...] = (), downtime: float = 0.0) -> Plan:
    return Plan("x", "llmchat-x", chosen, notes=notes, expected_downtime=downtime)


def test_every_kind_of_step_has_a_group() -> None:
    assert {kind for kinds in GROUPS.values() for kind in kinds} == EVERY_KIND
    assert EVERY_KIND >= CHECKS
    assert all(hasattr(steps, kind) for kind in CHECKS)


def test_the_tree(capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    show_plan(Screen(), _plan(RECORD, WAIT, NETWORK, VOLUME, STOP, notes=("Port 3000 is open to everybody.",)))
    assert capsys.readouterr().out == snapshot


def headings(text: str) -> dict[str, list[str]]:
    """Return each heading of a printed tree with the first words of its steps."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.strip("│├└─ ")
        if line.startswith(("├── ", "└── ")):
            found[words] = []
        elif found and words[:1] in {"+", "~", "-", "·"}:
            found[list(found)[-1]].append(words)
    return found


def test_the_tree_of_an_update_tells_the_story(capsys: pytest.CaptureFixture[str]) -> None:
    environment, world = an_environment(), World()
    world.up(environment)
    show_plan(Screen(), world.plan(environment, SHIPPED.with_version("backend", "2")))
    tree = headings(capsys.readouterr().out)
    assert list(tree) == ["images", "data and network", "services", "edge", "cleanup", "release"]
    assert tree["services"][0].startswith("+ start backend (slot b)")
    assert not any(line.startswith("-") for line in tree["services"])
    assert [line.partition(" (slot")[0] for line in tree["cleanup"]] == ["- stop backend"]


def test_the_tree_of_a_down_tells_it_backwards(capsys: pytest.CaptureFixture[str]) -> None:
    environment, world = an_environment(), World()
    world.up(environment)
    show_plan(Screen(), world.plan_down(environment))
    assert list(headings(capsys.readouterr().out)) == ["edge", "services", "data and network"]


def test_an_empty_plan_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Screen(), _plan())
    assert capsys.readouterr().out == "Nothing to do: x is as it should be.\n"


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (_plan(NETWORK, VOLUME, WAIT, RECORD), "2 to create; expected downtime: none."),
        (_plan(NETWORK, STOP), "1 to create, 1 to remove; expected downtime: none."),
        (_plan(NETWORK, LOSE, downtime=2.5), "1 to create, 1 to remove; expected downtime: 2.5 s."),
        (_plan(STOP, LOSE), "2 to remove."),
        (_plan(RECORD), "Only the record changes; expected downtime: none."),
    ],
)
def test_the_summary_counts_what_is_made_changed_and_removed(plan: Plan, line: str) -> None:
    assert summary(plan) == line


def test_a_step_that_only_looks_has_a_dot() -> None:
    assert sign_of(WAIT) == "·"
    assert sign_of(STOP) == "-"
