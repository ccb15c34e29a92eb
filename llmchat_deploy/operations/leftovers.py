"""Take away what a release has replaced, once nobody uses it any more.

The service is as it should be by then, so the lock is free while open answers are waited for: whoever must change
something doesn't stand in line. It is taken again for the moment in which something goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from llmchat_deploy.apply.events import EventSink, StepStatus
from llmchat_deploy.apply.execute import Teller, execute
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.apply.services import await_answers
from llmchat_deploy.errors import LockHeld
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import Step, StopSlot

PATIENCE = 60
"""Seconds to wait for the lock: a scheduled backup has it for a while, a deploy takes the leftovers away itself."""


def take_away(
    agreed: Plan, planned: Callable[[], Plan], parts: Parts, events: EventSink, findings: Findings
) -> tuple[str, ...]:
    """Wait without the lock, then carry out the rest of an agreed plan; return the slots that are left to the next run.

    Some are where a person interrupts, which does no harm, and where somebody else is at work by then.
    """
    rest = agreed.steps[agreed.leftovers_at :]
    slots = tuple(step.title.removeprefix("stop ") for step in rest if isinstance(step, StopSlot))
    if not rest:
        return ()
    try:
        left = _wait(agreed, parts, events, findings)
        return () if _remove(agreed, planned, left, parts, events, findings) else slots
    except KeyboardInterrupt:
        return slots


def _wait(agreed: Plan, parts: Parts, events: EventSink, findings: Findings) -> int:
    """Wait for the open answers of each slot; return how many seconds the one that took longest has left."""
    left: list[float] = []
    for index, step in enumerate(agreed.steps, start=1):
        if index > agreed.leftovers_at and isinstance(step, StopSlot):
            tell = Teller(events, index, len(agreed.steps), step.title, parts.host)
            tell(StepStatus.STARTED)
            progress = partial(tell, StepStatus.PROGRESS)
            left.append(await_answers(step, Run(parts.environment, parts.host, parts.engine, findings, progress)))
    return round(min(left, default=0.0))


def _remove(  # noqa: PLR0913, PLR0917 - what is left of a run
    agreed: Plan, planned: Callable[[], Plan], left: int, parts: Parts, events: EventSink, findings: Findings
) -> bool:
    """Remove under the lock what is still a leftover; return whether all of it is gone."""
    deadline = parts.host.monotonic() + PATIENCE
    while True:
        try:
            with parts.host.lock("up"):
                now = planned()
                if not all(_is_among(step, agreed.steps[agreed.leftovers_at :]) for step in now.steps):
                    return False  # something else is to be done by now: that run takes this away, too
                steps = (replace(step, drain=left) if isinstance(step, StopSlot) else step for step in now.steps)
                rest = replace(now, steps=(*agreed.steps[: agreed.leftovers_at], *steps))
                execute(
                    rest,
                    parts.environment,
                    parts.host,
                    parts.engine,
                    events,
                    findings=findings,
                    since=agreed.leftovers_at,
                )
                return True
        except LockHeld:
            if parts.host.monotonic() > deadline:
                return False
            parts.host.sleep(1.0)


def _is_among(step: Step, steps: tuple[Step, ...]) -> bool:
    return any(replace(step, cause="") == replace(other, cause="") for other in steps)
