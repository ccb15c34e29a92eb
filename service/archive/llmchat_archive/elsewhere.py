"""Look at what a remote has, and bring a backup from there: for a machine that lost its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import Job
from llmchat_archive.model import Sidecar
from llmchat_archive.remotes.base import Expected, Limits, Remote, fetch, open_remote
from llmchat_archive.remotes.catalogue import read_catalogue
from llmchat_archive.store import Store


def run_list(job: Job, events: Events, _now: Callable[[], datetime], limits: Limits | None = None) -> dict[str, Any]:
    """Run the job ``list-remote``: the sidecars of ``project`` on the remote ``remote`` of ``remotes``, oldest first.

    Raises ArchiveError: not_found (no such remote), remote_failed.
    """
    with _open(job, limits) as remote:
        catalogue = read_catalogue(remote, job.text("project"), events.warning)
    return {"backups": [sidecar.to_json() for sidecar in catalogue.sidecars]}


def run_fetch(job: Job, events: Events, now: Callable[[], datetime], limits: Limits | None = None) -> dict[str, Any]:
    """Run the job ``fetch``: bring the backup ``id`` (or ``latest``) of the remote ``remote`` into ``backups``.

    It counts as unverified until it is read here. Raises ArchiveError: not_found, remote_failed, write_failed.
    """
    store = Store(job.path("backups"), job.text("project"))
    with _open(job, limits) as remote:
        wanted = job.text_or_none("id") or "latest"
        sidecar = _find(remote, read_catalogue(remote, store.project, events.warning).sidecars, wanted)
        if any(known.id == sidecar.id for known in store.sidecars()):
            raise ArchiveError(f"The backup {sidecar.id} is here already.", code="exists", hint="Restore that one.")
        part = store.begin(sidecar.id, encrypted=sidecar.encrypted)
        done = 0

        def moved(count: int) -> None:
            nonlocal done
            done += count
            events.progress("fetch", done, sidecar.bytes)

        part.unlink(missing_ok=True)
        fetch(remote, sidecar.archive, part, Expected(sidecar.bytes, sidecar.sha256), moved)
        state = {"state": "confirmed", "at": now().isoformat(), "error": None, "sha256": sidecar.sha256}
        here = replace(sidecar, verified_at=None, remotes={**sidecar.remotes, remote.name: state})
        store.commit(part, here)
    return {"sidecar": here.to_json()}


def _open(job: Job, limits: Limits | None) -> Any:
    name, remotes = job.text("remote"), job.mapping("remotes") or {}
    if name not in remotes:
        known = ", ".join(sorted(remotes)) or "there are none"
        raise ArchiveError(f"There is no remote '{name}'.", code="not_found", hint=f"Configured: {known}.")
    return open_remote(name, remotes[name], limits or Limits())


def _find(remote: Remote, sidecars: tuple[Sidecar, ...], wanted: str) -> Sidecar:
    for sidecar in reversed(sidecars):
        if wanted in ("latest", sidecar.id):
            return sidecar
    raise ArchiveError(
        f"The remote '{remote.name}' has no backup {wanted}."
        if wanted != "latest"
        else f"The remote '{remote.name}' has no backups.",
        code="not_found",
    )
