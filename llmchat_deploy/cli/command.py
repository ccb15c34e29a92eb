"""How a function becomes a command: the global options are added to its own, before and after its name."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import typer

from llmchat_deploy.cli.options import AsJson, AssumeYes, EnvName, Overrides, Verbose
from llmchat_deploy.cli.session import GlobalOptions, Session
from llmchat_deploy.errors import DeployError, ExitCode


class Interrupted(DeployError):
    """Somebody pressed Ctrl-C."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED


def leave_quietly(code: ExitCode) -> ExitCode:
    """Return ``code`` and say no more: the reader of our output (``head``) has had enough, or it can't be written."""
    from llmchat_deploy.output.streams import give_up

    for stream in (sys.stdout, sys.stderr):
        give_up(stream)
    return code


def take_globals(  # noqa: PLR0913, PLR0917 - the global options
    context: typer.Context,
    env: EnvName = None,
    as_json: AsJson = False,
    yes: AssumeYes = False,
    verbose: Verbose = False,
    override: Overrides = None,
) -> Session:
    """Add the global options given at this place of the command line to those given before."""
    session: Session = context.obj
    if env is not None and not env.strip():  # a script's variable that nobody set: not what leaving it out means
        raise typer.BadParameter("It is empty. Name an environment, or leave the option out.", param_hint="--env")
    for option in override or ():
        _refuse_half(option)
    session.take(GlobalOptions(env, as_json, yes, verbose, tuple(override or ())))
    session.command = " ".join(context.command_path.split()[1:])
    return session


def _refuse_half(option: str) -> None:
    key, equals, _ = option.partition("=")
    key = key.strip()
    if key and equals:
        return
    from llmchat_deploy.config.near import nearest_key
    from llmchat_deploy.config.schema import parse_dotted

    near = nearest_key(parse_dotted(key)) if key else ""
    said = f"'{key}' has no '='." if key else "It names no setting."
    example = f"{near}=VALUE" if near else "server.address=192.168.1.100"
    raise typer.BadParameter(f"{said} Write KEY=VALUE, such as {example}.", param_hint="--set")


_CONTEXT, *_GLOBALS = inspect.signature(take_globals, eval_str=True).parameters.values()
_NAMES = {parameter.name for parameter in (_CONTEXT, *_GLOBALS)}


def acting_group(function: Callable[..., int]) -> Callable[..., int]:
    """Return ``function(session, …)`` as a group that does it where none of its commands is named.

    Its own options mean nothing to its commands: beside one they are refused.
    """
    act = command(function)
    own = [item for item in inspect.signature(act).parameters.values() if item.name not in _NAMES]

    def run(**values: Any) -> int:
        context: typer.Context = values["context"]
        if context.invoked_subcommand is None:
            return act(**values)
        for item in own:
            if values.pop(item.name) != item.default:
                option = f"--{item.name.replace('_', '-')}"
                raise typer.BadParameter(f"{option} is for '{context.info_name}' by itself.", ctx=context)
        take_globals(**values)
        return ExitCode.OK

    run.__name__, run.__doc__, run.__annotations__ = act.__name__, act.__doc__, act.__annotations__
    run.__signature__ = inspect.signature(act)  # type: ignore[attr-defined]
    return run


def command(function: Callable[..., int]) -> Callable[..., int]:
    """Return ``function(session, …)`` as Typer wants it: with the global options in place of the session."""
    _session, *own = inspect.signature(function, eval_str=True).parameters.values()
    own_names = [parameter.name for parameter in own]

    def run(**values: Any) -> int:
        mine = {name: values.pop(name) for name in own_names}
        session = take_globals(**values)
        if mine.get("exit_code") and mine.get("plan_only") is False:  # meant as a check: it must not deploy
            raise typer.BadParameter("--exit-code goes with --plan.")
        try:
            return function(session, **mine)
        except BrokenPipeError:
            return leave_quietly(ExitCode.INTERRUPTED if session.result is None else session.result)
        except KeyboardInterrupt as stopped:
            hint = f"{stopped} Run the same command again to go on.".lstrip()
            raise Interrupted("Interrupted.", hint=hint) from None

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (_CONTEXT, *own, *_GLOBALS)]
    run.__name__ = function.__name__
    run.__doc__ = function.__doc__
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run
