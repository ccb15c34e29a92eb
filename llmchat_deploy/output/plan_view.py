"""A plan as a tree: what is done, to what, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from llmchat_deploy.output.words import as_typed, seconds
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import RestartContainer, StartService, Step, StopService, WaitHealthy

if TYPE_CHECKING:
    from llmchat_deploy.output.screen import Screen

CHECK = "·"
CACHE = "PruneCache"
CHECKS = {"WaitHealthy", "ProbeModel", "CheckEdge"}
"""Steps that only look."""
GROUPS = {
    "configuration": ("SaveSecrets",),
    "images": ("PullBase", "MakeBase", "NoteBase", "BuildImage", "RemoveImage", CACHE),
    "data and network": (
        "CreateNetwork",
        "CreateVolume",
        "WriteFiles",
        "Migrate",
        "BackUp",
        "SendCopies",
        "VerifyBackups",
        "Drill",
        "PruneBackups",
        "ReadyBackups",
        "StageGeneration",
        "FillVolume",
        "UseGeneration",
        "ForgetGeneration",
        "RemoveNetwork",
        "RemoveVolume",
    ),
    "services": ("StartService", "RestartContainer", "WaitHealthy", "ProbeModel", "StopSlot", "StopService"),
    "accounts": ("EnsureAdmin",),
    "edge": ("InstallCertificate", "IssueCertificate", "AwaitCertificate", "ConfigureEdge", "SwitchSlots", "CheckEdge"),
    "cleanup": (),
    "release": ("StoreRelease", "RecordRelease", "ForgetRelease"),
}
"""Heading -> steps below it, as the story goes: what is made, what it is kept in, what starts, what is switched to.

What is taken away once all that is done stands under ``cleanup``; the order of execution is what progress shows.
"""
TAKES_AWAY = {
    "StopSlot",
    "StopService",
    "RemoveNetwork",
    "RemoveVolume",
    "ForgetGeneration",
    "RemoveImage",
    CACHE,
}
_COLOURS = {"+": "green", "~": "yellow", "-": "red", CHECK: "dim"}


def show_plan(screen: Screen, plan: Plan) -> None:
    """Print the plan, its summary, and what a person should know before agreeing."""
    if plan.is_empty:
        screen.out.print(Text(f"Nothing to do: {plan.environment} is as it should be."))
    else:
        screen.out.print(_tree(plan), soft_wrap=not screen.out.is_terminal)
        screen.out.print(Text(f"\n{summary(plan)}"))
    for note in plan.notes:
        screen.out.print(Text.assemble(("Note: ", "cyan"), as_typed(note)))
    screen.out.file.flush()  # a pipe would keep it back until the progress, on standard error, is over
    for warning in plan.warnings:
        screen.warn(warning)


def summary(plan: Plan) -> str:
    """Return the plan in one line; checks, the tool's own records and a bound of the cache don't count.

    What the cache is to lose is the engine's to find out: often nothing.
    """
    kinds = {_kind(step) for step in plan.steps}
    signs = [sign_of(step) for step in plan.steps if _kind(step) not in (*GROUPS["release"], CACHE)]
    counted = (("to create", signs.count("+")), ("to change", signs.count("~")), ("to remove", signs.count("-")))
    work = ", ".join(f"{count} {what}" for what, count in counted if count) or (
        "Only the build cache is bounded" if CACHE in kinds else "Only the record changes"
    )
    if all(step.sign == "-" for step in plan.steps):
        # Nothing comes back: "downtime" would be the wrong word.
        return f"{work}."
    downtime = seconds(plan.expected_downtime) if plan.expected_downtime else "none"
    return f"{work}; expected downtime: {downtime}."


def sign_of(step: Step) -> str:
    """Return the step's sign; a step that only looks has a dot."""
    return CHECK if _kind(step) in CHECKS else step.sign


def _tree(plan: Plan) -> Tree:
    tree = Tree(Text.assemble((plan.environment, "bold"), (f" ({plan.project})", "dim")), guide_style="dim")
    placed = list(zip(_groups(plan.steps), plan.steps, strict=True))
    for group in _headings(plan.steps):
        steps = [step for own, step in placed if own == group]
        branch = tree.add(Text(group, style="bold")) if steps else tree
        for step in steps:
            sign = sign_of(step)
            branch.add(Text.assemble((f"{sign} ", _COLOURS[sign]), step.title, (f"  ({step.cause})", "dim")))
    return tree


def _headings(steps: tuple[Step, ...]) -> list[str]:
    """Return the headings in the order of the story, which is told backwards where everything is taken away."""
    *story, record = GROUPS
    backwards = all(step.sign == "-" for step in steps)
    return [*(reversed(story) if backwards else story), record]


def _groups(steps: tuple[Step, ...]) -> list[str]:
    """Return each step's heading; where something is made first, what goes at the end is the cleanup."""
    groups = [_group_of(step) for step in steps]
    work = [index for index, step in enumerate(steps) if groups[index] != "release" and _kind(step) not in TAKES_AWAY]
    if work:
        for index in range(work[-1] + 1, len(steps)):
            groups[index] = "cleanup" if groups[index] != "release" else "release"
    return groups


def _group_of(step: Step) -> str:
    kind = _kind(step)
    of_edge = isinstance(step, StartService) and step.service.name == "edge"
    if of_edge or (isinstance(step, WaitHealthy | StopService | RestartContainer) and step.service == "edge"):
        return "edge"
    return next(group for group, kinds in GROUPS.items() if kind in kinds)


def _kind(step: Step) -> str:
    return type(step).__name__
