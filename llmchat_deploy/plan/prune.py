"""Drop what nobody needs any more: backups by their rules, and data volumes that restores have kept long enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from llmchat_deploy.plan.observed import Generation, Generations
from llmchat_deploy.plan.steps import ForgetGeneration, RemoveVolume, Step
from llmchat_deploy.render.names import Names

KEPT_FOR = timedelta(days=7)
"""How long a volume is kept after other data took its place; a mistake in a restore is found within days."""


@dataclass(frozen=True, slots=True)
class KeptData:
    """A volume that an earlier restore kept: what it holds, whether it stays, and why."""

    generation: int
    volume: str
    holds: str
    keep: bool
    reason: str


def judge_kept_data(names: Names, generations: Generations, now: datetime, *, sure: bool) -> tuple[KeptData, ...]:
    """Judge each volume that restores have kept, the newest first.

    The last one always stays, for ``restore --undo``; all do where the clock isn't ``sure``.
    """
    newest_first = tuple(reversed(generations.previous))
    return tuple(_judged(names, item, now, sure=sure, last=item == newest_first[0]) for item in newest_first)


def removals(judged: tuple[KeptData, ...], there: frozenset[str]) -> Iterator[Step]:
    """Yield the steps that remove the volumes that don't stay, and the record of them; ``there`` are those there."""
    for data in judged:
        if data.keep:
            continue
        if data.volume in there:
            yield RemoveVolume(name=data.volume, holds=data.holds, cause=data.reason)
        yield ForgetGeneration(generation=data.generation, cause=data.reason)


def _judged(names: Names, item: Generation, now: datetime, *, sure: bool, last: bool) -> KeptData:
    replaced = _moment(item.replaced_at)
    until = f"{replaced:%Y-%m-%d %H:%M} UTC" if replaced else "a time that can't be told"
    source = "restore --undo" if item.source == "undo" else item.source
    if last:
        keep, reason = True, "restore --undo goes back to it"
    elif not sure or replaced is None or now < replaced:
        keep, reason = True, "the clock can't be trusted"
    elif now - replaced < KEPT_FOR:
        keep, reason = True, f"kept for {KEPT_FOR.days} days"
    else:
        keep, reason = False, f"kept by a restore more than {KEPT_FOR.days} days ago"
    holds = f"the accounts, conversations and attachments as they were until {until}, when {source} took their place"
    return KeptData(item.number, names.data_volume(item.number), holds, keep, reason)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
