"""``admin``: the accounts that may look after the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmchat_deploy.cli.options import Commands, PasswordStdin, Username
from llmchat_deploy.cli.session import Session
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.secret import Secret

ABOUT = "Create administrators and reset their passwords."


def create(session: Session, username: Username, password_stdin: PasswordStdin = False) -> int:
    """Create an administrator.

    The password is made here, shown once and has to be changed at the first log-in. With --json it is written to a
    file that only you can read, and the file's path is printed.
    """
    from llmchat_deploy.operations import admin as operation

    return _set_password(session, operation.create, username, given=password_stdin)


def reset_password(session: Session, username: Username, password_stdin: PasswordStdin = False) -> int:
    """Give an administrator a new password, made and shown as by create."""
    from llmchat_deploy.operations import admin as operation

    return _set_password(session, operation.reset_password, username, given=password_stdin)


def list_admins(session: Session) -> int:
    """List the administrators."""
    from llmchat_deploy.operations import admin as operation
    from llmchat_deploy.output.admin_view import show_admins

    return session.finish(operation.list_admins(session.environment, session.engine), show_admins)


COMMANDS: Commands = {
    "create": (
        create,
        """
        llmchat-deploy admin create --env production --username li
        pass show chat/li | llmchat-deploy admin create -e production -u li --password-stdin
        """,
    ),
    "reset-password": (reset_password, "llmchat-deploy admin reset-password --env production --username admin"),
    "list": (list_admins, "llmchat-deploy admin list --env production"),
}


def _set_password(session: Session, act: Callable[..., Outcome[Any]], username: str, *, given: bool) -> int:
    from llmchat_deploy.cli.password import for_json
    from llmchat_deploy.output.admin_view import show_account

    environment, engine = session.environment, session.engine
    if given:
        password = Secret(session.world.read_stdin().removesuffix("\n").removesuffix("\r"))
        session.screen.hide((password,))
    else:
        password = session.host.new_password()
    outcome = act(environment, session.host, engine, username=username, password=password, must_change=not given)
    if session.options.json and not given:
        outcome = for_json(session, outcome, username, password)
    shown = None if given else password
    return session.finish(outcome, lambda screen, data: show_account(screen, data, shown))
