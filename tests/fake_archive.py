"""Jobs on backups as the image does them, on the fake engine's volumes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from llmchat_deploy.host.base import CommandResult

if TYPE_CHECKING:
    from llmchat_deploy.host.base import LineSink
    from tests.fake_engine import FakeEngine


@dataclass
class FakeArchive:
    """What ``docker run … llmchat-archive VERB`` does: a backup holds the administrators of a volume."""

    engine: FakeEngine
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Every job: its verb and what it was told."""
    held: dict[str, dict[str, str]] = field(default_factory=dict)
    """Name of an archive -> the administrators in it."""
    encrypted: bool = False
    says: dict[str, tuple[list[dict[str, Any]], int]] = field(default_factory=dict)
    """Verb -> events and exit status, instead of the work."""

    def run(self, argv: tuple[str, ...], stdin: bytes, on_line: LineSink | None) -> CommandResult:
        verb, job = argv[-1], json.loads(stdin)
        volumes = dict(_mounts(argv))
        self.jobs.append((verb, job))
        with self.engine.tape.write(f"job {verb}"):
            events, status = self.says[verb] if verb in self.says else (self._work(verb, job, volumes), 0)
        for event in events:
            if on_line:
                on_line(json.dumps(event))
        return CommandResult(status, "", "")

    def _work(self, verb: str, job: dict[str, Any], volumes: dict[str, str]) -> list[dict[str, Any]]:
        if verb == "create":
            return [{"event": "result", "sidecar": self._create(job, volumes["/app/db"])}]
        if verb in {"prepare", "import-guide"}:
            name = PurePath(job["file"]).name
            self.engine.admins[volumes["/app/db"]] = dict(self.held.get(name, {}))
            return [{"event": "result", "id": name, "rows": {"users": len(self.held.get(name, {}))}, "warnings": []}]
        return [{"event": "result"}]

    def _create(self, job: dict[str, Any], volume: str) -> dict[str, Any]:
        sequence = len(self.held) + 1
        backup = f"20261125-101500-{sequence:04}"
        archive = f"{job['project']}-{backup}.tar.zst"
        self.held[archive] = dict(self.engine.admins.get(volume, {}))
        return {
            "id": backup,
            "sequence": sequence,
            "archive": archive,
            "kind": job["kind"],
            "label": job["label"],
            "encrypted": self.encrypted,
            "recipients": ["age1one"] if self.encrypted else [],
            "bytes": 2_000_000,
            "contents": {"files": 12, "bytes": 9_000_000, "rows": {"users": 1, "messages": 40}, "schema": "0001"},
        }


def _mounts(argv: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for flag, value in pairwise(argv):
        if flag == "--mount":
            parts = dict(part.partition("=")[::2] for part in value.split(","))
            found.append((parts["target"], parts["source"]))
    return found
