"""Waiting for a service: what counts as healthy, what ends the waiting, and what is said and undone then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from llmchat_deploy.apply.events import StepEvent, StepStatus
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.engine.base import TIMED_OUT, Container, ExecResult
from llmchat_deploy.errors import DockerUnavailable, Unhealthy
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import WaitHealthy
from llmchat_deploy.render.release import Slot
from tests.unit.world import LLM_API_KEY, World, an_environment

NAME = "llmchat-test-backend-b"
NEW = WaitHealthy(
    project="llmchat-test", service="backend", slot=Slot.B, timeout=60, undo=(NAME,), still_serving=Slot.A, cause="new"
)
FIRST = replace(NEW, undo=(), still_serving=None)
BOX = Container(
    name=NAME, project="llmchat-test", service="backend", slot="b", image="i", digest="d", state="running",
    health="starting", health_command=("CMD", "llmchat-backend", "health"),
)  # fmt: skip


class Waiting:
    """A machine on which one container is awaited; each wait lets ``happen`` change something."""

    def __init__(self, box: Container | None = BOX, answer: ExecResult = ExecResult(1, "", "")) -> None:  # noqa: B008
        self.world = World()
        self.progress: list[str] = []
        self.asked: list[tuple[str, ...]] = []
        self.answer = answer
        if box:
            self.world.engine.boxes[NAME] = box
        self.world.engine.answers.append(self._health)

    def on_wait(self, happen: Callable[[], None]) -> None:
        sleep = self.world.host.sleep

        def waited(seconds: float) -> None:
            sleep(seconds)
            happen()

        self.world.host.sleep = waited  # type: ignore[method-assign]

    def change(self, **values: object) -> None:
        self.world.engine.boxes[NAME] = replace(self.world.engine.boxes[NAME], **values)  # type: ignore[arg-type]

    def pass_time(self, seconds: float) -> None:
        self.world.host.clock += seconds

    def wait(self, step: WaitHealthy = NEW) -> float:
        """Wait; return the seconds it took."""
        before = self.world.host.clock
        execute(Plan("test", "llmchat-test", (step,)), an_environment(), self.world.host, self.world.engine, self._tell)
        return self.world.host.clock - before

    def _tell(self, event: StepEvent) -> None:
        if event.status is StepStatus.PROGRESS:
            self.progress.append(event.detail)

    def _health(self, container: str, argv: tuple[str, ...], stdin: bytes) -> ExecResult:
        self.asked.append(argv)
        return self.answer


def test_the_container_s_own_health_command_is_asked_at_once():
    waiting = Waiting(answer=ExecResult(0, "", ""))

    assert waiting.wait() == 0
    assert waiting.asked == [("llmchat-backend", "health")]


def test_a_health_command_for_a_shell_is_given_to_one():
    waiting = Waiting(replace(BOX, health_command=("CMD-SHELL", "echo hi | grep -q hi")), ExecResult(0, "", ""))
    waiting.wait()

    assert waiting.asked == [("/bin/sh", "-c", "echo hi | grep -q hi")]


def test_a_container_without_a_health_command_needs_only_run():
    assert Waiting(replace(BOX, health_command=())).wait() == 0


def test_it_gets_healthy_after_a_while_and_says_meanwhile_what_it_waits_for():
    waiting = Waiting(answer=ExecResult(1, "", "warming up\nmigrations: not yet"))

    def ready_after_ten_seconds() -> None:
        if waiting.world.host.clock > 1_800_000_010:
            waiting.answer = ExecResult(0, "", "")

    waiting.on_wait(ready_after_ten_seconds)

    assert 10 < waiting.wait() < 11
    assert set(waiting.progress) == {"migrations: not yet"}


def test_it_never_gets_healthy():
    waiting = Waiting(answer=ExecResult(1, "", f"model refused key {LLM_API_KEY}"))
    waiting.world.engine.log_text[NAME] = "\n".join([*map(str, range(40)), f"key={LLM_API_KEY}"])

    with pytest.raises(Unhealthy) as error:
        waiting.wait()

    assert error.value.message == (
        "backend (slot b) doesn't get healthy: model refused key *** (after 60 s)."
        " It was removed; backend (slot a) goes on serving."
    )
    assert error.value.details == (*map(str, range(21, 40)), "key=***")
    assert LLM_API_KEY not in "".join(waiting.progress)
    assert error.value.exit_code == 9


def test_only_the_new_slot_is_removed():
    waiting = Waiting()
    waiting.world.engine.boxes["llmchat-test-backend-a"] = replace(BOX, name="llmchat-test-backend-a", slot="a")

    with pytest.raises(Unhealthy):
        waiting.wait()

    assert waiting.world.writes == [f"remove container {NAME}"]


def test_what_serves_nobody_else_s_place_is_left_for_a_look():
    waiting = Waiting()

    with pytest.raises(Unhealthy, match="It is left as it is, for a look: nothing else serves in its place"):
        waiting.wait(FIRST)

    assert waiting.world.writes == []


def test_a_crash_loop_ends_the_waiting_long_before_the_time_is_over():
    waiting = Waiting()
    waiting.on_wait(lambda: waiting.change(restarts=waiting.world.engine.boxes[NAME].restarts + 1, exit_code=3))

    with pytest.raises(Unhealthy, match=r"it ends again and again \(exit status 3\)"):
        waiting.wait()

    assert waiting.world.host.clock - 1_800_000_000 < 2


def test_without_a_line_in_its_log_the_hint_speaks_of_none():
    waiting = Waiting(replace(BOX, state="exited", exit_code=1))
    with pytest.raises(Unhealthy) as error:
        waiting.wait(FIRST)

    assert (error.value.details, error.value.hint) == (
        (),
        "A slow start can be given more time: health.start_timeout.",
    )


def test_one_that_was_killed_at_its_memory_limit_names_the_setting():
    waiting = Waiting()
    killed = iter([True, False, False])

    def crash() -> None:
        restarts = waiting.world.engine.boxes[NAME].restarts + 1
        waiting.change(restarts=restarts, out_of_memory=next(killed))

    waiting.on_wait(crash)
    with pytest.raises(Unhealthy) as error:
        waiting.wait()

    assert error.value.hint == "It was killed at its memory limit: raise resources.backend_memory (1g)."


def test_one_that_was_killed_by_whomever_may_have_met_its_memory_limit():
    waiting = Waiting(replace(BOX, state="exited", exit_code=137))
    waiting.world.engine.log_text[NAME] = "starting"
    with pytest.raises(Unhealthy, match="exit status 137") as error:
        waiting.wait()

    assert error.value.hint == (
        "The lines above are the last of its log. Exit status 137 says that it was killed, as the kernel does for "
        "want of memory: see resources.backend_memory (1g)."
    )


@pytest.mark.parametrize("service", ["edge", "backend", "frontend", "model", "backup", "acme"])
def test_every_service_has_a_memory_limit_to_name(service):
    name = f"llmchat-test-{service}"
    waiting = Waiting(None)
    waiting.world.engine.boxes[name] = replace(BOX, name=name, slot="", state="exited", out_of_memory=True)
    with pytest.raises(Unhealthy) as error:
        waiting.wait(replace(FIRST, service=service, slot=None))

    assert f"raise resources.{service}_memory (" in error.value.hint


def test_how_it_ended_is_remembered_while_it_runs_once_more():
    waiting = Waiting()
    looks = iter([("restarting", 3, 1), ("running", 0, 3)])

    def look() -> None:
        state, exit_code, more = next(looks)
        waiting.change(state=state, exit_code=exit_code, restarts=waiting.world.engine.boxes[NAME].restarts + more)

    waiting.on_wait(look)
    with pytest.raises(Unhealthy, match=r"it ends again and again \(exit status 3\)"):
        waiting.wait()


def test_restarts_from_before_don_t_count():
    waiting = Waiting(replace(BOX, restarts=7), ExecResult(0, "", ""))

    assert waiting.wait() == 0


@pytest.mark.parametrize("state", ["exited", "dead"])
def test_a_container_that_ended_ends_the_waiting(state):
    with pytest.raises(Unhealthy, match=r"it ends again and again \(exit status 1\)"):
        Waiting(replace(BOX, state=state, exit_code=1)).wait()


def test_between_two_crashes_docker_says_restarting_and_that_is_not_healthy():
    waiting = Waiting(replace(BOX, state="restarting", health_command=()))

    with pytest.raises(Unhealthy, match="its container is restarting"):
        waiting.wait()


def test_a_container_that_is_not_there_ends_the_waiting():
    with pytest.raises(Unhealthy, match="its container is gone"):
        Waiting(None).wait()


def test_a_daemon_that_stops_meanwhile_is_said_to_have_stopped():
    waiting = Waiting()

    def stop(container: str, argv: tuple[str, ...], stdin: bytes) -> ExecResult:
        raise DockerUnavailable("The Docker engine stopped answering.")

    waiting.world.engine.answers.insert(0, stop)

    with pytest.raises(DockerUnavailable):
        waiting.wait()


def test_a_health_command_that_hangs_does_not_hang_the_run():
    waiting = Waiting(answer=ExecResult(TIMED_OUT, "", "no answer within 10 s"))
    waiting.on_wait(lambda: waiting.pass_time(9.4))

    with pytest.raises(Unhealthy, match=r"no answer within 10 s \(after 60 s\)"):
        waiting.wait()

    given = waiting.world.engine.timeouts
    assert given[0] == 10
    assert all(1 <= seconds <= 10 for seconds in given)
    assert given[-1] < 10  # never much longer than what is left of the whole
