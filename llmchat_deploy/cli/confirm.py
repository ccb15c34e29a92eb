"""When a person is asked before something happens, and what happens where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import NotInteractive, RefusedError
from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.plan.plan import Plan

if TYPE_CHECKING:
    from llmchat_deploy.operations.migrate_ip import AddressPlan

NOTICED = {
    "edge": "page and API are closed for up to {closed:.0f} s and open answers are cut",
    "backend": "the API is closed until it is back and answers that don't end within {drain} s are cut",
    "model": "answers that the bundled model is writing end",
}
"""Service -> what a restart of its only container does to people."""


class Cancelled(RefusedError):
    """The person said no."""

    code = "cancelled"


def changes_running(plan: Plan) -> bool:
    """Say whether something that runs now would be stopped or cut off."""
    from llmchat_deploy.plan.steps import PruneCache, RemoveImage

    stops = (step for step in plan.steps if step.sign == "-" and not isinstance(step, RemoveImage | PruneCache))
    return plan.expected_downtime > 0 or any(stops)


def confirm_up(session: Session, plan: Plan) -> None:
    """Ask before ``up`` changes what runs; raises Cancelled, or NotInteractive where data would be lost unasked."""
    if session.options.yes:
        return
    if plan.adopts:
        _agree_to_adopt(session, plan)
    elif session.interactive and (plan.is_destructive or changes_running(plan)):
        _agree(session, f"This changes what runs in {plan.environment}. Go on? [y/N] ")
    elif plan.is_destructive:
        raise NotInteractive(
            f"This loses data of {plan.environment}, and nobody is here to agree.",
            hint="Run it in a terminal, or add --yes.",
            details=plan.losses,
        )


def confirm_address(session: Session, plan: AddressPlan) -> None:
    """Show a change of address, and ask before it is made where somebody is there to answer."""
    from llmchat_deploy.output.migrate_ip_view import show_address_plan

    if not session.options.json:
        show_address_plan(session.screen, plan)
    if plan.after is not None and plan.after.is_destructive:
        confirm_up(session, plan.after)
    elif session.interactive and not session.options.yes:
        _agree(session, f"Change {plan.environment} from {plan.old} to {plan.new}? [y/N] ")


def confirm_restart(session: Session, plan: Plan) -> None:
    """Ask before a restart cuts people off; elsewhere than at a terminal it was meant."""
    from llmchat_deploy.plan.steps import RestartContainer

    in_place = [step for step in plan.steps if isinstance(step, RestartContainer) and step.service in NOTICED]
    if not plan.expected_downtime:  # an edge that doesn't run cuts nobody off
        in_place = [step for step in in_place if step.service != "edge"]
    if in_place and session.interactive and not session.options.yes:
        names = " and ".join(step.service for step in in_place)
        closed = plan.expected_downtime
        effects = "; ".join(NOTICED[step.service].format(closed=closed, drain=step.drain) for step in in_place)
        _agree(session, f"This restarts {names} of {plan.environment} in place: {effects}. Go on? [y/N] ")


def _agree_to_adopt(session: Session, plan: Plan) -> None:
    """Have a person agree before data that somebody else put there is used and migrated."""
    found = ", ".join(plan.adopts)
    if not session.interactive:
        raise NotInteractive(
            f"Data is there that this tool didn't make ({found}), and nobody is here to agree to use it.",
            hint="Add --yes to use it; its database is migrated. Or rename or remove it, to begin with empty data.",
        )
    _agree(session, f"Use the data in {found}, which this tool didn't make, and migrate its database? [y/N] ")


def confirm_down(session: Session, plan: Plan, confirmed: str | None) -> None:
    """Have the environment's name typed before its data goes."""
    name = plan.environment
    if confirmed is not None and confirmed != name:
        raise RefusedError(
            f"--confirm says '{confirmed}', but the environment is '{name}'. Nothing was changed.",
            hint=f"--confirm {name}",
        )
    if not plan.is_destructive or confirmed == name:
        return
    if not session.interactive:
        raise NotInteractive(
            f"This loses data of {name} for good, and nobody is here to agree.",
            hint=f"Add --confirm {name} to lose it.",
            details=plan.losses,
        )
    session.screen.show_losses(plan.losses)
    if _answer(session, f"Type the environment's name ({name}) to lose this for good: ") != name:
        raise Cancelled("Cancelled. Nothing was changed.")


def confirm_restore(session: Session, plan: Plan) -> None:
    """Ask before other data takes the place of what is used; raises Cancelled, or NotInteractive where nobody can say.

    On a machine that holds no data yet there is nothing to ask about.
    """
    from llmchat_deploy.plan.steps import UseGeneration

    replaces = any(isinstance(step, UseGeneration) and step.replaces for step in plan.steps)
    if session.options.yes or not replaces:
        return
    if not session.interactive:
        raise NotInteractive(
            f"Other data takes the place of what {plan.environment} uses now, and nobody is here to agree.",
            hint="Add --yes. What is there now is kept: llmchat-deploy restore --undo goes back to it.",
        )
    _agree(session, f"Other data takes the place of what {plan.environment} uses now, which is kept. Go on? [y/N] ")


def confirm_release(session: Session, holder: LockHolder) -> None:
    """Ask before somebody's run is interrupted; raises NotInteractive where nobody can say."""
    if session.options.yes:
        return
    what = f"'{holder.reason}', which {holder.who} runs since {holder.since} (process {holder.pid})"
    if not session.interactive:
        raise NotInteractive(f"This interrupts {what}, and nobody is here to agree.", hint="Add --yes.")
    _agree(session, f"Interrupt {what}? [y/N] ")


def confirm_rollback(session: Session, plan: Plan, lost: str, confirmed: str | None) -> None:
    """Have the environment's name typed before its data goes back too; ``lost`` says since when; else ask as ``up``."""
    name = plan.environment
    if confirmed is not None and confirmed != name:
        raise RefusedError(f"--confirm says '{confirmed}', but the environment is '{name}'. Nothing was changed.")
    if not lost:
        confirm_up(session, plan)
    elif confirmed is None:
        what = f"The data of {name} goes back too: what was written {lost} isn't in it. It is kept aside."
        if not session.interactive:
            raise NotInteractive(
                f"{what} Nobody is here to agree.", hint=f"Add --confirm {name}, or --keep-data to keep the data."
            )
        if _answer(session, f"{what} Type the environment's name ({name}) to go on: ") != name:
            raise Cancelled("Cancelled. Nothing was changed.")


def confirm_prune(session: Session, plan: Plan) -> None:
    """Ask before data goes that a restore has kept; backups go by rules that were agreed on before."""
    if session.options.yes or not plan.is_destructive:
        return
    if not session.interactive:
        raise NotInteractive(
            f"Earlier data of {plan.environment} goes for good, and nobody is here to agree.",
            hint="Run it in a terminal, or add --yes.",
            details=plan.losses,
        )
    session.screen.show_losses(plan.losses)
    _agree(session, "Remove this earlier data for good, and prune the backups? [y/N] ")


def _agree(session: Session, question: str) -> None:
    if _answer(session, question).lower() not in {"y", "yes"}:
        raise Cancelled("Cancelled. Nothing was changed.")


def _answer(session: Session, question: str) -> str:
    try:
        return session.world.ask(question).strip()
    except EOFError:
        raise Cancelled("Cancelled. Nothing was changed.") from None
