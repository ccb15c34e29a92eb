"""The scheduled backups: one pass of their loop at a time. Clock, lock, jobs and messages are passed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.lock import Busy
from llmchat_archive.model import Sidecar
from llmchat_archive.notify import Event, Ping
from llmchat_archive.schedule import Schedule
from llmchat_archive.store import Store

LONGEST_SLEEP = 30.0
"""Seconds between two looks at the clock: it may jump, and the machine may have slept."""
BUSY_PAUSE = 10.0
PATIENCE = 600.0
"""Seconds that a running job waits for the lock before it leaves the rest to the next run."""
LOOK = timedelta(minutes=5)
TELL_AGAIN = timedelta(days=1)
LOOK_AHEAD = timedelta(days=1)


class Locked(Protocol):
    """What :class:`llmchat_archive.lock.Lock` does."""

    def held(self, reason: str, *, patience: float = 0) -> AbstractContextManager[None]:
        """Hold it, or raise Busy."""


class Messages(Protocol):
    """What :class:`llmchat_archive.notify.Notifier` does."""

    def tell(self, event: Event, message: str, **more: Any) -> str:
        """Tell the webhook; return why it could not be told."""

    def ping(self, how: Ping, message: str = "") -> str:
        """Ask the dead man's switch; return why that failed."""


class Create(Protocol):
    """Makes a backup, with a trial restore or without."""

    def __call__(self, *, drill: bool) -> Sidecar:
        """Return its sidecar."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """What a run consists of; each raises ArchiveError or OSError."""

    create: Create
    upload: Callable[[Callable[[], AbstractContextManager[None]]], dict[str, Any]] | None
    """Copy what the remotes don't have, holding the guard for each note; None: there are no remotes."""
    prune: Callable[[], dict[str, Any]]


