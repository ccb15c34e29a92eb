"""Begin what several services need before any of it is waited for, so that they start at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llmchat_deploy.plan.steps import StartService, Step, WaitHealthy


def together(*parts: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps of several services: all that begins first, then all proofs, each in the order they came.

    What fails before the last proof takes every new container along that nobody needs yet, not only its own.
    """
    begun: list[Step] = []
    proofs: list[Step] = []
    for part in parts:
        steps = tuple(part)
        at = next((index for index, step in enumerate(steps) if isinstance(step, WaitHealthy)), len(steps))
        begun += steps[:at]
        proofs += steps[at:]
    new = tuple(dict.fromkeys(name for step in proofs for name in step.undo))
    first = next((index for index, step in enumerate(begun) if isinstance(step, StartService)), len(begun))
    return (*begun[: first + 1], *(replace(step, undo=new) for step in (*begun[first + 1 :], *proofs)))
