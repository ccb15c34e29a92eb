"""What a person asked ``restore`` for, found and planned."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from llmchat_deploy.cli.keys import identities
from llmchat_deploy.cli.session import Session

if TYPE_CHECKING:
    from llmchat_deploy.operations.parts import Parts
    from llmchat_deploy.operations.rebuild import Settings
    from llmchat_deploy.plan.plan import Plan
    from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of one command line."""

    backup: str
    undo: bool
    use_volume: str | None
    foreign: bool
    key: Path | None


@dataclass(frozen=True, slots=True)
class Planned:
    """How to plan it, with which keys, the settings it brings along, and what lock and audit say of it."""

    planner: Callable[[Parts], Plan]
    identities: tuple[Secret, ...] = ()
    settings: Settings | None = None
    about: str = ""

    def agree(self, session: Session, agreed: Plan) -> None:
        """Show the plan and have a person agree, unless there is nothing whose place is taken."""
        from llmchat_deploy.cli.confirm import confirm_restore
        from llmchat_deploy.output.plan_view import show_plan

        if not session.options.json:
            show_plan(session.screen, agreed)
        confirm_restore(session, agreed)

    def write_settings(self, session: Session) -> None:
        """Write the settings that the backup brings."""
        if self.settings:
            from llmchat_deploy.operations import rebuild

            rebuild.write(session.name, self.settings, session.world.project_writer())


def planned(session: Session, asked: Asked) -> Planned:
    """Return how to plan what is asked for; raises BadParameter where that contradicts itself."""
    from llmchat_deploy.operations import restore

    if (asked.undo or asked.use_volume) and (asked.backup != "latest" or (asked.undo and asked.use_volume)):
        raise typer.BadParameter("--undo, --use-volume and a backup exclude each other.")
    if asked.undo:
        return Planned(restore.plan_undo, about="--undo")
    if volume := asked.use_volume:
        return Planned(lambda parts: restore.plan_use(parts, volume), about=f"--use-volume {volume}")
    return _of_backup(session, asked)


def _of_backup(session: Session, asked: Asked) -> Planned:
    from llmchat_deploy.operations import rebuild, restore
    from llmchat_deploy.operations.backup_source import LATEST, find_source, is_path

    keys, archives = identities(session, asked.key), session.world.archives()
    settings = None
    if is_path(asked.backup, archives):
        path = archives.absolute(asked.backup)
        settings = rebuild.settings_from(session.name, path, session.world.sources(), archives, keys)
        session.overlay = settings.sources if settings else None

    def planner(parts: Parts) -> Plan:
        source = find_source(asked.backup, parts.environment, parts.host, archives, keys, foreign=asked.foreign)
        return restore.plan(parts, source)

    named = () if asked.backup == LATEST else (asked.backup,)
    return Planned(planner, keys, settings, about=shlex.join((*named, *(("--foreign",) if asked.foreign else ()))))
