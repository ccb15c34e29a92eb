"""What happens to the database before a new backend starts: backed up where its schema moves, then migrated.

Which schema the data has was noted when it was last migrated; which one the new image knows stands in its sources
(``REVISIONS`` of the backend). So nobody has to start an image to know whether it would change anything.
"""

from __future__ import annotations

from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import BackUp, Migrate, Step
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release, Service

PRE_UPDATE = "pre-update"


def is_in_use(release: Release, observed: ObservedState) -> bool:
    """Whether the release's data is what serves now, and not brought in by this run."""
    names = Names(release.project)
    return release.data_volume == names.data_volume(observed.generations.current) and not observed.generations.is_half


def plan_migration(backend: Service, release: Release, observed: ObservedState, *, serves: bool) -> tuple[Step, ...]:
    """Migrate the data; back it up first where its schema differs. A release that serves proves it needs nothing.

    Behind the maintenance page nobody has written anything since a run that was killed made that backup.
    Data that is brought in (a restore, an undo) isn't backed up here, and always migrated: nobody noted its schema.
    """
    in_use = is_in_use(release, observed)
    same = bool(release.schema) and observed.schema == release.schema
    if in_use and same and serves:
        return ()
    steps: list[Step] = []
    has_backup = observed.migrating and observed.slots.maintenance
    is_kept = observed.recorded is not None and observed.has_volume(release.data_volume)
    if in_use and not same and is_kept and not has_backup:
        known = f"is at {observed.schema}" if observed.schema else "is at a revision that nobody noted"
        steps.append(
            BackUp(
                project=release.project,
                data_volume=release.data_volume,
                image=backend.image.tag,
                kind=PRE_UPDATE,
                label=f"before release {release.id}",
                cause=f"the database {known}, the new backend knows {release.schema or 'another'}",
            )
        )
    migrate = Migrate(
        project=release.project,
        service=backend,
        data_volume=release.data_volume,
        backed_up=bool(steps),
        cause="before the new backend starts",
    )
    return (*steps, migrate)
