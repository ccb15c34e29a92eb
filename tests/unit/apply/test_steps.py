"""Carrying out steps: what is told, what fails how, and who is to blame when a docker command fails."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.events import StepStatus
from llmchat_deploy.apply.images import build_image, make_base, pull_base
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.apply.services import start, stop_slot
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import DockerUnavailable, PullFailed, StepFailed
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.plan.images import OWN_BASE
from llmchat_deploy.plan.steps import BuildImage, MakeBase, PullBase, StartService, StopSlot
from llmchat_deploy.render.release import Slot
from llmchat_deploy.secret import Secret
from tests.unit.world import LLM_API_KEY, SHIPPED, World, an_environment, release_of

PROXY = "http://proxy:hunter2-hunter2@proxy.example.com:3128"


@pytest.fixture
def world() -> World:
    return World()


def run(world: World, lines: list[str] | None = None, **changes: object) -> Run:
    shown = lines if lines is not None else []
    return Run(an_environment(**changes), world.host, world.engine, Findings(), shown.append)


def build(service: str = "backend") -> BuildImage:
    found = release_of(an_environment(), SHIPPED).service(service)
    assert found
    return BuildImage(image=found.image, base=OWN_BASE, context="/project/service", cause="new")


def starting() -> StartService:
    service = release_of(an_environment(), SHIPPED).service("backend")
    assert service
    return StartService(project="llmchat-test", service=service, release="r", slot=Slot.B, cause="new")


def test_each_step_is_told_from_its_start_to_its_end(world):
    plan = world.plan(an_environment())
    world.carry_out(plan, an_environment())

    started = [event for event in world.events if event.status is StepStatus.STARTED]
    done = [event for event in world.events if event.status is StepStatus.DONE]
    assert [event.title for event in started] == [event.title for event in done] == [step.title for step in plan.steps]
    assert [event.index for event in done] == list(range(1, len(plan.steps) + 1))
    assert {event.total for event in world.events} == {len(plan.steps)}


def test_the_step_that_fails_is_told_and_ends_the_run(world):
    world.host.failing["docker build"] = CommandResult(1, "", "")

    with pytest.raises(StepFailed):
        world.up(an_environment())

    assert world.events[-1].status is StepStatus.FAILED
    assert "can't be built" in world.events[-1].detail


def test_a_build_shows_its_lines_without_secrets(world):
    world.host.build_lines = (f"#1 using {LLM_API_KEY}\n", "   \n", "#2 done\n")
    lines: list[str] = []

    build_image(build(), run(world, lines))

    assert lines == ["#1 using ***", "#2 done"]


def test_a_build_that_fails_shows_its_last_lines(world):
    def fail(argv, *, env, on_line):
        for number in range(40):
            on_line(f"line {number} {LLM_API_KEY}\n")
        return CommandResult(1, "", "")

    world.host.run = fail
    with pytest.raises(StepFailed, match=r"can't be built \(exit status 1\)\.$") as error:
        build_image(build(), run(world))

    assert error.value.details == tuple(f"line {number} ***" for number in range(15, 40))
    assert "build.apt_mirror" in error.value.hint


def test_a_build_that_fills_the_disk_says_so(world):
    def fail(argv, *, env, on_line):
        on_line("write /var/lib/x: No space left on device\n")
        return CommandResult(1, "", "")

    world.host.run = fail
    with pytest.raises(StepFailed, match="the disk is full") as error:
        build_image(build(), run(world))

    assert "docker system df" in error.value.hint


def test_a_build_is_told_its_proxy_by_its_environment_only(world):
    build_image(build(), run(world, build__http_proxy=PROXY))

    assert "hunter2" not in " ".join(world.host.commands[-1])
    assert world.host.variables[-1]["HTTP_PROXY"] == PROXY


def test_the_base_is_made_through_the_same_proxy_and_from_the_profile_s_mirror(world):
    step = MakeBase(tag=OWN_BASE, script="/s/base/make-base", cause="none")

    make_base(step, run(world, build__https_proxy=PROXY, build__apt_mirror="https://mirror.example.com/debian"))

    assert world.host.commands[-1] == ("/s/base/make-base", OWN_BASE, "https://mirror.example.com/debian")
    assert world.host.variables[-1] == {"https_proxy": PROXY}


def test_a_base_that_cannot_be_made_names_the_settings_that_help(world):
    world.host.failing["/s/base/make-base"] = CommandResult(100, "", "")

    with pytest.raises(StepFailed) as error:
        make_base(MakeBase(tag=OWN_BASE, script="/s/base/make-base", cause="none"), run(world))

    assert "build.apt_mirror or build.registry_prefix" in error.value.hint


def test_where_the_registry_delivers_nothing_the_base_is_made_and_built_on(world):
    world.engine.registry = world.engine.stalls = True

    findings = world.up(an_environment())

    built = [argv for argv in world.host.commands if argv[:2] == ("docker", "build")]
    assert len(built) == 3
    assert all(f"BASE_IMAGE={OWN_BASE}" in argv for argv in built)
    assert any(warning.startswith("base_image_made: The registry of debian:13-slim") for warning in findings.warnings)
    assert "1.0 of 30.0 MB" in [event.detail for event in world.events]
    world.rewind()
    assert world.plan(an_environment()).is_empty


def test_a_base_that_nothing_stands_in_for_fails_with_its_own_reason(world):
    world.engine.registry = world.engine.stalls = True

    with pytest.raises(PullFailed, match="debian:12-slim"):
        world.up(an_environment(build__base_image="debian:12-slim"))


def test_a_pull_that_ends_because_the_daemon_stopped_makes_no_base(world):
    world.engine.registry = world.engine.stalls = True
    world.engine.gone = DockerUnavailable("The Docker engine stopped answering.")

    with pytest.raises(DockerUnavailable):
        pull_base(PullBase(reference="debian:13-slim", cause="c"), run(world))


def test_compose_is_told_the_slot_and_nothing_else(world):
    world.host.failing["docker compose"] = CommandResult(0, "", "")

    start(starting(), run(world))

    assert world.host.commands[-1][:6] == (
        "docker", "compose", "--project-name", "llmchat-test-backend-b",
        "--file", "/state/releases/r/backend.compose.yaml",
    )  # fmt: skip
    assert world.host.variables[-1] == {"COMPOSE_IGNORE_ORPHANS": "true", "SLOT": "b"}


def test_a_service_that_cannot_be_started_shows_docker_s_own_lines(world):
    said = "Error: port is already allocated " + LLM_API_KEY
    world.host.failing["docker compose"] = CommandResult(1, "", said)

    with pytest.raises(StepFailed, match=r"backend \(slot b\) can't be started") as error:
        start(starting(), run(world))

    assert error.value.details == ("Error: port is already allocated ***",)


@pytest.mark.parametrize("what", ["docker compose", "docker build", "/s/base/make-base"])
def test_a_command_that_fails_because_the_daemon_stopped_says_that(world, what):
    world.host.failing[what] = CommandResult(1, "", "Cannot connect to the Docker daemon")
    world.engine.gone = DockerUnavailable("The Docker engine stopped answering.", hint="Run the same command again.")
    steps = {
        "docker compose": lambda: start(starting(), run(world)),
        "docker build": lambda: build_image(build(), run(world)),
        "/s/base/make-base": lambda: make_base(
            MakeBase(tag=OWN_BASE, script="/s/base/make-base", cause="none"), run(world)
        ),
    }

    with pytest.raises(DockerUnavailable) as error:
        steps[what]()

    assert error.value.exit_code == 4


def test_a_slot_gets_its_time_to_finish(world):
    given: list[int] = []
    world.engine.remove_container = lambda name, *, timeout: given.append(timeout)

    for drain in (30, 0):
        stop_slot(StopSlot(project="llmchat-test", service="backend", slot=Slot.A, drain=drain, cause="c"), run(world))

    assert given == [30, 1]


STAT = "# pxname,svname,qcur,qmax,scur,smax\nfrontend,a,0,0,7,9\nbackend,a,0,0,{},9\nbackend,b,0,0,5,9\n"


def test_open_answers_are_waited_for_and_what_nobody_listens_to_has_the_rest_of_the_time(world):
    world.up(an_environment())
    counts = ["2", "1", "0"]
    told: list[str] = []
    given: list[int] = []

    def stat(container: str, _argv: tuple[str, ...], stdin: bytes) -> ExecResult | None:
        asked = container == "llmchat-test-edge" and stdin == b"show stat\n"
        return ExecResult(0, STAT.format(counts.pop(0)), "") if asked else None

    world.engine.answers.append(stat)
    world.engine.remove_container = lambda name, *, timeout: given.append(timeout)
    stop_slot(StopSlot(project="llmchat-test", service="backend", slot=Slot.A, drain=100, cause="c"), run(world, told))

    assert told == ["2 answers are still open; at most 100 s more", "1 answer is still open; at most 100 s more"]
    assert 90 < given[0] < 100


def test_answers_that_do_not_end_are_cut_when_their_time_is_over(world):
    world.up(an_environment())
    given: list[int] = []
    world.engine.answers.append(
        lambda _name, _argv, stdin: ExecResult(0, STAT.format(1), "") if stdin == b"show stat\n" else None
    )
    world.engine.remove_container = lambda name, *, timeout: given.append(timeout)
    stop_slot(StopSlot(project="llmchat-test", service="backend", slot=Slot.A, drain=2, cause="c"), run(world))

    assert given == [1]


def test_only_generated_secrets_are_saved(world):
    environment = an_environment(generated=("SECRET_KEY",), secret_key=Secret("g" * 40))

    world.up(environment)

    assert world.host.env_files == {"test": {"SECRET_KEY": Secret("g" * 40)}}
