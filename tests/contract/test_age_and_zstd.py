"""Archives without this tool: Debian's age, zstd and tar read ours, and we read what they wrote."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from llmchat_archive import age, reader
from llmchat_archive.errors import ArchiveError

from tests.unit.archive.crafted import manifest_of, members_of, pieces, tar_of, write
from tests.unit.archive.told import Told

CONTENTS = {
    "data/llmchat.db": b"rows" * 500_000,
    "data/attachments/文件-ünï.txt": "床前明月光".encode(),
    "data/attachments/" + "long" * 40: os.urandom(3_000_000),
    "data/attachments/empty": b"",
}


def run(*argv: str | Path, stdin: bytes | None = None) -> bytes:
    return subprocess.run([str(word) for word in argv], input=stdin, capture_output=True, check=True).stdout


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """A key file of age-keygen, and its public key."""
    path = tmp_path / "key.txt"
    run("age-keygen", "-o", path)
    return path, run("age-keygen", "-y", path).decode().strip()


def test_age_zstd_and_tar_restore_an_archive_of_ours(tmp_path: Path, key: tuple[Path, str]) -> None:
    file, public = key
    _, other = age.new_identity()
    done = write(tmp_path / "archive", members_of(CONTENTS), (other, public))
    target = tmp_path / "target"
    target.mkdir()

    tar = run("zstd", "-d", stdin=run("age", "-d", "-i", file, tmp_path / "archive"))
    listed = run("tar", "tv", "--numeric-owner", stdin=tar).decode().splitlines()
    run("tar", "x", "--no-same-owner", "-C", target, stdin=tar)

    assert {path: (target / path).read_bytes() for path in CONTENTS} == CONTENTS
    assert json.loads((target / "manifest.json").read_bytes()) == done.manifest.to_json()
    assert listed[0].endswith("llmchat-backup.json")
    assert "10001/10001" in next(line for line in listed if line.endswith("data/llmchat.db"))


def test_zstd_and_sha256sum_know_an_archive_of_ours_for_whole(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar.zst"
    done = write(path, members_of(CONTENTS))
    told = run("zstd", "-lv", path).decode()

    run("zstd", "-t", path)
    assert "Check: XXH64" in told
    assert run("sha256sum", path).decode().split()[0] == done.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("options", [("-1",), ("-3", "-T0"), ("-19",), ("--no-check", "-3"), ("--long=25", "-3")])
def test_what_zstd_and_age_wrote_is_read(tmp_path: Path, key: tuple[Path, str], options: tuple[str, ...]) -> None:
    file, public = key
    packed = run("zstd", "-c", *options, stdin=tar_of([*pieces(), manifest_of(pieces())]))
    (tmp_path / "plain").write_bytes(packed)
    (tmp_path / "encrypted").write_bytes(run("age", "-r", public, stdin=packed))
    identities = age.parse_identities([file.read_text()])

    for name in ("plain", "encrypted"):
        found = reader.verify_archive(tmp_path / name, identities, Told())
        assert [entry.path for entry in found.entries] == [piece.name for piece in pieces()]


def test_keys_of_either_side_fit_the_other(tmp_path: Path, key: tuple[Path, str]) -> None:
    file, public = key
    secret, ours = age.new_identity()
    (tmp_path / "ours.txt").write_text(f"# made by llmchat-deploy\n{secret}\n")
    write(tmp_path / "archive", members_of(CONTENTS), (ours,))

    assert run("age-keygen", "-y", tmp_path / "ours.txt").decode().strip() == ours
    assert run("age", "-d", "-i", tmp_path / "ours.txt", tmp_path / "archive")[:4] == b"\x28\xb5\x2f\xfd"
    with pytest.raises(subprocess.CalledProcessError):
        run("age", "-d", "-i", file, tmp_path / "archive")
    with pytest.raises(ArchiveError) as raised:
        reader.verify_archive(tmp_path / "archive", age.parse_identities([file.read_text()]), Told())
    assert raised.value.code == "wrong_key"
    assert age.parse_recipients([public])


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
def test_age_finds_the_same_end_as_we_do(tmp_path: Path, key: tuple[Path, str], size: int) -> None:
    file, public = key
    plain = os.urandom(size)
    with (tmp_path / "ours").open("wb") as raw:
        writer = age.open_encrypting(raw, age.parse_recipients([public]))
        writer.write(plain)
        writer.close()
    (tmp_path / "theirs").write_bytes(run("age", "-r", public, stdin=plain))

    assert run("age", "-d", "-i", file, tmp_path / "ours") == plain
    with (tmp_path / "theirs").open("rb") as raw:
        decrypting = age.open_decrypting(raw, age.parse_identities([file.read_text()]))
        assert decrypting.read() == plain
        decrypting.close()


def test_an_archive_locked_with_a_passphrase_or_an_ssh_key_is_told_as_the_wrong_key(tmp_path: Path, key) -> None:
    file, _ = key
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "ssh")
    (tmp_path / "archive").write_bytes(run("age", "-R", tmp_path / "ssh.pub", stdin=b"\x28\xb5\x2f\xfd"))
    with pytest.raises(ArchiveError) as raised:
        reader.read_header(tmp_path / "archive", age.parse_identities([file.read_text()]))
    assert raised.value.code == "wrong_key"
