"""Where everything a command says is written: text for people, or one JSON document for programs."""

from __future__ import annotations

import json
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.text import Text

from llmchat_deploy.errors import DeployError, InvalidConfig, Problem
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.output.envelope import dumps, failure, success
from llmchat_deploy.output.plain import PlainConsole
from llmchat_deploy.output.streams import MaskedStream
from llmchat_deploy.output.words import as_typed
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from llmchat_deploy.output.terminal import TerminalConsole

    AnyConsole = TerminalConsole | PlainConsole


class Screen:
    """Standard output for results, standard error for progress, warnings and failures.

    Colours follow ``NO_COLOR`` and ``TERM``; with ``json`` standard output holds one document and nothing else.
    """

    def __init__(self, *, json: bool = False, verbose: bool = False) -> None:
        self.json = json
        self.verbose = verbose
        self._secrets: tuple[Secret, ...] = ()
        self._warnings: tuple[str, ...] = ()

    @cached_property
    def out(self) -> AnyConsole:
        """Standard output."""
        return _console(MaskedStream(sys.stdout, lambda: self._secrets))

    @cached_property
    def err(self) -> AnyConsole:
        """Standard error."""
        return _console(MaskedStream(sys.stderr, lambda: self._secrets))

    def hide(self, secrets: tuple[Secret, ...]) -> None:
        """Mask these values in everything that is written from now on."""
        self._secrets = (*self._secrets, *secrets)

    def warn(self, warning: str) -> None:
        """Say something that is not right and doesn't stop the command."""
        if warning in self._warnings:
            return
        self._warnings = (*self._warnings, warning)
        if not self.json:
            self.err.print(Text.assemble(("Warning: ", "yellow"), as_typed(warning)))

    def advise(self, advice: str, *, before: str = "") -> None:
        """Say what to do next, in one line that can be copied, after ``before``."""
        self.out.print(Text.assemble(before, ("→ ", "cyan"), as_typed(advice)), soft_wrap=True)

    def next_steps(self, steps: tuple[str, ...]) -> None:
        """Say what to do next under a heading of its own, a line each."""
        if steps:
            self.out.print(Text("\nNext", style="bold"))
        for step in steps:
            self.out.print(Text(f"  {as_typed(step)}"), soft_wrap=True)

    def error(self, error: DeployError) -> None:
        """Show a failure: its details, what it is, what to do."""
        for line in error.details:
            self.err.print(Text(f"  {line}", style="dim"))
        self.err.print(Text.assemble(("Error: ", "bold red"), as_typed(error.message)))
        if isinstance(error, InvalidConfig):
            self.show_problems(error.problems)
        if error.hint:
            self.err.print(Text.assemble(("Hint: ", "cyan"), as_typed(error.hint)))

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Say what is wrong with settings, each with its place and what to do."""
        for problem in problems:
            self._problem(problem.source, problem.key, problem.message, problem.hint)
        self.err.print()

    def show_losses(self, losses: tuple[str, ...]) -> None:
        """Say what would be gone for good."""
        self.err.print(Text("This would be lost for good:", style="bold red"))
        for loss in losses:
            self.err.print(Text(f"  - {loss}"))

    def plain_line(self, line: str) -> None:
        """Print a line to standard output just as it is."""
        self.out.file.write(f"{line}\n")

    def json_outcome(self, outcome: Outcome[Any]) -> None:
        """Print the document of a command that gave a result."""
        self._document(success(outcome, self._warnings))

    def json_error(self, command: str, error: DeployError) -> None:
        """Print the document of a command that failed."""
        self._document(failure(command, error, self._warnings))

    def _problem(self, source: str, key: str, message: str, hint: str) -> None:
        self.err.print(Text.assemble("\n  ", (key, "bold"), ("  " + source if source else "", "dim")))
        self.err.print(Text(f"    {as_typed(message)}"))
        if hint:
            self.err.print(Text.assemble(("    → ", "cyan"), as_typed(hint)))

    def _document(self, document: dict[str, Any]) -> None:
        text = dumps(document, self._secrets)
        if not _is_utf_8(text, sys.stdout.encoding or "utf-8"):
            # Escaped, it is the same JSON and every encoding can write it (GBK, POSIX, half a pair in UTF-8).
            text = "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in text)
        sys.stdout.write(text + "\n")


def _is_utf_8(text: str, encoding: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: an argument that wasn't UTF-8
        return False
    return encoding.lower().replace("-", "") == "utf8"


def _console(stream: MaskedStream) -> AnyConsole:
    if not stream.isatty():
        return PlainConsole(stream)
    from llmchat_deploy.output.terminal import TerminalConsole  # noqa: PLC0415 - not needed for a pipe

    return TerminalConsole(file=stream, highlight=False, markup=False, emoji=False)
