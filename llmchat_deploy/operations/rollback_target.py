"""Which release a rollback goes back to, and whether data comes back with it."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.apply.audit import RunRecord, read_runs
from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.apply.migrating import read_begun
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.apply.records import read_recorded, read_release, read_schemas
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ImagesGone, NothingToRollBack, RefusedError, SnapshotMissing
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup_source import find_backup
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.stored import StoredRelease, reopen

KEEPS = "Schemas only grow from one release to the next, so --keep-data runs the earlier release on the present data; "


@dataclass(frozen=True, slots=True)
class Target:
    """A release that ran well before; ``snapshot`` is the backup whose data comes back with it, empty for none."""

    release: StoredRelease
    now: StoredRelease | None
    """The release that runs now, where it is kept."""
    before: str
    snapshot: str = ""
    snapshot_at: str = ""
    """When it was made: what was written later isn't in it."""


def find_target(environment: Environment, host: HostReader, wanted: str, *, keep_data: bool) -> Target:
    """Return what ``wanted`` (an id or its beginning; empty: the release before this one) means.

    Raises NothingToRollBack where there is none, SnapshotMissing where the schema has moved since and no backup of
    the data from before is known, ArchiveFailed where it is known and has gone.
    """
    recorded, runs = read_recorded(host), read_runs(host)
    if recorded is None:
        raise NothingToRollBack(
            f"'{environment.name}' was never deployed here.", hint=f"llmchat-deploy up --env {environment.name}"
        )
    now = read_release(host, recorded.release)
    name = _named(environment, runs, wanted) if wanted else _before(environment, host, runs, recorded.release, now)
    stored = read_release(host, name)
    if stored is None:
        raise NothingToRollBack(
            f"Release {name} isn't kept on this machine with all it takes to run it.",
            hint="Check out its sources (`releases` shows the git revision), then up.",
        )
    backup = "" if keep_data else _snapshot(environment, host, runs, stored, now)
    if not backup:
        return Target(stored, now, recorded.release)
    return Target(stored, now, recorded.release, backup, find_backup(backup, environment, host).created_at)


def refuse_gone_images(environment: Environment, tags: tuple[str, ...], there: frozenset[str]) -> None:
    """Raise ImagesGone, naming each image that isn't on the machine any more: a rollback builds nothing."""
    gone = [tag for tag in tags if tag not in there]
    if gone:
        raise ImagesGone(
            f"The release can't be run from what is here: {', '.join(gone)} is gone.",
            hint="Check out its sources (`releases` shows the git revision), then"
            f" llmchat-deploy up --env {environment.name} builds it.",
        )


def _named(environment: Environment, runs: tuple[RunRecord, ...], wanted: str) -> str:
    known = tuple(dict.fromkeys(run.release for run in reversed(runs) if run.ran_well))
    found = [name for name in known if name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise RefusedError(f"'{wanted}' may be any of {', '.join(found)}.", hint="Give more digits.")
    raise NothingToRollBack(
        f"No release '{wanted}' of '{environment.name}' ended well here.",
        hint=f"llmchat-deploy releases --env {environment.name} lists them.",
    )


def _before(
    environment: Environment, host: HostReader, runs: tuple[RunRecord, ...], current: str, now: StoredRelease | None
) -> str:
    """Return the newest release before this one that is another version, and not only at another address."""
    earlier = dict.fromkeys(run.release for run in reversed(runs) if run.ran_well and run.release != current)
    for name in earlier:
        stored = read_release(host, name)
        if stored is None or now is None or not _is_same(stored, now, environment, host):
            return name
    raise NothingToRollBack(
        f"No {'other version' if earlier else 'release'} of '{environment.name}' from before this one is known.",
        hint=f"llmchat-deploy releases --env {environment.name} lists what ran.",
    )


def _is_same(target: StoredRelease, now: StoredRelease, environment: Environment, host: HostReader) -> bool:
    """Whether going back would change nothing: the two differ only in what stays as it is, such as addresses."""
    places = places_of(environment, host)
    there, here = (reopen(stored, now, environment, places, "").digest for stored in (target, now))
    return there == here and target.revisions == now.revisions


def _snapshot(
    environment: Environment,
    host: HostReader,
    runs: tuple[RunRecord, ...],
    target: StoredRelease,
    now: StoredRelease | None,
) -> str:
    """Return the backup that was made before a run took the data from the target's schema onwards.

    A run that was killed behind the maintenance page may have done so without noting it. Empty where the schema is the
    same, isn't known, or the target's is the newer one: then the data is migrated.
    """
    volume = Names(environment.project).data_volume(read_generations(host).current)
    schema = read_schemas(host).get(volume, "")
    begun = read_begun(host, volume)
    if begun and target.schema and begun.before == target.schema and (begun.offline or schema != begun.before):
        return begun.backup
    if not schema or not target.schema or schema == target.schema:
        return ""
    moves = [run for run in runs if run.migrated]
    if any((run.schema_before, run.schema_after) == (schema, target.schema) for run in moves):
        return ""
    for run in reversed(moves):
        if run.schema_before == target.schema and run.backup:
            return run.backup
    raise SnapshotMissing(
        f"Release {target.id} knows the schema {target.schema}; the data is at {schema}, and no backup from before"
        " that change is known.",
        hint=f"{'' if _went_offline(target, now) else KEEPS}restore brings an older backup back.",
    )


def _went_offline(target: StoredRelease, now: StoredRelease | None) -> bool:
    """Whether a revision since is known to have taken away what the target uses: it can't run on the present data."""
    names = [revision.name for revision in now.revisions] if now else []
    if now is None or target.schema not in names:
        return False
    return any(revision.offline is not None for revision in now.revisions[names.index(target.schema) + 1 :])
