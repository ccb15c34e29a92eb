"""Steps while they are carried out: live at a terminal, plain lines elsewhere. Both go to standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Self

from rich.text import Text

from llmchat_deploy.apply.events import EventSink, StepEvent, StepStatus
from llmchat_deploy.output.plain import PlainConsole
from llmchat_deploy.output.streams import give_up
from llmchat_deploy.output.words import seconds

if TYPE_CHECKING:
    from llmchat_deploy.output.screen import AnyConsole, Screen

Clock = Callable[[], float]
REMINDER = 10.0
"""Seconds after which a step that still runs is mentioned again in plain mode."""


@contextmanager
def show_progress(screen: Screen, *, clock: Clock) -> Iterator[EventSink]:
    """Give a sink that shows what it takes."""
    # A dumb terminal can't move its cursor, so it gets lines, as a pipe does.
    console = screen.err
    if not isinstance(console, PlainConsole) and not console.is_dumb_terminal and not screen.json:
        from llmchat_deploy.output.live import LiveProgress  # noqa: PLC0415 - half of rich, not needed for a pipe

        with LiveProgress(console, clock=clock, verbose=screen.verbose) as sink:
            yield sink
    else:
        with PlainProgress(console, clock=clock, verbose=screen.verbose) as sink:
            yield sink


class PlainProgress:
    """One line for each step that ended, and one every ten seconds for a step that takes long."""

    def __init__(self, console: AnyConsole, *, clock: Clock, verbose: bool = False, reminder: float = REMINDER) -> None:
        self._console = console
        self._clock = clock
        self._verbose = verbose
        self._reminder = reminder
        self._running: tuple[StepEvent, float] | None = None
        self._lock = Lock()
        self._ended = Event()
        self._thread = Thread(target=self._remind, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def __call__(self, event: StepEvent, /) -> None:
        """Take one event."""
        with self._lock:
            if event.status is StepStatus.STARTED:
                self._running = (event, self._clock())
            elif event.status is StepStatus.PROGRESS:
                self._running = (event, self._running[1] if self._running else self._clock())
                if self._verbose and event.detail:
                    self._print(f"         {event.detail}")
            else:
                self._running = None
                failed = " failed after" if event.status is StepStatus.FAILED else " …"
                self._print(f"{counter(event)} {event.title}{failed} {seconds(event.elapsed)}")

    def remind(self) -> None:
        """Mention the step that still runs."""
        with self._lock:
            if self._running is None:
                return
            event, since = self._running
            detail = f" ({event.detail})" if event.detail else ""
            self._print(f"{counter(event)} {event.title} … {seconds(self._clock() - since)} so far{detail}")

    def _remind(self) -> None:
        while not self._ended.wait(self._reminder):
            self.remind()

    def _print(self, line: str) -> None:
        try:
            self._console.print(Text(line), soft_wrap=True)
        except OSError:  # whoever watched has gone, or the log's disk is full: the work goes on
            give_up(self._console.file)


def counter(event: StepEvent) -> str:
    """Return the step's place, such as ``[ 3/12]``."""
    return f"[{event.index:>{len(str(event.total))}}/{event.total}]"
