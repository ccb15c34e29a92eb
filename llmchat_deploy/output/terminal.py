"""A console for people: colours as ``NO_COLOR`` and ``TERM`` allow, lines wrapped at the terminal's width."""

from __future__ import annotations

from rich.console import Console


class TerminalConsole(Console):
    """Rich's console, which leaves a broken pipe to the error boundary instead of ending the process."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError that is being handled."""
        raise  # noqa: PLE0704 - Rich calls this from its handler
