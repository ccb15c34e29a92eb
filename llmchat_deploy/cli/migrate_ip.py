"""``migrate-ip``: move to another address, and go back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmchat_deploy.cli.options import ExitCodeOption
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ExitCode

if TYPE_CHECKING:
    from llmchat_deploy.operations.migrate_ip import Around

EXAMPLES = """
llmchat-deploy migrate-ip 192.168.1.100 --env production           from the address it has now
llmchat-deploy migrate-ip chat.example.com --plan                  only show what would change
llmchat-deploy migrate-ip api.new.example --from api.old.example   the API's own address
llmchat-deploy migrate-ip --undo                                   back to the address before
"""

New = Annotated[str, typer.Argument(metavar="[NEW]", help="IP address or host name to move to.", show_default=False)]
Old = Annotated[
    str, typer.Option("--from", metavar="OLD", help="Address to move from; else the present one.", show_default=False)
]
Undo = Annotated[bool, typer.Option("--undo", help="Go back to the address before the last change.")]
ForgetOld = Annotated[bool, typer.Option("--forget-old", help="End the old addresses that still work.")]
DropOld = Annotated[bool, typer.Option("--drop-old", help="Don't let the old address go on working.")]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="KEY", help="A setting that stays, such as LLM_API_URL. Repeatable."),
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Only show what would be done.")]


def migrate_ip(  # noqa: PLR0913, PLR0917 - the ways to ask for it
    session: Session,
    new: New = "",
    old: Old = "",
    undo: Undo = False,
    forget_old: ForgetOld = False,
    drop_old: DropOld = False,
    keep: Keep = None,
    plan_only: PlanOnly = False,
    exit_code: ExitCodeOption = False,
) -> int:
    """Move to another address: settings, certificates, printed links, all in seconds and without a rebuild.

    Every place in the profile and the env file that holds the old address is changed; then the edge loads it
    without cutting a connection; nothing else starts anew for it. The old address goes on working until --forget-old.
    """
    from llmchat_deploy.cli.confirm import confirm_address
    from llmchat_deploy.operations import address_change as change
    from llmchat_deploy.operations import migrate_ip as operation
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.output.migrate_ip_view import show_address_plan, show_migrated

    if sum((bool(new), undo, forget_old)) != 1 or ((undo or forget_old) and (old or drop_old or keep)):
        raise typer.BadParameter("Name one thing: the NEW address, or --undo, or --forget-old.")
    wanted = change.Wanted(new, old, keep_old=not drop_old, keys=tuple(keep or ()))

    def planned(around: Around) -> operation.AddressPlan:
        if new:
            return change.plan(wanted, around)
        return change.plan_undo(around) if undo else change.plan_forget(around)

    agreed = planned(session.around)
    session.screen.hide(agreed.loaded.environment.secrets)
    if plan_only:
        code = ExitCode.CHANGES_FOUND if exit_code and not agreed.is_empty else ExitCode.OK
        return session.finish(Outcome("migrate-ip", agreed, exit_code=code), show_address_plan)
    if agreed.is_empty:
        return session.finish(operation.outcome(agreed, session.around), show_migrated)
    confirm_address(session, agreed)
    with session.progress() as events:
        outcome = operation.apply(agreed, planned, session.around, events)
    return session.finish(outcome, show_migrated)
