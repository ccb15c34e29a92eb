"""A change behind the maintenance page that is killed at any of its writes is finished by the next run."""

from __future__ import annotations

from copy import deepcopy

import pytest

from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.errors import DeployError, RefusedError
from llmchat_deploy.operations import restart
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.restart import Asked
from tests.fakes import Killed
from tests.unit.plan.test_offline import ENVIRONMENT, EVERYTHING, LATER, before_it, go
from tests.unit.world import SHIPPED, Sources, World


@pytest.fixture
def world() -> World:
    return before_it()


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_killed_at_every_write_it_is_finished_by_the_next_run(world: World, after: bool) -> None:  # noqa: FBT001
    uncut = deepcopy(world)
    go(uncut, EVERYTHING)

    for number, write in enumerate(uncut.writes, 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            go(cut, EVERYTHING)
        cut.rewind()
        go(cut, EVERYTHING)

        assert cut.state() == uncut.state(), f"killed at write {number}: {write}"
        assert (cut.engine.wronged, cut.engine.cut_off) == ([], []), f"killed at write {number}: {write}"


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
@pytest.mark.parametrize("wish", [SHIPPED, LATER], ids=["back", "forward"])
def test_killed_at_every_write_another_wish_comes_true_or_is_refused(
    world: World,
    after: bool,  # noqa: FBT001
    wish: Sources,
) -> None:
    uncut = deepcopy(world)
    go(uncut, EVERYTHING)

    for number, write in enumerate(uncut.writes, 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            go(cut, EVERYTHING)
        cut.rewind()
        changed = cut.engine.database == "0002"
        if wish is SHIPPED and changed:
            with pytest.raises(DeployError):
                go(cut, wish)
        else:
            go(cut, wish)
            assert cut.plan(ENVIRONMENT, wish).is_empty, f"killed at write {number}: {write}"
            assert cut.engine.serving.backend is not None
        assert (cut.engine.wronged, cut.engine.cut_off) == ([], []), f"killed at write {number}: {write}"


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
@pytest.mark.parametrize("services", [(), ("backend",), ("frontend",), ("edge",)], ids=" ".join)
def test_killed_at_every_write_a_restart_goes_well_or_is_refused_and_up_finishes(
    world: World,
    after: bool,  # noqa: FBT001
    services: tuple[str, ...],
) -> None:
    uncut, refused = deepcopy(world), 0
    go(uncut, EVERYTHING)

    for number, write in enumerate(uncut.writes, 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            go(cut, EVERYTHING)
        cut.rewind()
        seen = cut.state()
        asked, parts = Asked(services), Parts(ENVIRONMENT, EVERYTHING, cut.host, cut.engine)
        if observe_running(ENVIRONMENT, cut.host, cut.engine).slots.maintenance:
            with pytest.raises(RefusedError, match="maintenance page") as error:
                restart.plan(parts, asked)
            assert (error.value.exit_code, error.value.hint) == (6, "llmchat-deploy up --env test finishes it.")
            assert (cut.writes, cut.state()) == ([], seen), f"killed at write {number}: {write}"
            refused += 1
        else:
            restart.apply(restart.plan(parts, asked), asked, parts, cut.events.append)
        go(cut, EVERYTHING)

        assert cut.plan(ENVIRONMENT, EVERYTHING).is_empty, f"killed at write {number}: {write}"
        assert cut.engine.database == "0002"
        assert cut.engine.serving.backend is not None
        assert (cut.engine.wronged, cut.engine.cut_off) == ([], []), f"killed at write {number}: {write}"
    assert refused
