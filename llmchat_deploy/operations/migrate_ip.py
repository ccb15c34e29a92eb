"""Move to another address: every place that holds it, then the edge that tells it, then a look from there.

Each file is replaced in one piece, and what is about to change is written down before: a run that was cut anywhere is
finished by running it again, or taken back with ``--undo``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.records import read_recorded, record_urls
from llmchat_deploy.config.load import Loaded
from llmchat_deploy.config.sources import Sources
from llmchat_deploy.errors import DeployError, ExitCode, PlanChanged
from llmchat_deploy.operations import up
from llmchat_deploy.operations.address_files import FileEdit
from llmchat_deploy.operations.address_journal import Journal, Mark, drop_journal, read_journal, write_journal
from llmchat_deploy.operations.address_probe import Probe, probe
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.plan.reach import Urls, public_urls

if TYPE_CHECKING:
    from llmchat_deploy.apply.events import EventSink
    from llmchat_deploy.engine.base import Engine
    from llmchat_deploy.host.base import Host
    from llmchat_deploy.plan.plan import Plan
    from llmchat_deploy.render.templates import Templates

Load = Callable[[Sources], Loaded]


class ProjectFiles(Protocol):
    """What may replace a file of the project folder."""

    def replace_text(self, path: str, text: str) -> None:
        """Replace a file in one piece; its owner and mode stay. ``path`` is relative to the project folder."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a change of address works with; the engine is only asked for where something is deployed."""

    name: str
    sources: Sources
    load: Load
    templates: Templates
    host: Host
    engine: Callable[[], Engine]
    folder: ProjectFiles
    look: bool = True
    """Whether what runs is looked at; else only the files are planned."""


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """What a change of address does: to which files, and to what runs (None where nothing is deployed).

    ``journal`` is what is written down before the first file changes.
    """

    environment: str
    old: str
    new: str
    edits: tuple[FileEdit, ...]
    journal: Journal
    loaded: Loaded = field(compare=False)
    after: Plan | None
    undo: bool = False
    warnings: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    """What stays to be done by hand afterwards."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.edits and (self.after is None or self.after.is_empty) and self.journal.finished

    def to_json(self) -> dict[str, Any]:
        """Return it for ``--json``; no secret is in it."""
        return {
            "environment": self.environment,
            "old": self.old,
            "new": self.new,
            "undo": self.undo,
            "changes": changes_json(self.edits),
            "plan": self.after.to_json() if self.after else None,
            "warnings": list(self.warnings),
            "next_steps": list(self.next_steps),
        }


@dataclass(frozen=True, slots=True)
class MigrateIpData:
    """What a change of address leaves: what was written, where the service is now, and what answers there."""

    environment: str
    old: str
    new: str
    changed: bool
    undone: bool
    changes: tuple[dict[str, Any], ...]
    deployed: bool
    urls: Urls
    probes: tuple[Probe, ...]
    old_addresses: tuple[str, ...]
    next_steps: tuple[str, ...] = ()


def changes_json(edits: tuple[FileEdit, ...]) -> list[dict[str, Any]]:
    """Return the changes of files as ``--json`` shows them."""
    return [
        {"file": item.file, "line": item.line, "key": item.key, "before": item.before, "after": item.after}
        for edit in edits
        for item in edit.changes
    ]


def marks_of(edits: tuple[FileEdit, ...]) -> tuple[Mark, ...]:
    """Return what is to be remembered of edits; of a secret only where it stands."""
    found = (change for edit in edits for change in edit.changes)
    return tuple(
        Mark(item.file, item.key, "" if item.secret else item.before, "" if item.secret else item.after)
        for item in found
    )


def planned_up(around: Around, loaded: Loaded) -> Plan | None:
    """Return what ``up`` would do with the new settings, None where nothing is deployed."""
    if not around.look or read_recorded(around.host) is None:
        return None
    return up.plan(loaded.environment, around.templates, around.host, around.engine())


def apply(
    agreed: AddressPlan, planned: Callable[[Around], AddressPlan], around: Around, events: EventSink
) -> Outcome[MigrateIpData]:
    """Carry out the agreed plan; where what runs can't follow, the files get their old text back.

    Raises PlanChanged where a file or the machine changed meanwhile, and what a failing step of ``up`` raised.
    """
    host, writes_down = around.host, not agreed.undo and not agreed.journal.finished
    with host.lock("migrate-ip"):
        # What runs is planned once more by `up` itself, under its own lock.
        if planned(replace(around, look=False)) != replace(agreed, after=None):
            raise PlanChanged("Something changed since the plan was made; nothing was done.", hint="Run it again.")
        before, earlier = _texts(around, agreed.edits), read_journal(host)
        with _audited(agreed, around):
            if writes_down:
                write_journal(host, agreed.journal)
            for edit in agreed.edits:
                around.folder.replace_text(edit.path, edit.text.reveal())
    warnings: tuple[str, ...] = ()
    if agreed.after and not agreed.after.is_empty:
        environment = agreed.loaded.environment
        try:
            done = up.apply(agreed.after, environment, around.templates, host, around.engine(), events)
        except DeployError as error:
            error.details = (*error.details, _put_back(around, before, earlier))
            raise
        warnings = done.warnings
    elif agreed.after:
        record_urls(host, public_urls(agreed.loaded.environment))
    with host.lock("migrate-ip"):
        if agreed.undo:
            drop_journal(host)
        elif writes_down:
            write_journal(host, replace(agreed.journal, finished=True))
    return outcome(agreed, around, warnings)


def outcome(agreed: AddressPlan, around: Around, warnings: tuple[str, ...] = ()) -> Outcome[MigrateIpData]:
    """Return where the service is now, asked at its new address."""
    environment, name = agreed.loaded.environment, agreed.environment
    probes = probe(environment, around.host) if agreed.after is not None else ()
    failed = any(not item.ok and item.expected for item in probes)
    told = tuple(f"{item.url}: {item.detail}" for item in probes if not item.ok)
    steps = []
    if agreed.after is None:
        steps.append(f"llmchat-deploy up --env {name}")
    if failed:
        steps.append(f"Back to {agreed.old}: llmchat-deploy migrate-ip --undo --env {name}")
    elif not agreed.is_empty:
        steps += agreed.next_steps
    data = MigrateIpData(
        environment=name,
        old=agreed.old,
        new=agreed.new,
        changed=not agreed.is_empty,
        undone=agreed.undo,
        changes=tuple(changes_json(agreed.edits)),
        deployed=agreed.after is not None,
        urls=public_urls(environment),
        probes=probes,
        old_addresses=environment.server.addresses[1:],
        next_steps=tuple(steps),
    )
    code = ExitCode.UNHEALTHY if failed else ExitCode.OK
    return Outcome("migrate-ip", data, warnings=(*agreed.warnings, *warnings, *told), exit_code=code)


def _audited(agreed: AddressPlan, around: Around) -> AbstractContextManager[object]:
    """Record the run, where something is deployed whose history it belongs to."""
    if agreed.after is None:
        return nullcontext()
    about = f"{agreed.old} {agreed.new}{' --undo' if agreed.undo else ''}"
    return audited(around.host, around.engine(), "migrate-ip", agreed.after, about=about)


def _texts(around: Around, edits: tuple[FileEdit, ...]) -> dict[str, str]:
    sources = (around.sources.env_file(around.name), around.sources.profile(around.name))
    wanted = {edit.path for edit in edits}
    return {source.path: source.text for source in sources if source and source.path in wanted}


def _put_back(around: Around, before: dict[str, str], earlier: Journal | None) -> str:
    """Give the files the text back that goes with what still runs, and say so."""
    try:
        with around.host.lock("migrate-ip"):
            for path, text in before.items():
                around.folder.replace_text(path, text)
            if earlier:
                write_journal(around.host, earlier)
            else:
                drop_journal(around.host)
    except DeployError as error:
        return f"The files couldn't be put back: {error.message} llmchat-deploy migrate-ip --undo does it."
    return "The files are as they were before."
