"""Every command that changed something: ``audit.jsonl`` of the state folder, one JSON object a line, only added to.

A run is two lines: one before its first step, one when it ended. So a run that was killed is known by the line that
is missing. Nothing in it is secret: no messages, only names, digests, codes and what a command was told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.apply.migrating import forget_begun, read_begun
from llmchat_deploy.apply.records import read_recorded, read_schemas, timestamp
from llmchat_deploy.apply.run import Findings
from llmchat_deploy.engine.base import EngineReader
from llmchat_deploy.errors import DeployError, ExitCode
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import RecordRelease
from llmchat_deploy.render.names import Names

AUDIT, OLDER = "audit.jsonl", "audit.1.jsonl"
FULL = 1 << 20
"""Characters after which the file becomes the older one, and that one goes: some thousand runs are known."""

LIKE_UP = ("up", "backup schedule")
"""Commands that bring about what the files say, a new schema included."""
DEPLOYING = (*LIKE_UP, "restore", "rollback")
"""Commands that record a release once it serves."""

Result = Literal["finished", "failed", "interrupted", "running", "cut"]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a command that changes something.

    ``began`` and ``ended`` are ISO 8601 in UTC. ``release`` is the one it was to lead to, empty where it leads to none;
    ``images`` maps each of its services to the image's tag and id; the schemas are revisions of the database. ``code``
    is the error's. ``cut`` is a run whose end nobody wrote: it was killed, or the machine stopped.
    """

    number: int
    command: str
    began: str
    who: str
    host: str
    result: Result
    ended: str = ""
    exit_code: int | None = None
    code: str = ""
    release: str = ""
    release_before: str = ""
    images: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    schema_before: str = ""
    schema_after: str = ""
    source: str = ""
    """Git revision of the sources, ``-dirty`` where they had been changed; empty where there is none."""
    backup: str = ""
    """Id of the backup that was made on the way."""

    @property
    def deploys(self) -> bool:
        """Whether the run brought a release to run, or was to: not one that only prepared that."""
        return bool(self.release) and is_one_of(self.command, DEPLOYING)

    @property
    def ran_well(self) -> bool:
        """Whether its release was proved healthy and recorded."""
        return self.deploys and self.result == "finished"

    @property
    def migrated(self) -> bool:
        """Whether the run took the data it found to another schema: not one that brought other data."""
        known = bool(self.schema_before and self.schema_after)
        return known and self.schema_before != self.schema_after and is_one_of(self.command, LIKE_UP)


def is_one_of(command: str, commands: tuple[str, ...]) -> bool:
    """Say whether a command, with whatever it was told, is one of those."""
    return f"{command} ".startswith(tuple(f"{one} " for one in commands))


@contextmanager
def audited(  # noqa: PLR0913 - what is run, on what
    host: Host, engine: EngineReader, command: str, plan: Plan, *, context: str = "", about: str = ""
) -> Iterator[Findings]:
    """Record a run as begun, and when the block ends, how it did; call it under the lock.

    The block puts what it found into the findings that it gets. A run that is killed stays without an end. ``context``
    is the folder of the sources; ``about`` what the command was told, such as the release it goes back to.
    """
    number = max((int(line.get("run", 0)) for line in _lines(host)), default=0) + 1
    _forget_told(host, plan.project)
    recorded = read_recorded(host)
    record = next((step for step in plan.steps if isinstance(step, RecordRelease)), None)
    begun = {
        "run": number,
        "command": f"{command} {about}".strip(),
        "began": timestamp(host),
        "who": host.user(),
        "host": host.name(),
        "release": plan.release,
        "release_before": recorded.release if recorded else "",
        "schema_before": _schema(host, plan.project),
        "images": dict(record.images) if record else {},
        "source": _source(host, context),
    }
    _append(host, begun)
    found = Findings()
    end = _End(host, engine, plan.project, number, command, found, record)
    try:
        yield found
    except KeyboardInterrupt:
        end("interrupted", ExitCode.INTERRUPTED)
        raise
    except DeployError as error:
        end("failed", error.exit_code, error.code)
        raise
    except Exception:
        end("failed", ExitCode.BUG, "bug")
        raise
    end("finished", ExitCode.OK)


def noted(host: Host, command: str) -> None:
    """Write down what took no run of steps and no lock, once it is done; that it can't be is no failure of it."""
    with suppress(DeployError):
        at = timestamp(host)
        done = {"run": 0, "command": command, "began": at, "ended": at, "result": "finished", "exit_code": 0}
        _append(host, {**done, "who": host.user(), "host": host.name()})


