"""Which volume holds the data: the record of generations, ``data.json`` of the state folder (decision 0011).

A restore never writes into a volume that is used. It fills the volume of the next generation and then records that
one as current: this record is the commit point, and the journal of a restore that was cut.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from llmchat_deploy.apply.records import timestamp
from llmchat_deploy.errors import GenerationUnknown, HostError
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.observed import Generation, Generations, Volume
from llmchat_deploy.plan.steps import StageGeneration, UseGeneration
from llmchat_deploy.render.names import Names

DATA = "data.json"


def read_generations(host: HostReader) -> Generations:
    """Return the record, or that of a first generation where none was written; raises HostError where it is damaged."""
    text = host.read_state(DATA)
    if text is None:
        return Generations()
    try:
        data: dict[str, Any] = json.loads(text)
        return Generations(
            current=int(data["current"]),
            staging=None if data["staging"] is None else int(data["staging"]),
            previous=tuple(Generation(**item) for item in data["previous"]),
            known=True,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(
            f"The record {host.state_path(DATA)} can't be read: {error}.",
            hint="It says which volume holds the data. Mend it by hand; docker volume ls shows the volumes.",
        ) from error


def refuse_unknown_generation(project: str, generations: Generations, volumes: tuple[Volume, ...]) -> None:
    """Raise GenerationUnknown where data was restored here, but the record of it is gone: nobody may guess."""
    if generations.known:
        return
    first = Names(project).data_volume(1)
    restored = [item.name for item in volumes if item.role == "data" and item.name.startswith(f"{first}-g")]
    if restored:
        raise GenerationUnknown(
            f"Data was restored here ({', '.join(restored)}), but the record of which volume is current is gone.",
            hint="llmchat-deploy restore --use-volume NAME chooses one; docker volume ls shows when each was made.",
        )


def stage(step: StageGeneration, host: Host) -> None:
    """Note the generation that is about to be filled, so that what a cut run leaves is known for what it is."""
    _write(host, replace(read_generations(host), staging=step.generation))


def use(step: UseGeneration, host: Host) -> None:
    """Make a generation the current one; the one before is kept for ``restore --undo``."""
    before = read_generations(host)
    kept = tuple(item for item in before.previous if item.number != step.generation)
    if step.replaces and before.current != step.generation:
        kept = (*kept, Generation(before.current, replaced_at=timestamp(host), source=step.source))
    staging = None if before.staging == step.generation else before.staging
    _write(host, Generations(current=step.generation, staging=staging, previous=kept))


def put_back(host: Host, before: Generations, staging: int | None) -> None:
    """Record again what was recorded before a restore that failed; ``staging`` is what it leaves to be removed."""
    _write(host, replace(before, staging=staging))


def drop_record(host: Host) -> None:
    """Have no record again, where there was none before a run that failed: nobody may take its guess for one."""
    host.remove_state(DATA)


def forget(host: Host, generation: int) -> None:
    """Forget a generation whose volume is gone."""
    before = read_generations(host)
    previous = tuple(item for item in before.previous if item.number != generation)
    staging = None if before.staging == generation else before.staging
    _write(host, replace(before, previous=previous, staging=staging))


def _write(host: Host, generations: Generations) -> None:
    data = {
        "current": generations.current,
        "staging": generations.staging,
        "previous": [asdict(item) for item in generations.previous],
    }
    host.write_state(DATA, json.dumps(data, indent=2) + "\n")
