"""Bring data back: a new volume beside the one in use, filled and proved, then the service is switched to it.

Nothing here touches data that is used: it stays in its volume, and ``restore --undo`` goes back to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.errors import NothingToUndo, VolumeMissing
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import (
    BackUp,
    FillVolume,
    ForgetGeneration,
    RemoveVolume,
    StageGeneration,
    Step,
    UseGeneration,
)
from llmchat_deploy.plan.up import DataSteps
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release


@dataclass(frozen=True, slots=True)
class Source:
    """What is restored, as it is known by now; ``path`` is set where it lies outside the backups folder."""

    name: str
    """The backup's id; for one of the guide's archives, its file name."""
    archive: str
    """File name of the archive."""
    path: str = ""
    accounts_only: bool = False
    """One of the guide's archives: only its accounts are taken over."""
    foreign: bool = False
    """Whether it may be another environment's."""


def next_generation(names: Names, observed: ObservedState) -> int:
    """Return the generation a restore fills: above all that are there or are known; 1 on an empty machine.

    A first restore that was cut is begun anew: its generation was never used.
    """
    numbers = [number for volume in observed.volumes if (number := names.generation(volume.name))]
    known = observed.generations
    if known.is_half:
        return known.current
    if not numbers and not known.known and observed.recorded is None:
        return 1
    return max((known.current, known.staging or 0, *numbers, *(item.number for item in known.previous))) + 1


def restore_steps(release: Release, observed: ObservedState, generation: int, source: Source) -> DataSteps:
    """Return the steps that fill ``release.data_volume``, the volume of ``generation``, from a backup."""
    names = Names(release.project)
    present = names.data_volume(observed.generations.current)
    image = _backend_image(release)
    is_used = observed.has_volume(present) and not observed.generations.is_half
    before: list[Step] = []
    if is_used:
        before.append(
            BackUp(
                project=release.project,
                data_volume=present,
                image=image,
                kind="pre-restore",
                label=f"before restoring {source.name}",
                cause="the data as it is now",
            )
        )
    before += [
        *_staged_before(names, observed),
        StageGeneration(generation=generation, cause="a run that is cut here leaves no riddle"),
    ]
    fill = FillVolume(
        project=release.project,
        volume=release.data_volume,
        image=image,
        archive=source.archive,
        path=source.path,
        source=source.name,
        accounts_only=source.accounts_only,
        foreign=source.foreign,
        present=present if source.accounts_only and is_used else "",
        cause="beside the data in use, checked before it is used",
    )
    use = UseGeneration(
        generation=generation,
        source=source.name,
        replaces=is_used,
        cause=f"the data of {source.name} is used from here on",
    )
    return DataSteps(before=tuple(before), after=(fill, use), brings_admin=not source.accounts_only)


def undo_generation(names: Names, observed: ObservedState) -> int:
    """Return the generation that ``restore --undo`` goes back to.

    Raises NothingToUndo where there is none, and VolumeMissing where its volume is gone.
    """
    previous = observed.generations.previous
    if not previous:
        raise NothingToUndo(
            "There is no restore to undo: no earlier data is kept.",
            hint="llmchat-deploy backup list shows the backups; one of kind pre-restore holds what was there before.",
        )
    volume = names.data_volume(previous[-1].number)
    if not observed.has_volume(volume):
        raise VolumeMissing(
            f"The earlier data was in the volume {volume}, which is gone.",
            hint="llmchat-deploy backup list shows the backups; one of kind pre-restore holds what was there before.",
        )
    return previous[-1].number


def undo_steps(generation: int) -> DataSteps:
    """Return the steps that go back to an earlier generation; the present one is kept, so that can be undone too."""
    use = UseGeneration(generation=generation, source="undo", replaces=True, cause="--undo")
    return DataSteps(after=(use,), brings_admin=True)


def _staged_before(names: Names, observed: ObservedState) -> list[Step]:
    """Remove what an earlier restore left that was cut."""
    number = observed.generations.staging
    if number is None:
        return []
    volume, cause = names.data_volume(number), "an earlier restore into it was cut"
    gone: list[Step] = [RemoveVolume(name=volume, cause=cause)] if observed.has_volume(volume) else []
    if observed.generations.is_half:
        return gone  # without a record, `up` would take it for a machine on which nothing was asked for
    return [*gone, ForgetGeneration(generation=number, cause=cause)]


def _backend_image(release: Release) -> str:
    backend = release.service("backend")
    assert backend is not None  # noqa: S101 - every release has a backend
    return backend.image.tag
