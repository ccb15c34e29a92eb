"""Which version of the project's sources an environment was last brought to, between runs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from llmchat_deploy.apply.records import timestamp
from llmchat_deploy.host.base import Host, HostReader

UPDATE = "update.json"


@dataclass(frozen=True, slots=True)
class NotedUpdate:
    """A change of version: full commit ids. ``done`` says whether ``up`` succeeded with it."""

    before: str
    after: str
    done: bool


def read_update(host: HostReader) -> NotedUpdate | None:
    """Return what was noted last; None where nothing was, or nothing that can be understood."""
    text = host.read_state(UPDATE)
    try:
        data = json.loads(text or "")
        return NotedUpdate(str(data["before"]), str(data["after"]), data["done"] is True)
    except (ValueError, KeyError, TypeError):
        return None


def note_update(host: Host, update: NotedUpdate) -> None:
    """Note a change of version, before it is made and once it serves."""
    data = {"before": update.before, "after": update.after, "done": update.done, "at": timestamp(host)}
    host.write_state(UPDATE, json.dumps(data, indent=2) + "\n")
