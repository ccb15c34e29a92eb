"""Copy backups to every remote, several at once, and write down which of them has confirmed what."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import Job
from llmchat_archive.model import Sidecar
from llmchat_archive.remotes.base import Expected, Limits, Remote, confirm, open_remote
from llmchat_archive.remotes.catalogue import is_confirmed
from llmchat_archive.store import Store

Guard = Callable[[], AbstractContextManager[object]]
"""Held while a sidecar is rewritten; the transfers themselves keep nobody waiting."""


def run(
    job: Job,
    events: Events,
    now: Callable[[], datetime],
    limits: Limits | None = None,
    guard: Guard = nullcontext,
) -> dict[str, Any]:
    """Run the job ``upload``; its members: ``project``, ``backups``, ``remotes``, and ``ids``.

    With ``ids``, those are copied to every remote again; without, what a remote has not confirmed yet, newest first.
    Only verified backups go anywhere. The result tells the state of each backup on each remote; one remote that fails
    does not stop another.
    """
    store = Store(job.path("backups"), job.text("project"))
    remotes = job.mapping("remotes") or {}
    chosen = _chosen(store, job.texts("ids"), events)
    again = bool(job.texts("ids"))
    plan = {name: [each for each in chosen if again or not is_confirmed(each, name)] for name in remotes}
    results: dict[str, dict[str, Any]] = {}
    for name, sidecar, state in _Transfers(store, remotes, plan, events, now, limits or Limits()).outcomes():
        results.setdefault(sidecar.id, {})[name] = state
        if state["state"] == "failed":
            events.warning("remote_failed", f"{sidecar.id}: {state['error']}")
        with guard():
            _note(store, sidecar.id, name, state)
    failed = any(state["state"] == "failed" for states in results.values() for state in states.values())
    return {"backups": [{"id": name, "remotes": states} for name, states in results.items()], "failed": failed}


def _chosen(store: Store, ids: Sequence[str], events: Events) -> list[Sidecar]:
    found = [store.get(name) for name in ids] if ids else list(reversed(store.sidecars()))
    for sidecar in found:
        if ids and sidecar.verified_at is None:
            events.warning("unverified", f"{sidecar.id} is not verified, so it is not copied anywhere.")
    return [sidecar for sidecar in found if sidecar.verified_at is not None]


def _note(store: Store, wanted: str, name: str, state: dict[str, Any]) -> None:
    """Write a remote's state into the sidecar as it is by now; it may have been pruned meanwhile."""
    try:
        sidecar = store.get(wanted)
    except ArchiveError as error:
        if error.code == "not_found":
            return
        raise
    store.update(replace(sidecar, remotes={**sidecar.remotes, name: state}))


Outcome = tuple[str, Sidecar, dict[str, Any]]


@dataclass
class _Transfers:
    """One thread for each remote. They only read here; whoever iterates over the outcomes writes."""

    store: Store
    remotes: Mapping[str, Mapping[str, Any]]
    plan: Mapping[str, Sequence[Sidecar]]
    events: Events
    now: Callable[[], datetime]
    limits: Limits
    _done: Queue[Outcome] = field(default_factory=Queue)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _moved: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what became of each backup on each remote; a remote that takes too long has failed with the rest."""
        waiting = {(name, each.id): each for name, sidecars in self.plan.items() for each in sidecars}
        until = {
            name: time.monotonic() + sum(self.limits.whole(each.bytes) for each in sidecars)
            for name, sidecars in self.plan.items()
        }
        for name in (name for name, sidecars in self.plan.items() if sidecars):
            # Daemons: a remote that hangs in a system call must not keep the process from ending.
            threading.Thread(target=self._serve, args=(name,), name=f"upload {name}", daemon=True).start()
        try:
            while waiting:
                try:
                    name, sidecar, state = self._done.get(timeout=0.5)
                except Empty:
                    for late in [key for key in waiting if time.monotonic() > until[key[0]]]:
                        yield late[0], waiting.pop(late), self._failure(f"The remote '{late[0]}' takes too long.")
                    continue
                if waiting.pop((name, sidecar.id), None):
                    yield name, sidecar, state
        finally:
            self._stopped.set()

    def _serve(self, name: str) -> None:
        left = list(self.plan[name])
        try:
            with open_remote(name, self.remotes[name], self.limits) as remote:
                while left:
                    self._done.put((name, left[0], self._copy(remote, left[0])))
                    left.pop(0)
        except ArchiveError as error:
            state = self._failure(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other remotes and the report go on
            state = self._failure(f"The remote '{name}' failed: {type(error).__name__}.")
        for sidecar in left:
            self._done.put((name, sidecar, state))

    def _copy(self, remote: Remote, sidecar: Sidecar) -> dict[str, Any]:
        """Copy one backup: the archive, read back, then its sidecar, read back. Fails as ArchiveError or OSError do."""
        path = self.store.path(sidecar)
        expected = Expected(sidecar.bytes, sidecar.sha256)
        state = {"state": "confirmed", "at": self.now().isoformat(), "error": None, "sha256": sidecar.sha256}
        try:
            if path.stat().st_size != sidecar.bytes:
                return self._failure(f"{sidecar.archive} has not the size it was made with: it is damaged here.")
            remote.put(path, sidecar.archive, self._count)
            confirm(remote, sidecar.archive, expected, self._count)
            self._put_sidecar(remote, replace(sidecar, remotes={remote.name: state}))
        except ArchiveError as error:
            if "not what was sent" in str(error) and not _intact(path, sidecar.sha256):
                return self._failure(f"{sidecar.archive} is not what was made: it is damaged here.")
            return self._failure(str(error))
        except OSError as error:
            return self._failure(f"{sidecar.archive} can't be read: {error.strerror}.")
        return state

    def _put_sidecar(self, remote: Remote, sidecar: Sidecar) -> None:
        text = json.dumps(sidecar.to_json(), ensure_ascii=False, indent=1).encode()
        name = f"{sidecar.project}-{sidecar.id}.json"
        with tempfile.NamedTemporaryFile() as file:
            file.write(text)
            file.flush()
            remote.put(Path(file.name), name, lambda _: None)
        confirm(remote, name, Expected(len(text), sha256(text).hexdigest()), lambda _: None)

    def _count(self, moved: int) -> None:
        if self._stopped.is_set():
            raise ArchiveError("It was stopped.", code="remote_failed")
        with self._lock:
            self._moved += moved
            done = self._moved
        total = sum(2 * each.bytes for sidecars in self.plan.values() for each in sidecars)
        self.events.progress("upload", min(done, total), total)

    def _failure(self, why: str) -> dict[str, Any]:
        return {"state": "failed", "at": self.now().isoformat(), "error": why, "sha256": None}


def _intact(path: Path, digest: str) -> bool:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == digest
