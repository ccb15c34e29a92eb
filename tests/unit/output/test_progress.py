from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from llmchat_deploy.apply.events import StepEvent, StepStatus
from llmchat_deploy.output.live import LiveProgress
from llmchat_deploy.output.plain import PlainConsole
from llmchat_deploy.output.progress import PlainProgress

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _event(status: StepStatus, elapsed: float = 0.0, detail: str = "") -> StepEvent:
    return StepEvent(3, 12, "build image llmchat/backend:abc", status, elapsed, detail)


def _plain(*, verbose: bool = False) -> tuple[PlainProgress, Clock, Callable[[], list[str]]]:
    stream, clock = io.StringIO(), Clock()
    sink = PlainProgress(PlainConsole(stream), clock=clock, verbose=verbose)
    return sink, clock, lambda: stream.getvalue().splitlines()


def test_a_finished_step_is_one_line_with_its_place_and_time() -> None:
    sink, _clock, lines = _plain()
    sink(_event(StepStatus.STARTED))
    sink(_event(StepStatus.PROGRESS, 5, "#7 RUN npm ci"))
    sink(_event(StepStatus.DONE, 12.34))
    assert lines() == ["[ 3/12] build image llmchat/backend:abc … 12 s"]


def test_a_long_step_is_mentioned_again_with_its_last_line() -> None:
    sink, clock, lines = _plain()
    sink(_event(StepStatus.STARTED))
    sink(_event(StepStatus.PROGRESS, 5, "#7 RUN npm ci"))
    clock.now = 20
    sink.remind()
    assert lines() == ["[ 3/12] build image llmchat/backend:abc … 20 s so far (#7 RUN npm ci)"]


def test_between_steps_there_is_nothing_to_mention() -> None:
    sink, _clock, lines = _plain()
    sink.remind()
    sink(_event(StepStatus.STARTED))
    sink(_event(StepStatus.DONE, 1))
    sink.remind()
    assert len(lines()) == 1


def test_a_failed_step_says_so() -> None:
    sink, _clock, lines = _plain()
    sink(_event(StepStatus.STARTED))
    sink(_event(StepStatus.FAILED, 65, "no"))
    assert lines() == ["[ 3/12] build image llmchat/backend:abc failed after 1 min 5 s"]


def test_verbose_shows_every_line() -> None:
    sink, _clock, lines = _plain(verbose=True)
    sink(_event(StepStatus.STARTED))
    sink(_event(StepStatus.PROGRESS, 5, "#7 [bold] RUN"))
    assert lines() == ["         #7 [bold] RUN"]


def test_the_reminding_thread_ends_with_the_run() -> None:
    sink, _clock, _lines = _plain()
    with sink:
        assert sink._thread.is_alive()
    assert not sink._thread.is_alive()


def _live(width: int) -> tuple[LiveProgress, Console, Clock]:
    clock = Clock()
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    return LiveProgress(console, clock=clock), console, clock


def test_the_running_step_never_wraps() -> None:
    sink, console, clock = _live(40)
    sink(_event(StepStatus.STARTED))
    sink(_event(StepStatus.PROGRESS, 5, "a very long line of a build " * 20))
    clock.now = 7
    with console.capture() as capture:
        console.print(sink)
    line = capture.get().rstrip("\n")
    assert "\n" not in line
    assert len(line) <= 40
    assert "3/12" in line


def test_finished_steps_stay_with_their_time() -> None:
    sink, console, _clock = _live(80)
    with console.capture() as capture:
        sink(_event(StepStatus.STARTED))
        sink(_event(StepStatus.DONE, 3.21))
        console.print(sink)
    assert capture.get() == "✓ build image llmchat/backend:abc  3.2 s\n"
