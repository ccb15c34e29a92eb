"""What ``migrate-ip`` changes, line by line, and where the service is afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.plan_view import show_plan

if TYPE_CHECKING:
    from llmchat_deploy.operations.migrate_ip import AddressPlan, MigrateIpData
    from llmchat_deploy.output.screen import Screen


def show_address_plan(screen: Screen, plan: AddressPlan) -> None:
    """Print the diff, then what that means for what runs."""
    out = screen.out
    out.print(Text.assemble((plan.environment, "bold"), f": {plan.old} → {plan.new}"))
    for edit in plan.edits:
        out.print(Text(f"\n{edit.path}", style="bold"))
        for change in edit.changes:
            if change.before:
                out.print(Text(f"  {change.line:>4} - {change.key}={change.before}", style="red"), soft_wrap=True)
            if change.after:
                told = "  (the address in it)" if change.before == change.after else ""
                line = f"  {change.line:>4} + {change.key}={change.after}{told}"
                out.print(Text(line, style="green"), soft_wrap=True)
    if not plan.edits:
        out.print(Text("No file changes."))
    out.print()
    if plan.after is None:
        out.print(Text("Nothing is deployed yet: only the files change."))
    else:
        show_plan(screen, plan.after)
    for step in plan.next_steps:
        screen.advise(f"Afterwards: {step}")
    out.file.flush()
    for warning in plan.warnings:
        screen.warn(warning)


def show_migrated(screen: Screen, data: MigrateIpData) -> None:
    """Say where the service is now."""
    out = screen.out
    if not data.changed:
        out.print(Text(f"Nothing to do: {data.environment} is at {data.new} already."))
        return
    what = "is back at" if data.undone else "is at"
    out.print(Text.assemble("\n", ("✓ ", "bold green"), (data.environment, "bold"), f" {what} {data.new}.\n"))
    answers = {probe.url: probe.detail for probe in data.probes}
    rows = [("Page", data.urls.web), ("API", data.urls.api)]
    rows += [("Asked", f"{url} {said}") for url, said in answers.items()]
    if data.old_addresses:
        rows.append(("Still works", ", ".join(data.old_addresses)))
    for name, value in rows:
        out.print(Text.assemble((f"  {name:<12}", "dim"), value), soft_wrap=True)
    if data.changed and data.old != data.new:
        out.print(Text("\n  A log-in belongs to an address: people log in once more at the new one.", "dim"))
    for step in data.next_steps:
        screen.advise(step, before="\n")
