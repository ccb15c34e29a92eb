"""Tar streams for and from the engine, made in memory: nothing secret touches a disk of ours."""

from __future__ import annotations

import io
import tarfile

from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret


def tar_of(files: tuple[RenderedFile, ...], *, uid: int, gid: int) -> bytes:
    """Return a tar of the files, each with its own mode and the given owner."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            text = file.content.reveal() if isinstance(file.content, Secret) else file.content
            data = text.encode()
            info = tarfile.TarInfo(file.path)
            info.size, info.mode, info.uid, info.gid = len(data), file.mode, uid, gid
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def texts_of(data: bytes) -> dict[str, str]:
    """Return the texts of the regular files in a tar of a folder, by name."""
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                texts[member.name.removeprefix("./")] = file.read().decode(errors="replace")
    return texts