def read_runs(host: HostReader) -> tuple[RunRecord, ...]:
    """Return the runs that are known, the oldest first; lines that can't be understood are left out."""
    runs: list[dict[str, Any]] = []
    for line in _lines(host):
        if "command" in line:
            runs.append(line)
            continue
        begun = (index for index in range(len(runs) - 1, -1, -1) if runs[index]["run"] == line["run"])
        if (index := next(begun, None)) is not None:
            runs[index] = {**runs[index], **line}
    unended = [index for index, run in enumerate(runs) if "result" not in run]
    running = unended[-1] if unended and host.lock_state().held else None
    return tuple(_record(run, open_as="running" if index == running else "cut") for index, run in enumerate(runs))


def _record(run: Mapping[str, Any], *, open_as: Result) -> RunRecord:
    ids = run.get("image_ids") or {}
    images = {name: {"tag": str(tag), "id": str(ids.get(tag, ""))} for name, tag in (run.get("images") or {}).items()}
    texts = ("command", "began", "who", "host", "ended", "code", "release", "release_before", "source", "backup")
    schema = str(run.get("schema_before", ""))
    return RunRecord(
        number=int(run["run"]),
        result=run.get("result", open_as),
        exit_code=run.get("exit_code"),
        images=images,
        schema_before=schema,
        schema_after=str(run.get("schema_after") or ""),
        **{name: str(run.get(name, "")) for name in texts},
    )


@dataclass(frozen=True, slots=True)
class _End:
    """What the end of a run is written from."""

    host: Host
    engine: EngineReader
    project: str
    number: int
    command: str
    found: Findings
    record: RecordRelease | None

    def __call__(self, result: Result, exit_code: ExitCode, code: str = "") -> None:
        """Write it. Where that fails the run counts as cut, and what it did stands."""
        with suppress(DeployError):
            tags = tuple(tag for _, tag in self.record.images) if self.record else ()
            ended: dict[str, Any] = {
                "run": self.number,
                "ended": timestamp(self.host),
                "result": result,
                "exit_code": int(exit_code),
                "code": code,
                "backup": (self.found.backup or {}).get("id", ""),
                "schema_after": _schema(self.host, self.project),
            }
            with suppress(DeployError):
                ended["image_ids"] = dict(self.engine.image_ids(tags)) if tags else {}
            like_up = is_one_of(self.command, LIKE_UP)
            begun = read_begun(self.host, _volume(self.host, self.project)) if like_up else None
            if begun and ended["schema_after"] not in {"", begun.before}:
                # What a run before it began and was killed in belongs to this one: data, and the backup to go back to.
                ended |= {"schema_before": begun.before, "backup": begun.backup}
            _append(self.host, ended)
            _forget_told(self.host, self.project)


def _append(host: Host, line: Mapping[str, Any]) -> None:
    if len(host.read_state(AUDIT) or "") > FULL:
        host.rename_state(AUDIT, OLDER)
    host.append_state(AUDIT, json.dumps(line, sort_keys=True, ensure_ascii=False))


def _lines(host: HostReader) -> list[dict[str, Any]]:
    """Return what both files hold; a line that a power cut left half is none."""
    found = []
    for text in (host.read_state(OLDER), host.read_state(AUDIT)):
        for line in (text or "").splitlines():
            with suppress(ValueError):
                data = json.loads(line)
                if isinstance(data, dict) and isinstance(data.get("run"), int):
                    found.append(data)
    return found


def _forget_told(host: Host, project: str) -> None:
    """Forget what a migration began with, once a run that ended tells it."""
    volume = _volume(host, project)
    begun = read_begun(host, volume)
    if begun and any(
        run.backup == begun.backup and run.schema_after not in {"", begun.before} for run in read_runs(host)
    ):
        forget_begun(host, volume)


def _schema(host: HostReader, project: str) -> str:
    """Return the revision of the data that is used now; empty where nobody knows."""
    return read_schemas(host).get(_volume(host, project), "")


def _volume(host: HostReader, project: str) -> str:
    return Names(project).data_volume(read_generations(host).current)


def _source(host: Host, context: str) -> str:
    if not context:
        return ""
    with suppress(DeployError):
        told = host.run(("git", "-C", context, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"))
        if told.status == 0:
            return told.stdout.strip()
    return ""