@dataclass(slots=True)
class Scheduler:
    """Runs backups when they are due. :meth:`step` is one pass; it only raises what stops the process."""

    schedule: Schedule
    drill_every: timedelta
    store: Store
    jobs: Jobs
    lock: Locked
    messages: Messages
    events: Events
    now: Callable[[], datetime]
    say: Callable[[str], None]
    _started: datetime = field(init=False)
    _since: datetime | None = field(init=False)
    _looked: datetime | None = field(init=False, default=None)
    _waits_for: str = field(init=False, default="")
    _pause: tuple[datetime, timedelta] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._started = self.now()
        # Cron waits for its next time, a span begins at once: unless the state knows of an earlier run.
        self._since = _moment(self._state(), "last_run", "at") or (None if self.schedule.every else self._started)
        self._find_killed()

    def step(self) -> float:
        """Do what is due, and return the seconds until the next look."""
        now = self.now()
        due = self._due(now)
        if due > now:
            self._tell_too_old(now)
            return min((due - now).total_seconds(), LONGEST_SLEEP)
        try:
            with self.lock.held("scheduled backup"):
                self._waits_for = ""
                sidecar = self._make(now)
        except Busy as busy:
            self._tell_too_old(now)
            if busy.holder != self._waits_for:
                self._waits_for = busy.holder
                self.say(f"A backup is due, and waits: {busy}")
            return BUSY_PAUSE
        except ArchiveError as error:  # the lock itself
            self._since = now
            self._failed(now, error.code, str(error))
            return BUSY_PAUSE
        if sidecar:
            self._finish(now, sidecar)
        return 0.0

    def _due(self, now: datetime) -> datetime:
        noted = _moment(self._state(), "last_run", "at")
        if self._since and self._since > now:
            self._since = now  # the clock was ahead then
        if noted and noted <= now and (self._since is None or noted > self._since):
            self._since = noted  # made by hand meanwhile
        due = self.schedule.next_after(self._since, now)
        pause = self._longest_pause(now).total_seconds()
        state = self._state()
        if (state.get("next_run"), state.get("interval_seconds")) != (due.isoformat(), pause):
            self._note(next_run=due.isoformat(), interval_seconds=pause)
        return due

    def _longest_pause(self, now: datetime) -> timedelta:
        """Return the longest time between two runs, found anew once a day."""
        if self._pause is None or abs(now - self._pause[0]) > LOOK_AHEAD:
            self._pause = (now, self.schedule.longest_pause(now))
        return self._pause[1]

    def _make(self, begun: datetime) -> Sidecar | None:
        """Make one backup, and note and tell how that went. None: it failed."""
        state = self._state()
        self._since = begun
        self._note(last_run=_run(begun, "interrupted"))
        self._ping("start")
        drill = self._drill_due(state, begun)
        try:
            try:
                sidecar = self.jobs.create(drill=drill)
            except ArchiveError as error:
                if not drill or error.code != "drill_failed":
                    raise
                self._drilled(begun, "", str(error))
                sidecar = self.jobs.create(drill=False)  # a backup that is verified but not proven is better than none
        except KeyboardInterrupt:
            self._note(last_run=state.get("last_run"))  # stopped, not failed: it is made up for after the next start
            raise
        except Exception as error:  # noqa: BLE001 - the next run must come, whatever this one met
            self._failed(begun, getattr(error, "code", "unexpected"), _text(error))
            return None
        self._note(
            last_run=_run(begun, None), last_success={"id": sidecar.id, "at": sidecar.created_at}, too_old_told=None
        )
        self.say(f"Backup {sidecar.id} made and verified: {sidecar.bytes} bytes.")
        if drill and sidecar.proven_at:
            self._drilled(begun, sidecar.id, None)
        return sidecar

    def _finish(self, begun: datetime, sidecar: Sidecar) -> None:
        """Copy, prune and tell: what follows a backup that is good."""
        wrong: list[str] = []
        if self.jobs.upload:
            upload = self.jobs.upload
            wrong += self._part(
                "The copies", lambda: upload(lambda: self.lock.held("noting copies", patience=PATIENCE))
            )
        wrong += self._part("Dropping old backups", self._prune)
        remotes = {name: state.get("state") for name, state in self._known(sidecar).remotes.items()}
        if wrong:
            self._failed(begun, "remote_failed", " ".join((f"Backup {sidecar.id} is good on this machine.", *wrong)))
            return
        told = {"id": sidecar.id, "bytes": sidecar.bytes, "created_at": sidecar.created_at, "remotes": remotes}
        self._tell("backup_succeeded", f"Backup {sidecar.id} was made and verified.", **told)
        self._ping("success")

    def _part(self, what: str, work: Callable[[], dict[str, Any]]) -> list[str]:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - what comes after it must go on
            self.say(f"{what} failed: {_text(error)}")
            return [f"{what} failed: {_text(error)}"]
        return [f"{what} failed on a remote."] if result.get("failed") else []

    def _prune(self) -> dict[str, Any]:
        with self.lock.held("dropping old backups", patience=PATIENCE):
            result = self.jobs.prune()
        dropped = [each["id"] for each in result["backups"] if not each["keep"]]
        if dropped:
            self.say(f"Dropped by the policy: {', '.join(dropped)}.")
        return result

    def _known(self, sidecar: Sidecar) -> Sidecar:
        try:
            return self.store.get(sidecar.id)
        except ArchiveError:
            return sidecar

    def _drill_due(self, state: Mapping[str, Any], now: datetime) -> bool:
        if not self.drill_every:
            return False
        last = _part_of(state, "last_drill")
        at = _moment(state, "last_drill", "at")
        return not last.get("ok") or at is None or not timedelta() <= now - at < self.drill_every - timedelta(hours=1)

    def _drilled(self, at: datetime, name: str, error: str | None) -> None:
        self._note(last_drill={"id": name, "at": at.isoformat(), "ok": error is None, "message": error or ""})
        if error is None:
            self.say(f"Backup {name} was restored on trial: it works.")
            self._tell("drill_succeeded", f"Backup {name} was restored on trial.", id=name)
        else:
            self.say(f"The trial restore failed: {error}")
            self._tell("drill_failed", error)
            self._ping("fail", error)

    def _failed(self, begun: datetime, code: str, message: str) -> None:
        at = self.now().isoformat()
        self._note(last_run=_run(begun, message), last_failure={"at": at, "code": code, "message": message})
        self.say(f"Failed ({code}): {message}")
        self._tell("backup_failed", message, code=code)
        self._ping("fail", message)

    def _find_killed(self) -> None:
        """Tell of a run that ended without a word: killed, out of memory, or the power went."""
        last = _part_of(self._state(), "last_run")
        begun = _moment({"last_run": last}, "last_run", "at")
        if begun and last.get("error") == "interrupted":
            what = f"The backup begun at {begun:%Y-%m-%d %H:%M} UTC was killed (out of memory?)."
            self._failed(begun, "killed", what)

    def _tell_too_old(self, now: datetime) -> None:
        """Tell once a day that the newest verified backup is older than two pauses of the schedule."""
        if self._looked and timedelta() <= now - self._looked < LOOK:
            return
        self._looked = now
        limit = 2 * self._longest_pause(now)
        times = [datetime.fromisoformat(each.created_at) for each in self._sidecars() if each.verified_at]
        newest = max((at for at in times if at <= now), default=None)
        if now - (newest or self._started) <= limit:
            return
        told = _moment(self._state(), "too_old_told")
        if told and timedelta() <= now - told < TELL_AGAIN:
            return
        what = (
            f"The newest verified backup is of {newest:%Y-%m-%d %H:%M} UTC" if newest else "There is no verified backup"
        )
        message = f"{what}, and one is wanted every {limit / 2}."
        self._note(too_old_told=now.isoformat())
        self.say(message)
        self._tell("backup_too_old", message, newest=newest.isoformat() if newest else None)
        self._ping("fail", message)

    def _sidecars(self) -> tuple[Sidecar, ...]:
        with suppress(OSError, ArchiveError):
            return self.store.sidecars()
        return ()

    def _state(self) -> dict[str, Any]:
        with suppress(OSError, ArchiveError, ValueError):
            return self.store.state()
        return {}

    def _note(self, **changes: Any) -> None:
        try:
            self.store.write_state(**changes)
        except (OSError, ArchiveError) as error:  # a full disk must not stop the loop, nor make it run in circles
            self.say(f"The state can't be written: {_text(error)}")

    def _tell(self, event: Event, message: str, **more: Any) -> None:
        if why := self.messages.tell(event, message, **more):
            self.say(f"Nobody was told of {event}: {why}.")

    def _ping(self, how: Ping, message: str = "") -> None:
        if why := self.messages.ping(how, message):
            self.say(f"No ping of {how}: {why}.")


def _run(begun: datetime, error: str | None) -> dict[str, Any]:
    return {"at": begun.isoformat(), "ok": error is None, "kind": "scheduled", "error": error}


def _moment(state: Mapping[str, Any], *path: str) -> datetime | None:
    value: Any = state
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    try:
        found = datetime.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return None
    return found if found and found.tzinfo else None


def _part_of(state: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = state.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, (ArchiveError, OSError)) else f"unexpected {type(error).__name__}"
