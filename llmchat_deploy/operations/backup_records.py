"""The backups of an environment, as the readable files beside the archives tell."""

from __future__ import annotations

import json

from llmchat_archive.errors import ArchiveError
from llmchat_archive.model import Sidecar

from llmchat_deploy.apply.backups import backups_folder
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader


def records_of(environment: Environment, host: HostReader) -> tuple[tuple[Sidecar, ...], tuple[str, ...]]:
    """Return the backups by sequence, oldest first, and a warning for each file that can't be read.

    Files of other environments in a shared folder are left out.
    """
    folder = backups_folder(environment, host)
    found, warnings = [], []
    for name, text in host.read_folder(folder, ".json").items():
        if not name.startswith(f"{environment.project}-"):
            continue
        try:
            sidecar = Sidecar.from_json(json.loads(text))
        except (ValueError, ArchiveError) as error:
            warnings.append(f"unreadable: {folder}/{name} can't be read: {error}")
            continue
        if sidecar.project == environment.project:
            found.append(sidecar)
    return tuple(sorted(found, key=lambda each: each.sequence)), tuple(warnings)
