"""`llmchat-backend COMMAND`. Commands import what they need when they run: `health` must cost almost nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from llmchat_backend.errors import ConfigurationError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_CONFIGURATION = 3
EXIT_REFUSED = 6


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    os.umask(0o077)  # the database and the files of users are nobody else's
    try:
        return _run(arguments)
    except RefusedError as error:
        refusal = {"error": {"code": error.code, "message": error.message}}
        sys.stdout.write(json.dumps(refusal, ensure_ascii=False) + "\n")
        return EXIT_REFUSED
    except ConfigurationError as error:
        line = {"level": "error", "message": str(error), "code": "configuration"}
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
        return EXIT_CONFIGURATION


def _run(arguments: argparse.Namespace) -> int:
    """Load the module `llmchat_backend.cli.COMMAND` and call its `run`."""
    run: Callable[[argparse.Namespace], int] = import_module(f"llmchat_backend.cli.{arguments.command}").run
    return run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="llmchat-backend", description="The chat service of llmchat-deploy.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve until told to stop")
    commands.add_parser("migrate", help="bring the database to this release's revision")
    commands.add_parser("health", help="exit 0 when the running service is ready")
    commands.add_parser("metrics", help="print what the running service has counted, for Prometheus")

    probe = commands.add_parser("probe", help="ask a model for one token")
    probe.add_argument("--model", help="its id; the default model without it")
    probe.add_argument("--all", action="store_true", help="every model, one line each")
    probe.add_argument("--timeout", type=float, default=30, metavar="SECONDS")

    actions = commands.add_parser("admin", help="look after administrators").add_subparsers(
        dest="action", required=True
    )
    for name, text in (
        ("ensure", "create an administrator unless there is one; password on standard input"),
        ("create", "create an administrator; password on standard input"),
        ("reset-password", "set a password read from standard input"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--username", required=True)
        action.add_argument("--must-change", action="store_true", help="ask for another one at the next log-in")
        if name == "ensure":
            action.add_argument(
                "--replace-unused",
                action="store_true",
                help="give an administrator that nobody has used yet this password",
            )
    actions.add_parser("list", help="list the administrators")

    actions = commands.add_parser("accounts", help="take over accounts").add_subparsers(dest="action", required=True)
    actions.add_parser("import", help="add accounts with their hashed passwords: a JSON array on standard input")
    return parser
