"""Help as plain sections: commands and options under their panels, examples as they are typed.

Typer's rich panels double the time of ``--help``; these cost nothing and read the same in a pipe.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from llmchat_deploy.output.words import as_typed


class HelpCommand(TyperCommand):
    """A command whose help is in sections."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write own options first, then the global ones."""
        _write_sections(formatter, _option_rows(self, ctx))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the examples."""
        _write_examples(formatter, self.epilog)


class HelpGroup(TyperGroup):
    """A group of commands whose help is in sections; alone it shows that help, as Docker's groups do."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, taking nothing at all for a wish for help."""
        return super().parse_args(ctx, args or ([] if ctx.resilient_parsing else ["--help"]))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands first: they are what people look for."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, item) for name, item in commands if item is not None and not item.hidden]
        rows = [(_panel(item, "Commands"), name, item.get_short_help_str(limit=120)) for name, item in shown]
        width = max(len(name) for name, _item in shown)
        _write_sections(formatter, [(panel, name.ljust(width), text) for panel, name, text in rows])
        _write_sections(formatter, _option_rows(self, ctx))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the examples."""
        _write_examples(formatter, self.epilog)


class ActingGroup(HelpGroup):
    """A group that does something by itself where no command of it is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, taking nothing at all for what it is."""
        return TyperGroup.parse_args(self, ctx, args)


def _option_rows(item: Any, ctx: Any) -> list[tuple[str, str, str]]:
    records = ((param, param.get_help_record(ctx)) for param in item.get_params(ctx))
    return [(_panel(param, "Options"), *record) for param, record in records if record is not None]


def _panel(item: Any, default: str) -> str:
    if getattr(item, "param_type_name", "") == "argument":
        return "Arguments"
    panel = getattr(item, "rich_help_panel", None)
    return panel if isinstance(panel, str) else default


def _write_sections(formatter: Any, rows: Iterable[tuple[str, str, str]]) -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for panel, name, text in rows:
        sections.setdefault(panel, []).append((name, text))
    # Global options come after a command's own, wherever they were declared.
    for panel in sorted(sections, key=lambda name: name.startswith("Global")):
        with formatter.section(typer.style(panel, bold=True)):
            formatter.write_dl(sections[panel], col_max=26)


def _write_examples(formatter: Any, examples: str | None) -> None:
    if not examples:
        return
    with formatter.section(typer.style("Examples", bold=True)):
        for line in examples.strip().splitlines():
            formatter.write(f"  {as_typed(line.strip())}\n")
