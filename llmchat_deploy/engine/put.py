"""Put files into a volume: into the running container that may write there, else into one that never starts."""

from __future__ import annotations

import contextlib
from typing import Any

import docker.errors
from docker.types import Mount

from llmchat_deploy.engine import archive
from llmchat_deploy.render.release import RenderedFile

HELPER = "llmchat.helper"
"""Label of containers that live for one step; one that a killed run left behind goes with the next step."""


def put_files(api: Any, volume: str, image: str, service: str, files: tuple[RenderedFile, ...]) -> None:
    """Put files into a volume, owned by the service's user.

    A running edge takes them at once; another container would have to be made and removed each time.
    """
    uid, gid = archive.OWNERS[service]
    target = archive.MOUNTS[service]
    data = archive.tar_of(files, uid=uid, gid=gid)
    remove_helpers(api, volume)
    for item in api.containers(filters={"volume": volume, "status": "running"}):
        if any((m.get("Name"), m["Destination"], m["RW"]) == (volume, target, True) for m in item["Mounts"]):
            with contextlib.suppress(docker.errors.NotFound):  # it ended just now
                api.put_archive(item["Id"], target, data)
                return
    made = api.create_container(
        image,
        command=["true"],
        labels={HELPER: "true"},
        network_disabled=True,
        host_config=api.create_host_config(mounts=[Mount(target, volume, type="volume")]),
    )
    try:
        api.put_archive(made["Id"], target, data)
    finally:
        api.remove_container(made["Id"], force=True)


def remove_helpers(api: Any, volume: str) -> None:
    """Remove helpers that a killed run left on a volume: they would keep it, or still work on it."""
    for item in api.containers(all=True, filters={"label": f"{HELPER}=true", "volume": volume}):
        with contextlib.suppress(docker.errors.NotFound):
            api.remove_container(item["Id"], force=True)
