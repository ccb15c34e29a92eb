"""How a password that was made here reaches the person: on the screen once, or in a file that JSON names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import DeployError, ExitCode, HostError
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from llmchat_deploy.operations.up import AdminCreated
    from llmchat_deploy.output.screen import Screen

T = TypeVar("T")


def finish(
    session: Session, outcome: Outcome[T], show: Callable[[Screen, T], None], admin: AdminCreated | None
) -> ExitCode:
    """Show what a command returned, with the password it made; only then that counts as known.

    Until then, the next ``up`` makes another one.
    """
    from llmchat_deploy.operations.up import password_shown

    shown: Outcome[Any] = outcome
    if session.options.json and admin:
        shown = for_json(session, outcome, admin.username, admin.password)
    code = session.finish(shown, show)
    if admin:
        session.screen.out.file.flush()
        password_shown(session.host)
    return code


def for_json(session: Session, outcome: Outcome[Any], username: str, password: Secret) -> Outcome[Any]:
    """Return the outcome with the path of a file that holds the password, which never stands in JSON itself.

    Only the file's owner can read it.
    """
    from llmchat_deploy.output.envelope import jsonable

    safe = "".join(letter if letter.isalnum() else "_" for letter in username)
    name = f"password-{safe}.txt"
    try:
        session.host.write_state(name, f"{password.reveal()}\n", mode=0o600)
    except DeployError as error:
        reset = f"llmchat-deploy admin reset-password --env {session.name} --username {username}"
        raise HostError(
            f"The account '{username}' is set, but its password couldn't be kept: {error.message}",
            hint=f"Make another one: {reset}",
        ) from error
    return replace(outcome, data={**jsonable(outcome.data), "password_file": session.host.state_path(name)})
