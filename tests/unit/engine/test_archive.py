"""Tar streams: the bytes, modes and owners that end up in a volume."""

from __future__ import annotations

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.engine.archive import tar_of, texts_of
from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret

texts = st.text(st.characters(codec="utf-8"))


def members(data: bytes) -> list[tuple[str, int, int, int, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return [
            (item.name, item.mode, item.uid, item.gid, (tar.extractfile(item) or io.BytesIO()).read()) for item in tar
        ]


def test_each_file_has_its_mode_its_owner_and_exactly_its_bytes():
    files = (
        RenderedFile("SECRET_KEY", Secret("a$'\"\\ 中\n\r\n"), 0o400, ""),
        RenderedFile("LLM_API_KEY", Secret(""), 0o400, ""),
        RenderedFile("haproxy.cfg", "global\n", 0o640, ""),
    )

    assert members(tar_of(files, uid=10001, gid=10000)) == [
        ("SECRET_KEY", 0o400, 10001, 10000, "a$'\"\\ 中\n\r\n".encode()),
        ("LLM_API_KEY", 0o400, 10001, 10000, b""),
        ("haproxy.cfg", 0o640, 10001, 10000, b"global\n"),
    ]


@given(texts)
def test_any_text_comes_back(text):
    assert texts_of(tar_of((RenderedFile("f", text, 0o400, ""),), uid=0, gid=0)) == {"f": text}


def test_the_same_files_give_the_same_bytes():
    files = (RenderedFile("f", "x", 0o400, ""),)

    assert tar_of(files, uid=1, gid=1) == tar_of(files, uid=1, gid=1)


def test_a_folder_has_no_text():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)

    assert texts_of(buffer.getvalue()) == {}
