"""Tar streams for and from the engine, made in memory: nothing secret touches a disk of ours."""

from __future__ import annotations

import io
import tarfile

from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret

FOLDER_MODE = 0o750

OWNERS = {"backend": (10001, 10000), "backup": (10001, 10000), "edge": (10002, 10000), "acme": (10002, 10000)}
"""User and group id of each service that reads files of its own, as its image sets them."""
MOUNTS = {"backend": "/run/llmchat", "backup": "/run/llmchat", "edge": "/etc/llmchat-edge", "acme": "/run/llmchat"}
"""Where each of these services has its files."""


def tar_of(files: tuple[RenderedFile, ...], *, uid: int, gid: int) -> bytes:
    """Return a tar of the files, each with its own mode and the given owner."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in dict.fromkeys(file.path.rpartition("/")[0] for file in files):
            if folder:
                info = tarfile.TarInfo(folder)
                info.type, info.mode, info.uid, info.gid = tarfile.DIRTYPE, FOLDER_MODE, uid, gid
                tar.addfile(info)
        for file in files:
            text = file.content.reveal() if isinstance(file.content, Secret) else file.content
            data = text.encode()
            info = tarfile.TarInfo(file.path)
            info.size, info.mode, info.uid, info.gid = len(data), file.mode, uid, gid
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def texts_of(data: bytes) -> dict[str, str]:
    """Return the texts of the regular files in a tar of a folder, by name; not what lies deeper, such as keys."""
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            file = tar.extractfile(member) if "/" not in name else None
            if file is not None:
                texts[name] = file.read().decode(errors="replace")
    return texts
