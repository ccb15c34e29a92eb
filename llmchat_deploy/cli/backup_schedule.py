"""``backup schedule``: have backups made by themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session
from llmchat_deploy.cli.up import agree

Every = Annotated[
    str | None, typer.Option("--every", metavar="SPAN", help="That often, such as 6h or 90m.", show_default=False)
]
Cron = Annotated[
    str | None,
    typer.Option(
        "--cron", metavar="LINE", help='By the five fields of cron, such as "30 3 * * *".', show_default=False
    ),
]
Off = Annotated[bool, typer.Option("--off", help="No more backups by themselves; those that are there stay.")]
Show = Annotated[bool, typer.Option("--show", help="Only show the schedule and how it goes.")]
Systemd = Annotated[
    bool, typer.Option("--systemd", help="Only print a service and a timer of systemd that would do it instead.")
]


def schedule(  # noqa: PLR0913, PLR0917 - the ways to say it
    session: Session,
    every: Every = None,
    cron: Cron = None,
    off: Off = False,
    show: Show = False,
    systemd: Systemd = False,
) -> int:
    """Have backups made by themselves, or show when they are made.

    The schedule is written to BACKUP_SCHEDULE in .env.NAME; what `up` would do for it is shown and done: a container
    that makes, copies, prunes and tries backups. It has no access to Docker.
    """
    from llmchat_deploy.operations import backup_schedule as operation
    from llmchat_deploy.output import backup_schedule_view as view

    if sum((every is not None, cron is not None, off, show)) > 1 or (systemd and (off or show)):
        raise typer.BadParameter(
            "--every, --cron, --off and --show exclude each other; --systemd goes with the first two."
        )
    text = "" if off else cron if every is None else f"every {every}"
    if text is not None:
        session.overlay = operation.with_schedule(session.name, session.world.sources(), text)
    if systemd:
        before = operation.scheduled(session.name, session.world.sources())
        runner, option = session.world.runner(session.host), operation.option_for(session.environment.backup.schedule)
        return session.finish(
            operation.units(session.environment, session.templates, runner, before=before),
            lambda screen, data: view.show_units(screen, data, option),
        )
    if text is None:
        return session.finish(operation.show(session.environment, session.host), view.show_schedule)
    session.refuse_lost_secrets()
    agreed = operation.plan(session.parts, text)
    if not agreed.is_empty:
        agree(session, agreed)
    with session.progress() as events:
        outcome = operation.apply(agreed, session.parts, session.world.key_folder(), events, text=text)
    return session.finish(outcome, view.show_schedule)


COMMANDS: Commands = {
    "schedule": (
        schedule,
        """
        llmchat-deploy backup schedule --cron "30 3 * * *" --env production
        llmchat-deploy backup schedule --env production
        """,
    )
}
