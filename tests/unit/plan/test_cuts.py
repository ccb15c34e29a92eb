"""A run that is killed at any of its writes, each in turn, is finished by running the same command again."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.config.model import Environment
from llmchat_deploy.secret import Secret
from tests.fakes import Killed
from tests.unit.world import LOOPBACK, SHIPPED, Sources, World, an_environment

BEFORE = an_environment()
AFTER = an_environment(
    secret_key=Secret("another-key-of-more-than-32-bytes-length"),
    models__default=LOOPBACK,
    models__idle_timeout=60,
    resources__frontend_memory="256m",
)
Command = Callable[[World], None]


def up(environment: Environment, sources: Sources = SHIPPED) -> Command:
    def run(world: World) -> None:
        plan = world.plan(environment, sources)
        with audited(world.host, world.engine, "up", plan):  # what ran before keeps its images
            world.carry_out(plan, environment)

    return run


def down(*, volumes: bool) -> Command:
    return lambda world: world.carry_out(world.plan_down(BEFORE, volumes=volumes), BEFORE)


CASES: dict[str, tuple[list[Command], Command]] = {
    "first deploy": ([], up(BEFORE)),
    "first deploy with the bundled model": ([], up(an_environment(models__bundled=True))),
    "everything changes": ([up(BEFORE)], up(AFTER)),
    "the other way round": ([up(BEFORE), up(AFTER)], up(BEFORE)),
    "another port": ([up(BEFORE)], up(an_environment(server__web_port=3100))),
    "another edge image": ([up(BEFORE)], up(BEFORE, SHIPPED.with_version("edge", "2"))),
    "another schema": ([up(BEFORE)], up(BEFORE, SHIPPED.with_version("backend", "2").with_version("schema", "0002"))),
    "another frontend image": ([up(BEFORE)], up(BEFORE, SHIPPED.with_version("frontend", "2"))),
    "an image too old to be kept": (
        [up(BEFORE, SHIPPED.with_version("frontend", str(number))) for number in range(6)],
        up(BEFORE, SHIPPED.with_version("frontend", "6")),
    ),
    "no bundled model any more": ([up(an_environment(models__bundled=True))], up(BEFORE)),
    "backups by schedule": ([up(BEFORE)], up(an_environment(backup__schedule="every 6h"))),
    "another schedule": (
        [up(an_environment(backup__schedule="every 6h"))],
        up(an_environment(backup__schedule="every 8h")),
    ),
    "no schedule any more": ([up(an_environment(backup__schedule="every 6h"))], up(BEFORE)),
    "up after down": ([up(BEFORE), down(volumes=False)], up(BEFORE)),
    "down": ([up(BEFORE)], down(volumes=False)),
    "down with volumes": ([up(BEFORE)], down(volumes=True)),
}


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
@pytest.mark.parametrize("case", CASES)
def test_killed_at_every_write(case: str, after: bool) -> None:  # noqa: FBT001 - pytest passes it
    history, command = CASES[case]
    start = World()
    for earlier in history:
        earlier(start)
    start.rewind()
    uncut = deepcopy(start)
    command(uncut)
    assert len(uncut.writes) > 3

    for number, write in enumerate(uncut.writes, 1):
        world = deepcopy(start)
        world.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            command(world)
        world.rewind()
        command(world)

        assert world.state() == uncut.state(), f"killed at write {number}: {write}"
        assert world.engine.cut_off == [], f"killed at write {number}: {write}"


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_whenever_the_first_deploy_is_killed_somebody_gets_to_know_a_password(after: bool) -> None:  # noqa: FBT001
    uncut = World()
    uncut.up(BEFORE)

    for number, write in enumerate(uncut.writes, 1):
        world = World()
        world.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            world.up(BEFORE)
        world.rewind()
        password = world.up(BEFORE).admin_password

        stored = world.engine.admins["llmchat-test_backend-db"]["admin"]
        shown = number == len(uncut.writes)  # it is written last that the password was shown
        assert shown or password == Secret(stored), f"killed at write {number}: {write}"
