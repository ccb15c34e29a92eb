"""The options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

GLOBAL_PANEL = "Global options (before or after the command)"

Commands = dict[str, tuple[Callable[..., int], str]]
"""The commands of a group: word -> function and examples."""


def environment_names(incomplete: str) -> list[str]:
    """Complete the name of an environment."""
    from llmchat_deploy.cli.context import ThisMachine

    sources = ThisMachine().sources()
    names = {*sources.profiles(), *sources.env_files()}
    return sorted(name for name in names if name.startswith(incomplete))


def service_names(incomplete: str) -> list[str]:
    """Complete the name of a service."""
    return [name for name in ("acme", "backend", "backup", "edge", "frontend", "model") if name.startswith(incomplete)]


EnvName = Annotated[
    str | None,
    typer.Option(
        "--env",
        "-e",
        metavar="NAME",
        help="Environment; not needed where only one is in use.",
        autocompletion=environment_names,
        rich_help_panel=GLOBAL_PANEL,
        show_default=False,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document instead of text.", rich_help_panel=GLOBAL_PANEL),
]
AssumeYes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Answer yes to questions.", rich_help_panel=GLOBAL_PANEL),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Show every line of builds.", rich_help_panel=GLOBAL_PANEL),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a setting: server.web_port=8080. Repeatable.",
        rich_help_panel=GLOBAL_PANEL,
        show_default=False,
    ),
]
Services = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SERVICE]...",
        help="edge, backend, frontend, model or backup; all where none is named.",
        autocompletion=service_names,
        show_default=False,
    ),
]
ExitCodeOption = Annotated[
    bool,
    typer.Option("--exit-code", help="Exit with 10 where there is something to do."),
]
RequireModel = Annotated[
    bool,
    typer.Option("--require-model", help="Fail with 9 where the model can't be reached, instead of warning."),
]
Cut = Annotated[
    bool, typer.Option("--cut", help="End the open answers of replaced slots, instead of waiting for them.")
]
Username = Annotated[str, typer.Option("--username", "-u", metavar="NAME", help="Name of the administrator.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input instead of making one."),
]
