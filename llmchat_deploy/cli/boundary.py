"""The one error boundary: whatever happens becomes text or JSON and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from errno import EDQUOT, ENOSPC
from typing import Any

import typer
from typer.exceptions import TyperException

from llmchat_deploy.cli.command import leave_quietly
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import DeployError, ExitCode, HostError


class UsageProblem(DeployError):
    """The command line itself is wrong."""

    code = "usage"
    exit_code = ExitCode.USAGE


class Bug(DeployError):
    """Something that must not happen."""

    code = "bug"
    exit_code = ExitCode.BUG


def wants_json(arguments: Sequence[str]) -> bool:
    """Say whether ``--json`` is among the arguments: asked before parsing, which may fail."""
    own = list(arguments)
    return "--json" in (own[: own.index("--")] if "--" in own else own)


def run_guarded(session: Session, call: Callable[[], Any]) -> int:
    """Run a command line and return its exit code; nothing is raised."""
    try:
        result = call()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as left:
        return _left(session, left)
    except DeployError as error:
        return _show(session, error)
    except TyperException as error:
        return _show(session, _usage(error))
    except (typer.Abort, EOFError):
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _show(session, _no_room(error) or _bug(error))
    return result if isinstance(result, int) else ExitCode.OK


def _left(session: Session, left: BrokenPipeError | SystemExit) -> int:
    """Return the exit code where nobody reads any more, or Typer leaves by itself.

    It does where it notices the former first, and after a completion: its code tells the shell whether there was any.
    """
    if isinstance(left, SystemExit) and not isinstance(left.__context__, BrokenPipeError):
        return left.code if isinstance(left.code, int) else ExitCode.OK
    return leave_quietly(session.result or ExitCode.OK)


def _show(session: Session, error: DeployError) -> int:
    try:
        code = session.fail(error)
        sys.stdout.flush()  # at its end the interpreter would try, and leave with a code of its own
    except OSError:  # the exit code says it, at least
        return leave_quietly(error.exit_code)
    return code


def _usage(error: TyperException) -> UsageProblem:
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context else "llmchat-deploy"
    return UsageProblem(error.format_message(), hint=f"{path} --help")


def _no_room(error: Exception) -> HostError | None:
    """Return what is wrong where our own output filled a disk: whoever opens files names them, and translates."""
    if not isinstance(error, OSError) or error.errno not in {ENOSPC, EDQUOT} or error.filename is not None:
        return None
    return HostError(
        f"What this command says can't be written: {error.strerror}.",
        hint="Make room where its output goes, then run it again.",
    )


def _bug(error: Exception) -> Bug:
    import traceback

    return Bug(
        f"This is a bug in llmchat-deploy: {type(error).__name__}: {error}",
        hint="Please report it with the lines above; keys and passwords of the environment are masked in them.",
        details=tuple("".join(traceback.format_exception(error)).splitlines()),
    )
