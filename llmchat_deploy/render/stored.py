"""A release as it is kept on the machine, and how it is opened again as what should run.

Its Compose files are kept as they were rendered, with ``release.json`` that tells what they don't. Opening a release
again renders only what may have changed since: the keys (from the environment, never kept), the volume with the data,
and the digests that follow from both. Where nothing changed, the very same release comes out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.acme import acme_files
from llmchat_deploy.render.backend import backend_keys
from llmchat_deploy.render.backup import backup_files
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.places import Places
from llmchat_deploy.render.release import ID_LENGTH, Image, Release, RenderedFile, Revision, Service, digest_of
from llmchat_deploy.render.render import keys_volume, release_digest

STORED = "release.json"
VERSION = 1
ZEROS = "0" * 64
STAYS = ("edge", "acme", "backup")
"""What keeps running as it does now: the edge holds addresses and certificates, which are no part of a version."""


@dataclass(frozen=True, slots=True)
class StoredService:
    """One service as it was: its image, its Compose file, and the files it reads that aren't secret."""

    name: str
    image: Image
    compose: str
    digest: str
    files: tuple[RenderedFile, ...] = ()
    keys: str = ""
    """The volume with its keys; empty where it has none."""

    @property
    def as_it_was(self) -> Service:
        """Return the service with the very Compose file it was started from, and the volume of keys named there."""
        compose = RenderedFile(f"{self.name}.compose.yaml", self.compose, 0o640, digest_of(self.compose))
        return Service(self.name, self.image, compose, self.digest, self.files)


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release as it was deployed."""

    digest: str
    base_image: str
    data_volume: str
    revisions: tuple[Revision, ...]
    services: tuple[StoredService, ...]

    @property
    def id(self) -> str:
        """Return the short name of the release."""
        return self.digest[:ID_LENGTH]

    @property
    def schema(self) -> str:
        """Return the revision that its backend migrates to; empty where that isn't known."""
        return self.revisions[-1].name if self.revisions else ""

    def service(self, name: str) -> StoredService | None:
        """Return the service of that name, or None where the release has none."""
        return next((service for service in self.services if service.name == name), None)


def stored_files(release: Release) -> tuple[RenderedFile, ...]:
    """Return the files that are kept of a release; nothing secret is among them."""
    names = Names(release.project)
    told = {
        "version": VERSION,
        "digest": release.digest,
        "base_image": release.base_image,
        "data_volume": release.data_volume,
        "schema": release.schema,
        "revisions": [[item.name, item.offline] for item in release.revisions],
        "services": [_told(names, service) for service in release.services],
    }
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return (
        *(service.compose for service in release.services),
        RenderedFile(STORED, text, 0o640, digest_of(text)),
    )


def parse_stored(texts: Mapping[str, str]) -> StoredRelease | None:
    """Read what :func:`stored_files` wrote, by name; None where it isn't whole or of another version."""
    try:
        told: dict[str, Any] = json.loads(texts[STORED])
        if told["version"] != VERSION:
            return None
        services = tuple(_service(item, texts) for item in told["services"])
        # What was kept before there were offline revisions tells the newest one only.
        known = told.get("revisions", [[told["schema"], None]] if told["schema"] else [])
        revisions = tuple(Revision(name, offline) for name, offline in known)
        return StoredRelease(told["digest"], told["base_image"], told["data_volume"], revisions, services)
    except (ValueError, KeyError, TypeError):
        return None


def reopen(
    target: StoredRelease, now: StoredRelease | None, environment: Environment, places: Places, context: str
) -> Release:
    """Return ``target`` as what should run, with the edge and the backups of what runs ``now``."""
    names = Names(environment.project)
    data_volume = names.data_volume(places.generation)
    staying = {service.name: service for service in now.services if service.name in STAYS} if now else {}
    own = [service for service in target.services if service.name not in staying and service.name not in STAYS[1:]]
    edge, acme = ([service] if (service := staying.get(name)) else [] for name in ("edge", "acme"))
    backup = staying.get("backup") if places.backups else None

    def opened(stored: StoredService, origin: StoredRelease, release: Mapping[str, str] | None = None) -> Service:
        if stored.name == "backend":
            files = backend_keys(environment)
        elif stored.name == "acme":
            files = acme_files(environment)
        elif stored.name == "backup":
            files = backup_files(environment, places, image=stored.image.tag, release=release)
        else:
            files = stored.files
        text = stored.compose.replace(f"name: {origin.data_volume}\n", f"name: {data_volume}\n")
        if stored.keys:
            text = text.replace(f"name: {stored.keys}\n", f"name: {keys_volume(names, files)}\n")
        return _with_digest(stored, text, files)

    services = [opened(item, now or target) for item in edge]
    services += [*(opened(item, target) for item in own), *(opened(item, now or target) for item in acme)]
    if backup and now:
        services.append(opened(backup, now))
    digest = release_digest(services)
    if backup and now:
        services[-1] = opened(backup, now, {"release": digest[:ID_LENGTH], "digest": digest})
    return Release(
        project=environment.project,
        services=tuple(services),
        base_image=target.base_image,
        context=context,
        data_volume=data_volume,
        revisions=target.revisions,
        digest=digest,
    )


def _with_digest(stored: StoredService, text: str, files: tuple[RenderedFile, ...]) -> Service:
    """Write the digest anew, as rendering does: over the text without it, and the files that need another container."""
    plain = text.replace(stored.digest, ZEROS).replace(stored.digest[:ID_LENGTH], ZEROS[:ID_LENGTH])
    counted = [f"{file.path} {file.digest}" for file in files] if stored.name != "edge" else []
    digest = digest_of(plain, *counted)
    final = text.replace(stored.digest, digest).replace(stored.digest[:ID_LENGTH], digest[:ID_LENGTH])
    compose = RenderedFile(f"{stored.name}.compose.yaml", final, 0o640, digest_of(final))
    return Service(stored.name, stored.image, compose, digest, files)


def _told(names: Names, service: Service) -> dict[str, Any]:
    sensitive = any(file.sensitive for file in service.files)
    return {
        "name": service.name,
        "image": {"service": service.image.service, "tag": service.image.tag, "dockerfile": service.image.dockerfile},
        "digest": service.digest,
        "keys": keys_volume(names, service.files) if sensitive else "",
        "files": [
            {"path": file.path, "mode": file.mode, "content": file.content}
            for file in service.files
            if not file.sensitive
        ],
    }


def _service(told: Mapping[str, Any], texts: Mapping[str, str]) -> StoredService:
    files = tuple(
        RenderedFile(item["path"], item["content"], item["mode"], digest_of(item["content"])) for item in told["files"]
    )
    image = Image(**told["image"])
    return StoredService(
        told["name"], image, texts[f"{told['name']}.compose.yaml"], told["digest"], files, told["keys"]
    )
