"""What is remembered between runs, as small files of the environment's state folder.

``current.json`` is what the last finished ``up`` recorded.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

from llmchat_deploy.errors import HostError, LockHeld
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.observed import Recorded
from llmchat_deploy.plan.reach import Urls
from llmchat_deploy.plan.steps import RecordRelease, StoreRelease
from llmchat_deploy.render.stored import STORED, StoredRelease, parse_stored

CURRENT = "current.json"
SCHEMAS = "schemas.json"
SERVICES = ("edge", "backend", "frontend", "model", "acme", "backup")


def read_recorded(host: HostReader) -> Recorded | None:
    """Return the record, or None before the first finished ``up``; raises HostError where it can't be read."""
    text = host.read_state(CURRENT)
    if text is None:
        return None
    try:
        data = json.loads(text)
        return Recorded(
            release=data["release"],
            digest=data["digest"],
            at=data["at"],
            admin=data["admin"],
            volumes=tuple(data["volumes"]),
            keep_releases=int(data.get("keep_releases", 0)),
            urls=Urls(**data["urls"]) if data.get("urls") else None,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(
            f"The record {host.state_path(CURRENT)} can't be read: {error}.",
            hint="Move it aside and run up again; running services and data are not touched by that.",
        ) from error


def write_recorded(host: Host, step: RecordRelease, *, admin: bool) -> None:
    """Record a release as the one that runs; ``admin`` is false while a password was made that nobody has seen."""
    data = {
        "release": step.release,
        "digest": step.digest,
        "at": timestamp(host),
        "admin": admin,
        "volumes": list(step.volumes),
        "keep_releases": step.keep_releases,
        "urls": asdict(step.urls) if step.urls else None,
    }
    host.write_state(CURRENT, json.dumps(data, indent=2) + "\n")


def record_admin(host: Host) -> None:
    """Record that the administrator's password was shown; where that fails, the next ``up`` makes another one.

    That one replaces only a password that was never used, so nobody who has logged in notices.
    """
    with contextlib.suppress(LockHeld, HostError), host.lock("up"):
        text = host.read_state(CURRENT)
        if text is not None:
            host.write_state(CURRENT, json.dumps({**json.loads(text), "admin": True}, indent=2) + "\n")


def record_urls(host: Host, urls: Urls) -> None:
    """Record where what runs is reached by now: an address that only people type changes without a deploy.

    Where that fails it stays as it was: nothing but what ``status`` says hangs on it.
    """
    with contextlib.suppress(LockHeld, HostError):
        recorded = read_recorded(host)
        if recorded is None or recorded.urls == urls:
            return
        with host.lock("up"):
            text = host.read_state(CURRENT)
            if text is not None:
                data = {**json.loads(text), "urls": asdict(urls)}
                host.write_state(CURRENT, json.dumps(data, indent=2) + "\n")


def forget_recorded(host: Host) -> None:
    """Forget the record, because its data is gone; that something is recorded goes last, for a run that is cut."""
    host.remove_state(SCHEMAS)
    host.remove_state("migrating.json")
    host.remove_state("maintenance.json")
    host.remove_state("data.json")
    host.remove_state(CURRENT)


def read_schemas(host: HostReader) -> dict[str, str]:
    """Return the revision that each data volume was last migrated to; what can't be read counts as unknown."""
    try:
        data = json.loads(host.read_state(SCHEMAS) or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in data.items()} if isinstance(data, dict) else {}


def note_schema(host: Host, volume: str, schema: str) -> None:
    """Note the revision of a data volume, once it is migrated."""
    known = read_schemas(host)
    if known.get(volume) != schema:
        host.write_state(SCHEMAS, json.dumps({**known, volume: schema}, indent=2) + "\n")


def release_folder(release: str) -> str:
    """Return the folder of a release's files, relative to the state folder."""
    return f"releases/{release}"


def store_release(host: Host, step: StoreRelease) -> None:
    """Write a release's files; the digest last, so that a cut run is seen."""
    folder = release_folder(step.release)
    for file in step.files:
        assert isinstance(file.content, str)  # noqa: S101 - the planner stores Compose files only
        host.write_state(f"{folder}/{file.path}", file.content, mode=file.mode)
    host.write_state(f"{folder}/digest", step.digest + "\n")


def stored_release(host: HostReader, release: str) -> str | None:
    """Return the digest of a stored release, or None where it isn't whole."""
    text = host.read_state(f"{release_folder(release)}/digest")
    return text.strip() if text else None


def read_release(host: HostReader, release: str) -> StoredRelease | None:
    """Return a release that is kept whole, with all that it takes to run it again, or None."""
    text = host.read_state(f"{release_folder(release)}/{STORED}")
    if text is None or stored_release(host, release) is None:
        return None
    names = [f"{name}.compose.yaml" for name in SERVICES]
    found = {name: host.read_state(f"{release_folder(release)}/{name}") for name in names}
    return parse_stored({STORED: text} | {name: text for name, text in found.items() if text is not None})


def timestamp(host: HostReader) -> str:
    """Return the machine's time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(host.now(), UTC).isoformat(timespec="seconds")
