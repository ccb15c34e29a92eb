"""How old what images stand on is, and since when they stand on something newer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from llmchat_deploy.apply.run import Run
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import EngineReader
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.plan.images import OWN_BASE
from llmchat_deploy.plan.steps import NoteBase
from llmchat_deploy.render.release import Release

BASE = "base.json"
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class NotedBase:
    """The day (ISO 8601, UTC) since when images stand on a newer base, whether that has come since, and which it is."""

    stamp: str = ""
    came: bool = True
    reference: str = ""


def read_base(host: HostReader) -> NotedBase:
    """Return what was noted; what can't be understood counts as nothing, and builds what it built at first."""
    try:
        data = json.loads(host.read_state(BASE) or "{}")
        return NotedBase(str(data["stamp"]), data["came"] is True, str(data["reference"]))
    except (ValueError, KeyError, TypeError):
        return NotedBase()


def note_base(step: NoteBase, run: Run) -> None:
    """Note a newer base, before it is had and once it came."""
    reference = run.findings.base or step.reference
    noted = {"stamp": step.stamp, "came": step.came, "reference": reference}
    run.host.write_state(BASE, json.dumps(noted) + "\n")


def base_is_old(environment: Environment, release: Release, host: HostReader, engine: EngineReader) -> str:
    """Return since when images are to stand on a newer base: today where they are too old, else empty.

    The oldest of the base and the release's own images counts: what they install is as old as they are. A base that
    was fetched lately counts as new, however old its registry's is.
    """
    limit = environment.build.base_max_age_days
    tags = (release.base_image, OWN_BASE, *(image.tag for image in release.images))
    made = engine.created(tags).values()
    if not limit or not made:
        return ""
    now, stamp = host.now(), read_base(host).stamp
    oldest = max(min(made), datetime.fromisoformat(f"{stamp}T00:00:00+00:00").timestamp() if stamp else 0.0)
    return datetime.fromtimestamp(now, UTC).date().isoformat() if now - oldest > limit * DAY else ""
