"""What a migration began with, noted before it begins: a run that is killed in it leaves nobody who could tell.

``migrating.json`` of the state folder: data volume -> what it was, until a run that ends is written down with it. The
backup noted there is the way back to the release before, whatever was backed up since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from llmchat_deploy.apply.records import read_schemas
from llmchat_deploy.apply.run import Run
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.steps import Migrate

MIGRATING = "migrating.json"


@dataclass(frozen=True, slots=True)
class Begun:
    """The schema of the data then, empty where nobody noted it, and the id of the backup that was made of it."""

    before: str
    backup: str
    offline: bool = False
    """Nobody was served meanwhile, so nothing was written since that backup but what came before the page."""


def read_begun(host: HostReader, volume: str) -> Begun | None:
    """Return what a migration of a volume began with, where no run that ended tells it; unreadable counts as none."""
    try:
        return Begun(**_read(host)[volume])
    except (KeyError, TypeError):
        return None


def forget_begun(host: Host, volume: str) -> None:
    """Forget it: nothing has changed, or a run is written down that tells it."""
    noted = _read(host)
    if noted.pop(volume, None) is not None:
        _write(host, noted)


def note_begin(step: Migrate, run: Run) -> None:
    """Note what the data is and where its backup is, before it changes; the first such note is the one that counts."""
    volume, made = step.data_volume, run.findings.backup
    if step.backed_up and made and read_begun(run.host, volume) is None:
        before = read_schemas(run.host).get(volume, "")
        _note(run.host, volume, Begun(before, made["id"], offline=step.offline is not None))


def note_end(step: Migrate, told: Mapping[str, Any], run: Run) -> None:
    """Take the newer backup where the migration tells that only this run changed the data, which it was made before."""
    begun, made = read_begun(run.host, step.data_volume), run.findings.backup
    if begun is None:
        return
    if told.get("to") == begun.before:
        forget_begun(run.host, step.data_volume)
    elif step.backed_up and made and made["id"] != begun.backup and told.get("from") == begun.before:
        _note(run.host, step.data_volume, replace(begun, backup=made["id"]))


def _note(host: Host, volume: str, begun: Begun) -> None:
    _write(host, {**_read(host), volume: asdict(begun)})


def _read(host: HostReader) -> dict[str, Any]:
    try:
        data = json.loads(host.read_state(MIGRATING) or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _write(host: Host, noted: Mapping[str, Any]) -> None:
    if noted:
        host.write_state(MIGRATING, json.dumps(noted, indent=2) + "\n")
    else:
        host.remove_state(MIGRATING)
