"""Who works on an environment, and how a run that is stuck is asked to stop.

The lock is ``flock``: the kernel drops it when its holder dies. So nothing stale is ever broken here; what a dead
holder left is only said, and the next command finishes its work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llmchat_deploy.apply.audit import is_one_of
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import LockHeld
from llmchat_deploy.host.base import Host, HostReader, LockHolder, LockState
from llmchat_deploy.operations.outcome import Outcome

PATIENCE = 30.0
"""Seconds an interrupted run gets to end: it stops what it started first."""
POLL = 0.2


@dataclass(frozen=True, slots=True)
class LockData:
    """The lock: ``free``, ``held``, or ``left`` where a holder died and its record is all that is there.

    ``alive`` is whether the holder's process lives; None where it isn't of this machine or this user can't know.
    ``released`` is true where this command made the holder stop.
    """

    environment: str
    state: Literal["free", "held", "left"]
    holder: LockHolder | None
    alive: bool | None
    explanation: str
    next_steps: tuple[str, ...] = ()
    released: bool = False


def status(environment: Environment, host: HostReader) -> Outcome[LockData]:
    """Return who holds the lock, since when and for what."""
    return Outcome("lock status", _data(environment, host.lock_state()))


def release(environment: Environment, host: Host, *, agreed: LockHolder | None) -> Outcome[LockData]:
    """Interrupt the agreed holder, as Ctrl-C does, and wait until it has let go; a free lock needs nothing.

    Raises LockHeld where the holder isn't a process of this machine that can be interrupted, or doesn't end.
    """
    seen = host.lock_state()
    if not seen.held:
        return Outcome("lock release", _data(environment, seen))
    holder = interruptible(environment, seen)
    if holder != agreed:
        raise LockHeld("Somebody else holds the lock by now; nothing was done.", hint="Run the command again.")
    host.interrupt(holder.pid)
    until = host.monotonic() + PATIENCE
    while (now := host.lock_state()).held and now.holder == holder:
        if host.monotonic() >= until:
            raise LockHeld(
                f"Process {holder.pid} was asked to stop and still holds the lock after {PATIENCE:.0f} s.",
                hint=f"It can be killed anywhere without harm: kill -9 {holder.pid}; the same command, run again, goes"
                " on from there.",
            )
        host.sleep(POLL)
    explanation = f"'{holder.reason}' of {holder.who} was interrupted; the lock is free."
    finish = f"Finish what it began: llmchat-deploy {holder.reason} --env {environment.name}"
    return Outcome(
        "lock release",
        LockData(
            environment.name, "free", holder, alive=False, explanation=explanation, next_steps=(finish,), released=True
        ),
    )


def interruptible(environment: Environment, seen: LockState) -> LockHolder:
    """Return the holder, where it can be asked to stop; raises LockHeld with what to do instead."""
    if seen.holder is not None and seen.here and seen.alive:
        return seen.holder
    data = _data(environment, seen)
    raise LockHeld(f"{data.explanation} Nothing was done.", hint=" ".join(data.next_steps))


def _data(environment: Environment, seen: LockState) -> LockData:
    name, holder = environment.name, seen.holder
    if not seen.held:
        if holder is None:
            return LockData(name, "free", None, None, f"Nobody works on {name}.")
        again = holder.reason if is_one_of(holder.reason, ("down",)) else "up"  # which would bring it all back
        finish = (f"Finish it: llmchat-deploy {again} --env {name}",)
        told = (
            f"'{holder.reason}' of {holder.who} died without an end; it holds nothing any more, and keeps nobody out."
        )
        return LockData(name, "left", holder, alive=False, explanation=told, next_steps=finish)
    if holder is None:
        told = f"Somebody works on {name}, and hasn't written who."
        return LockData(name, "held", None, None, told, ("Look again in a moment.",))
    told = f"{holder.who} on {holder.host} runs '{holder.reason}'."
    return LockData(name, "held", holder, seen.alive, told, _what_to_do(name, seen, holder))


def _what_to_do(name: str, seen: LockState, holder: LockHolder) -> tuple[str, ...]:
    if seen.here and seen.alive:
        return ("Wait for it, or have it stop at a safe place:", f"llmchat-deploy lock release --env {name}")
    if seen.here:
        return (f"Only its user or root can see process {holder.pid}: sudo ps -p {holder.pid}",)
    if holder.host.startswith("container "):
        container = holder.host.removeprefix("container ")
        return (f"Wait: a backup takes minutes at most. To end it: docker restart {container}",)
    return (f"It is process {holder.pid} on {holder.host}: look there.",)
