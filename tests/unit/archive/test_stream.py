"""The bytes of an archive file: packed and unpacked, and every way in which they can be something else."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from llmchat_archive import age, stream
from llmchat_archive.errors import ArchiveError
from llmchat_archive.stream import ArchiveReader, ArchiveWriter
from llmchat_archive.tar_reader import MAX_RATIO, RATIO_FREE

SECRET, PUBLIC = age.new_identity()
RECIPIENTS, IDENTITIES = age.parse_recipients([PUBLIC]), age.parse_identities([SECRET])
SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
"""RFC 8878, section 3.1.2."""


@pytest.fixture(params=[(), RECIPIENTS], ids=["plain", "encrypted"])
def recipients(request: pytest.FixtureRequest):
    return request.param


def written(path: Path, content: bytes, recipients=()) -> ArchiveWriter:
    writer = ArchiveWriter(path, recipients)
    for start in range(0, len(content), 100_000):
        writer.write(content[start : start + 100_000])
    writer.close()
    return writer


def read(path: Path, identities=IDENTITIES) -> bytes:
    reader = ArchiveReader(path, identities)
    try:
        return reader.readall()
    finally:
        reader.close()


def refused(path: Path) -> str:
    with pytest.raises(ArchiveError) as raised:
        read(path)
    return raised.value.code


@pytest.mark.parametrize("size", [0, 1, 100_000, 3_000_000])
def test_what_is_written_comes_back_and_its_digest_is_the_files(tmp_path: Path, recipients, size) -> None:
    content = os.urandom(size // 2) + b"chat" * (size // 8)
    path = tmp_path / "archive"
    writer = written(path, content, recipients)

    assert read(path) == content
    assert writer.bytes == path.stat().st_size
    assert writer.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0
    reader = ArchiveReader(path, IDENTITIES)
    reader.readall()
    assert (reader.sha256, reader.done, reader.total) == (writer.sha256, writer.bytes, writer.bytes)
    reader.close()


def test_an_archive_is_never_written_over_another(tmp_path: Path, recipients) -> None:
    (tmp_path / "archive").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        ArchiveWriter(tmp_path / "archive", recipients)
    assert (tmp_path / "archive").read_bytes() == b"precious"


def test_a_cut_is_found_wherever_it_is(tmp_path: Path, recipients) -> None:
    path = tmp_path / "archive"
    written(path, os.urandom(30_000) + b"chat" * 10_000, recipients)
    whole = path.read_bytes()

    for cut in {*range(0, 400, 13), *range(0, len(whole), 1_999), *range(len(whole) - 20, len(whole))}:
        path.write_bytes(whole[:cut])
        assert refused(path) in {"damaged", "not_an_archive"}, cut


def test_a_flipped_bit_changes_nothing_unnoticed(tmp_path: Path, recipients) -> None:
    path, content = tmp_path / "archive", os.urandom(20_000) + b"chat" * 10_000
    writer = written(path, content, recipients)
    whole = path.read_bytes()

    for at in {*range(0, 250, 3), *range(0, len(whole), 997), *range(len(whole) - 8, len(whole))}:
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        try:
            found = read(path)
        except ArchiveError as error:
            assert error.code in {"damaged", "wrong_key", "not_an_archive"}, at  # noqa: PT017 - or the content is right
        else:  # a bit of zstd's own header that means nothing: the file's digest tells
            assert found == content, at
            assert not recipients, at
            assert hashlib.sha256(changed).hexdigest() != writer.sha256


@pytest.mark.parametrize("more", [b"\0", b"x" * 2_000_000, SKIPPABLE, stream.ZSTD_MAGIC, b"again"])
def test_what_follows_the_end_is_refused(tmp_path: Path, recipients, more: bytes) -> None:
    path = tmp_path / "archive"
    written(path, b"chats", recipients)
    whole = path.read_bytes()
    path.write_bytes(whole + (whole if more == b"again" else more))

    assert refused(path) == "damaged"


def encrypted(path: Path, content: bytes) -> Path:
    with path.open("wb") as file:
        writer = age.open_encrypting(file, RECIPIENTS)
        writer.write(content)
        writer.close()
    return path


@pytest.mark.parametrize("inside", [b"", b"text", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f"])
def test_what_is_encrypted_but_not_compressed_by_us_is_refused(tmp_path: Path, inside: bytes) -> None:
    assert refused(encrypted(tmp_path / "archive", inside)) == "damaged"


@pytest.mark.parametrize("content", [b"", b"text", b"\x1f\x8b\x08\0" * 10, b"age-encryption.org/v", SKIPPABLE])
def test_another_file_is_not_taken_for_an_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "archive").write_bytes(content)
    assert refused(tmp_path / "archive") == "not_an_archive"


def test_folders_devices_and_pipes_are_no_archives_and_nothing_waits_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert refused(path) == "not_an_archive"
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")


def test_without_a_key_nothing_stays_open(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError) as raised:
        ArchiveReader(encrypted(tmp_path / "archive", b"chats"), ())
    assert raised.value.code == "key_missing"
    assert not open_below(tmp_path)


def test_a_window_that_asks_for_our_memory_is_refused(tmp_path: Path) -> None:
    frame = stream.ZSTD_MAGIC + b"\x00" + bytes([(31 - 10) << 3]) + b"\x01\x00\x00"  # 2 GiB; RFC 8878, 3.1.1.1.2
    (tmp_path / "archive").write_bytes(frame)
    assert refused(tmp_path / "archive") == "damaged"


@pytest.mark.slow
def test_files_of_zeros_never_make_an_archive_that_looks_like_a_bomb(tmp_path: Path, recipients, monkeypatch) -> None:
    """Somebody could upload them, and no backup could be read back any more."""
    monkeypatch.setattr(stream, "DENSE_FREE", 2**20)
    path, size, zeros = tmp_path / "archive", 24 * 2**20, bytes(2**20)
    writer = ArchiveWriter(path, recipients)
    for _ in range(size // len(zeros)):
        writer.write(zeros)
    writer.close()

    assert size < MAX_RATIO / 1.5 * path.stat().st_size + 2**20
    assert stream.DENSE < MAX_RATIO / 1.5
    assert RATIO_FREE > 16 * 2**20
    assert read(path) == bytes(size)


WRITING = """
import os, resource, sys
from pathlib import Path
from llmchat_archive import age
from llmchat_archive.stream import ArchiveWriter
for limit in sys.argv[2].split(","):
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    path = Path(sys.argv[1], f"archive{limit}")
    writer = ArchiveWriter(path, age.parse_recipients(sys.argv[3:]))
    try:
        for _ in range(40):
            writer.write(os.urandom(100_000))
        writer.close()
        print("written", writer.sha256)
    except OSError as error:
        writer.abort()
        left = [link for link in Path("/proc/self/fd").iterdir() if os.path.realpath(link) == str(path)]
        print(error.errno, repr(writer.sha256), left)
