"""Administrators, managed on the server: create, reset a password, list."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from llmchat_deploy.apply.audit import noted
from llmchat_deploy.apply.backend import PROGRAM, json_or_refuse
from llmchat_deploy.apply.observe import active_slots
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine
from llmchat_deploy.errors import RefusedError
from llmchat_deploy.host.base import Host
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.render.names import Names
from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class AdminData:
    """Who was made or changed."""

    username: str
    action: str


@dataclass(frozen=True, slots=True)
class AdminInfo:
    """An administrator as the backend knows them."""

    username: str
    active: bool
    must_change_password: bool
    created_at: str
    last_login: str | None


@dataclass(frozen=True, slots=True)
class AdminList:
    """All administrators."""

    admins: tuple[AdminInfo, ...]


def create(  # noqa: PLR0913 - whose, where, and how
    environment: Environment, host: Host, engine: Engine, *, username: str, password: Secret, must_change: bool
) -> Outcome[AdminData]:
    """Create an administrator; raises RefusedError where the name is taken or the password is too weak."""
    _with_password(environment, engine, "create", username, password, must_change=must_change)
    noted(host, f"admin create {username}")
    return Outcome("admin create", AdminData(username, "created"))


def reset_password(  # noqa: PLR0913 - whose, where, and how
    environment: Environment, host: Host, engine: Engine, *, username: str, password: Secret, must_change: bool
) -> Outcome[AdminData]:
    """Give an account another password and end its sessions; raises RefusedError where there is no such account."""
    _with_password(environment, engine, "reset-password", username, password, must_change=must_change)
    noted(host, f"admin reset-password {username}")
    return Outcome("admin reset-password", AdminData(username, "password reset"))


def list_admins(environment: Environment, engine: Engine) -> Outcome[AdminList]:
    """Return all administrators."""
    result = engine.exec(_backend(environment, engine), (PROGRAM, "admin", "list"))
    data = json_or_refuse(result, "The administrators can't be listed.")
    admins = tuple(
        AdminInfo(
            username=item["username"],
            active=item["is_active"],
            must_change_password=item["must_change_password"],
            created_at=item["created_at"],
            last_login=item.get("last_login_at"),
        )
        for item in data["admins"]
    )
    return Outcome("admin list", AdminList(admins))


def _with_password(  # noqa: PLR0913 - private, each named
    environment: Environment, engine: Engine, verb: str, username: str, password: Secret, *, must_change: bool
) -> None:
    argv = (PROGRAM, "admin", verb, "--username", username, *(("--must-change",) if must_change else ()))
    result = engine.exec(_backend(environment, engine), argv, stdin=password.reveal().encode())
    json_or_refuse(result, f"The account '{username}' can't be changed.", _hints(environment, username))


def _hints(environment: Environment, username: str) -> dict[str, str]:
    tail = f"--env {environment.name}"
    again = f"llmchat-deploy admin reset-password --username {shlex.quote(username)} {tail}"
    return {
        "username_taken": f"Choose another name, or give that account a new password: {again}",
        "unknown_user": f"The administrators are: llmchat-deploy admin list {tail}",
    }


def _backend(environment: Environment, engine: Engine) -> str:
    """Return the container of the serving backend; raises RefusedError where none runs."""
    names = Names(environment.project)
    slot = active_slots(names, engine).backend
    name = names.container("backend", slot)
    running = engine.inspect(name) if slot else None
    if running is None or running.state != "running":
        raise RefusedError(
            f"The backend of environment '{environment.name}' doesn't run.",
            hint=f"Start it: llmchat-deploy up --env {environment.name}",
        )
    return name
