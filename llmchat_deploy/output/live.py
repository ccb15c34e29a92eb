"""Progress at a terminal: finished steps stay, the running one turns with its last line."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Self

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from llmchat_deploy.apply.events import StepEvent, StepStatus
from llmchat_deploy.output.words import seconds

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class LiveProgress:
    """Show the running step below the finished ones."""

    def __init__(self, console: Console, *, clock: Callable[[], float], verbose: bool = False) -> None:
        self._console = console
        self._clock = clock
        self._verbose = verbose
        self._running: tuple[StepEvent, float] | None = None
        self._spinner = Spinner("dots" if console.encoding.startswith("utf") else "line", style="cyan")
        self._lock = Lock()
        self._live = Live(self, console=console, transient=True, refresh_per_second=10)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._running = None
        self._live.stop()

    def __call__(self, event: StepEvent, /) -> None:
        """Take one event."""
        with self._lock:
            if event.status is StepStatus.STARTED:
                self._running = (event, self._clock())
            elif event.status is StepStatus.PROGRESS:
                self._running = (event, self._running[1] if self._running else self._clock())
                if self._verbose and event.detail:
                    self._console.print(Text(f"    {event.detail}", style="dim"))
            else:
                self._running = None
                self._console.print(_finished(event))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the running step, cut to the terminal's width so that it never wraps."""
        running = self._running
        if running is None:
            return
        event, since = running
        frame = self._spinner.render(console.get_time())
        assert isinstance(frame, Text)  # noqa: S101 - a spinner without a label is one
        line = Text.assemble(
            frame,
            " ",
            (f"{event.index}/{event.total} ", "dim"),
            event.title,
            (f"  {seconds(self._clock() - since)}", "cyan"),
            (f"  {event.detail}" if event.detail else "", "dim"),
            overflow="ellipsis",
            no_wrap=True,
        )
        line.truncate(options.max_width, overflow="ellipsis")
        yield line


def _finished(event: StepEvent) -> Text:
    if event.status is StepStatus.FAILED:
        return Text.assemble(("✗ ", "bold red"), event.title, (f"  {seconds(event.elapsed)}", "dim"))
    return Text.assemble(("✓ ", "green"), event.title, (f"  {seconds(event.elapsed)}", "dim"))
