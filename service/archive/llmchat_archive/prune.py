"""Drop the backups that no rule keeps: here, and on each remote by what is known there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import Job
from llmchat_archive.model import Sidecar, parse_id
from llmchat_archive.remotes.base import Limits, Remote, open_remote
from llmchat_archive.remotes.catalogue import Catalogue, is_confirmed, made_at, read_catalogue
from llmchat_archive.retention import GRACE, Backup, Policy, Verdict, decide, doubts
from llmchat_archive.store import Store


def run(job: Job, events: Events, now: Callable[[], datetime], limits: Limits | None = None) -> dict[str, Any]:
    """Run the job ``prune``.

    Its members: ``project``, ``backups``, ``policy``, ``timezone``, ``dry_run``, ``remotes_configured``, ``remotes``.
    The result lists each backup with ``id``, ``keep`` and ``reasons``, the newest first, and the same for each remote.
    A remote that fails is told, and the others go on. With ``dry_run`` nothing is dropped.
    """
    policy = Policy.from_json(job.mapping("policy") or {}, job.text_or_none("timezone") or "")
    remotes = job.mapping("remotes") or {}
    store = Store(job.path("backups"), job.text("project"))
    newest = max((sidecar.sequence for sidecar in store.sidecars()), default=0)
    pruning = _Pruning(store.project, policy, now(), newest, events, dry=job.flag("dry_run"))
    here = pruning.local(store, elsewhere_first=job.flag("remotes_configured") or bool(remotes))
    elsewhere = {name: pruning.remote(name, settings, limits or Limits()) for name, settings in remotes.items()}
    failed = any("error" in result for result in elsewhere.values())
    return {"dry_run": pruning.dry, "backups": here, "remotes": elsewhere, "failed": failed}


@dataclass(frozen=True, slots=True)
class _Pruning:
    project: str
    policy: Policy
    at: datetime
    newest: int
    """The highest sequence number here."""
    events: Events
    dry: bool

    def local(self, store: Store, *, elsewhere_first: bool) -> list[dict[str, Any]]:
        """Prune this machine's backups; with remotes, only those that one of them has confirmed."""
        listing = store.listing()
        for name, why in listing.unreadable:
            self.events.warning("sidecar_unreadable", f"{name} can't be read, so nothing is done with it: {why}")
        sidecars = listing.sidecars
        verdicts = self._decide(sidecars, "")
        if elsewhere_first:
            known = {sidecar.id: sidecar for sidecar in sidecars}
            verdicts = [_unless_confirmed(verdict, known[verdict.id]) for verdict in verdicts]
        for verdict in verdicts:
            if not verdict.keep and not self.dry:
                store.remove(verdict.id)
        return _told(verdicts)

    def remote(self, name: str, settings: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        """Prune a remote's backups, and old archives there whose upload or removal was cut."""
        try:
            with open_remote(name, settings, limits) as remote:
                return self._prune(remote, read_catalogue(remote, self.project, self.events.warning))
        except ArchiveError as error:
            self.events.warning(error.code, str(error))
            return {"backups": [], "error": str(error)}

    def _prune(self, remote: Remote, catalogue: Catalogue) -> dict[str, Any]:
        verdicts = self._decide(catalogue.sidecars, f" on the remote '{remote.name}'")
        archives = {sidecar.id: sidecar.archive for sidecar in catalogue.sidecars}
        sure = bool(catalogue.sidecars) and not doubts([_known(each) for each in catalogue.sidecars], self.at)
        if sure and catalogue.sidecars[-1].sequence > self.newest:
            why = "it has newer backups than this machine, so the numbers don't tell what is old"
            self.events.warning("remote_ahead", f"Nothing is dropped on the remote '{remote.name}': {why}.")
            verdicts = [
                verdict if verdict.keep else replace(verdict, keep=True, reasons=(why,)) for verdict in verdicts
            ]
            sure = False
        left_over = [name for name in catalogue.orphans if sure and self.at - made_at(self.project, name) > GRACE]
        if not self.dry:
            for verdict in verdicts:
                if not verdict.keep:
                    remote.remove(f"{self.project}-{verdict.id}.json")
                    remote.remove(archives[verdict.id])
            for name in left_over:
                remote.remove(name)
        return {"backups": _told(verdicts), "left_over": left_over}

    def _decide(self, sidecars: Sequence[Sidecar], where: str) -> list[Verdict]:
        known = [_known(sidecar) for sidecar in sidecars]
        if not self.policy.empty:
            for code, text in doubts(known, self.at):
                self.events.warning(code, f"Backups{where}: {text}.")
        return decide(known, self.policy, self.at)


def _known(sidecar: Sidecar) -> Backup:
    at, _ = parse_id(sidecar.id)  # also where a sidecar of elsewhere has no time that is one
    with suppress(ValueError):
        told = datetime.fromisoformat(sidecar.created_at)
        at = told if told.tzinfo else at
    return Backup(
        id=sidecar.id,
        sequence=sidecar.sequence,
        kind=sidecar.kind,
        created_at=at,
        verified=sidecar.verified_at is not None,
        pinned=sidecar.pinned,
    )


def _unless_confirmed(verdict: Verdict, sidecar: Sidecar) -> Verdict:
    confirmed = any(is_confirmed(sidecar, name) for name in sidecar.remotes)
    if verdict.keep or confirmed or sidecar.verified_at is None:  # what is unverified goes nowhere
        return verdict
    return replace(verdict, keep=True, reasons=("no remote has confirmed it yet",))


def _told(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    return [{"id": verdict.id, "keep": verdict.keep, "reasons": list(verdict.reasons)} for verdict in verdicts]
