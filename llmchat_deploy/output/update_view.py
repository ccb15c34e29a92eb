"""What ``update`` shows: the commits that come, and what runs in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.plan_view import show_plan
from llmchat_deploy.output.up_view import show_up

if TYPE_CHECKING:
    from llmchat_deploy.host.clone import Coming, Commit
    from llmchat_deploy.operations.update import UpdateData, UpdatePlan
    from llmchat_deploy.output.screen import AnyConsole, Screen

LISTED = 20
"""Commits that are shown one by one."""


def show_update_plan(screen: Screen, plan: UpdatePlan) -> None:
    """Show what would come, then what would be done."""
    show_commits(screen.out, plan.coming)
    if plan.unforeseen:
        screen.out.file.flush()
        screen.warn(f"What would be done can't be foreseen by this version's code: {plan.unforeseen}")
    if plan.after is not None:
        screen.out.print()
        show_plan(screen, plan.after)
    if plan.coming.tool:
        note = "the tool itself changes; the new version's own code makes the plan that counts."
        screen.out.print(Text.assemble(("Note: ", "cyan"), note), soft_wrap=True)


def show_commits(console: AnyConsole, coming: Coming) -> None:
    """Name the versions and list the commits between them."""
    before, after = short(coming.before), short(coming.target.commit)
    if not coming.moves:
        console.print(Text(f"No new version: this is {before}."))
        return
    console.print(Text.assemble("From ", (before, "bold"), " to ", (after, "bold"), ":"))
    _list(console, "+", "green", coming.commits)
    _list(console, "-", "red", coming.undone)
    if coming.kept:
        console.print(Text(f"  changed here and kept as it is: {', '.join(coming.kept)}"), soft_wrap=True)


def show_updated(screen: Screen, data: UpdateData) -> None:
    """Show what runs now, and from which version on."""
    show_up(screen, data.up)
    if data.before != data.after:
        screen.out.print(Text(f"Updated from {short(data.before)} to {short(data.after)}."))


def short(commit: str) -> str:
    """Return the beginning of a commit's id that people use."""
    return commit[:12]


def _list(console: AnyConsole, sign: str, colour: str, commits: tuple[Commit, ...]) -> None:
    for commit in commits[:LISTED]:
        line = Text.assemble((f"  {sign} ", colour), (f"{short(commit.id)} ", "dim"), commit.subject)
        console.print(line, soft_wrap=True)
    if len(commits) > LISTED:
        console.print(Text(f"  {sign} and {len(commits) - LISTED} more"))