"""
KEYS = pytest.mark.parametrize("keys", [(), (PUBLIC,)], ids=["plain", "encrypted"])


@KEYS
def test_a_write_that_fails_is_told_and_leaves_nothing_open(tmp_path: Path, keys: tuple[str, ...]) -> None:
    """Whichever write it is: a file that may only become so large fails like a disk that is full."""
    limits = (0, 100, 4_000, 300_000, 3_999_000)
    argv = (sys.executable, "-c", WRITING, str(tmp_path), ",".join(map(str, limits)), *keys)
    done = subprocess.run(argv, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [f"{errno.EFBIG} '' []"] * len(limits)


def open_below(folder: Path) -> list[str]:
    """Return the files of a folder that this process has open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # other threads close theirs
            found.append(link.readlink())
    return [str(path) for path in found if folder in path.parents]


@KEYS
def test_a_disk_that_is_full_is_told(tmp_path: Path, keys: tuple[str, ...]) -> None:
    """A real one, of a megabyte, in a mount namespace of its own."""
    (tmp_path / "disk").mkdir()
    script = f'mount -t tmpfs -o size=1m tmpfs {tmp_path}/disk && exec "$@"'
    inside = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    if subprocess.run((*inside, "true"), capture_output=True, check=False).returncode:
        inside = ("unshare", "--mount", "sh", "-c", script, "sh")
        if subprocess.run((*inside, "true"), capture_output=True, check=False).returncode:
            pytest.skip("this machine lets nobody mount a disk")
    argv = (*inside, sys.executable, "-c", WRITING, str(tmp_path / "disk"), "", *keys)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.stdout.strip() == f"{errno.ENOSPC} '' []", done.stderr
