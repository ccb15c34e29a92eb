"""The command line: which commands there are, and the one place where all of them begin and end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from llmchat_deploy import __version__
from llmchat_deploy.cli import (
    admin,
    backup,
    backup_key,
    backup_schedule,
    backups,
    cert,
    config,
    down,
    health,
    init,
    lock,
    logs,
    migrate_ip,
    plan,
    proxy,
    prune,
    releases,
    restart,
    restore,
    rollback,
    status,
    up,
    update,
)
from llmchat_deploy.cli.boundary import run_guarded, wants_json
from llmchat_deploy.cli.command import acting_group, command, take_globals
from llmchat_deploy.cli.context import ThisMachine
from llmchat_deploy.cli.help import ActingGroup, HelpCommand, HelpGroup
from llmchat_deploy.cli.main import PROGRAM
from llmchat_deploy.cli.options import AsJson, AssumeYes, Commands, EnvName, Overrides, Verbose
from llmchat_deploy.cli.session import GlobalOptions, Session

SET_UP, DEPLOY, LOOK, KEEP, ACCOUNTS = "Set up", "Deploy", "Look", "Keep", "Accounts"
EXAMPLES = """
llmchat-deploy up --env development      try it out: needs no key and no model server
llmchat-deploy init --env production     make .env.production, then fill it in
llmchat-deploy plan --env production     what up would do, and why
llmchat-deploy up --env production       make it so
"""


class DeployGroup(HelpGroup):
    """The root: every run goes through its ``main``, in the shell and in tests."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line and leave with its exit code."""
        given = args[0] if args else extra.pop("args", None)
        arguments = sys.argv[1:] if given is None else list(given)
        session: Session = extra.pop("obj", None) or Session(ThisMachine())
        session.take(GlobalOptions(json=wants_json(arguments)))
        extra |= {"prog_name": PROGRAM, "obj": session, "standalone_mode": False}
        sys.exit(run_guarded(session, lambda: super(DeployGroup, self).main(arguments, **extra)))


def _version(context: typer.Context, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def root(  # noqa: PLR0913, PLR0917 - the global options
    context: typer.Context,
    env: EnvName = None,
    as_json: AsJson = False,
    yes: AssumeYes = False,
    verbose: Verbose = False,
    override: Overrides = None,
    version: Annotated[  # noqa: ARG001 - its callback has answered already
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Deploy and look after a private LLM chat on your own server."""
    take_globals(context, env, as_json, yes, verbose, override)


def _group(kind: type[HelpGroup]) -> typer.Typer:
    return typer.Typer(
        cls=kind,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=kind is DeployGroup,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )


def _add(group: typer.Typer, name: str, function: Callable[..., int], panel: str, examples: str = "") -> None:
    group.command(name, cls=HelpCommand, rich_help_panel=panel, epilog=examples)(command(function))


def _add_group(parent: typer.Typer, name: str, about: str, panel: str, commands: Commands) -> None:
    group = _group(HelpGroup)
    group.callback()(take_globals)
    _add_commands(group, commands)
    parent.add_typer(group, name=name, help=about, rich_help_panel=panel)


def _add_acting_group(name: str, function: Callable[..., int], panel: str, examples: str) -> typer.Typer:
    """Add a group that is a command too; its commands are added to what is returned."""
    group = _group(ActingGroup)
    group.callback(invoke_without_command=True, epilog=examples)(acting_group(function))
    app.add_typer(group, name=name, rich_help_panel=panel)
    return group


def _add_commands(group: typer.Typer, commands: Commands) -> None:
    for word, (function, examples) in commands.items():
        _add(group, word, function, "Commands", examples)


app = _group(DeployGroup)
app.callback(epilog=EXAMPLES)(root)
_add(app, "init", init.init, SET_UP, init.EXAMPLES)
_add_group(app, "config", config.ABOUT, SET_UP, config.COMMANDS)
_add(app, "plan", plan.plan, DEPLOY, plan.EXAMPLES)
_add(app, "up", up.up, DEPLOY, up.EXAMPLES)
_add(app, "update", update.update, DEPLOY, update.EXAMPLES)
_add(app, "migrate-ip", migrate_ip.migrate_ip, DEPLOY, migrate_ip.EXAMPLES)
_add(app, "prune", prune.prune, DEPLOY, prune.EXAMPLES)
_add(app, "rollback", rollback.rollback, DEPLOY, rollback.EXAMPLES)
_add(app, "restart", restart.restart, DEPLOY, restart.EXAMPLES)
_add(app, "down", down.down, DEPLOY, down.EXAMPLES)
_add(app, "status", status.status, LOOK, status.EXAMPLES)
_add(app, "health", health.health, LOOK, health.EXAMPLES)
_add(app, "logs", logs.logs, LOOK, logs.EXAMPLES)
_add(app, "releases", releases.releases, LOOK, releases.EXAMPLES)
_add(app, "audit", releases.audit, LOOK, releases.AUDIT_EXAMPLES)
_add_group(app, "proxy", proxy.ABOUT, SET_UP, proxy.COMMANDS)
_add_group(app, "cert", cert.ABOUT, LOOK, cert.COMMANDS)
_add_group(app, "lock", lock.ABOUT, LOOK, lock.COMMANDS)
_add(app, "restore", restore.restore, KEEP, restore.EXAMPLES)
_backup = _add_acting_group("backup", backup.backup, KEEP, backup.EXAMPLES)
_add_commands(_backup, backup.COMMANDS | backup_schedule.COMMANDS | backups.COMMANDS)
_add_group(_backup, "key", backup_key.ABOUT, "Commands", backup_key.COMMANDS)
_add_group(app, "admin", admin.ABOUT, ACCOUNTS, admin.COMMANDS)
