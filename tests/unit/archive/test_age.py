"""Encryption to keys: what goes in comes out, with the right key only, and nothing is ever lost without a word."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmchat_archive import age
from llmchat_archive.errors import ArchiveError

SECRET, PUBLIC = age.new_identity()
RECIPIENTS, IDENTITIES = age.parse_recipients([PUBLIC]), age.parse_identities([SECRET])
CHUNK = 64 * 1024
"""Bytes that age encrypts at a time: https://c2sp.org/age, "Payload"."""


def encrypted(plain: bytes, recipients=RECIPIENTS) -> bytes:
    raw = io.BytesIO()
    writer = age.open_encrypting(raw, recipients)
    writer.write(plain)
    writer.close()
    return raw.getvalue()


def decrypted(content: bytes, identities=IDENTITIES) -> bytes:
    reader = age.open_decrypting(io.BytesIO(content), identities)
    try:
        return reader.read()
    finally:
        reader.close()


def refused(content: bytes, identities=IDENTITIES) -> str:
    with pytest.raises(ArchiveError) as raised:
        decrypted(content, identities)
    return raised.value.code


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000])
def test_what_is_encrypted_comes_back(size: int) -> None:
    plain = os.urandom(size)

    assert decrypted(encrypted(plain)) == plain


@given(st.lists(st.binary(max_size=200_000), max_size=5), st.lists(st.integers(1, 100_000), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_pieces_of_any_size_may_be_written_and_read(pieces: list[bytes], sizes: list[int]) -> None:
    raw = io.BytesIO()
    writer = age.open_encrypting(raw, RECIPIENTS)
    for piece in pieces:
        assert writer.write(piece) == len(piece)
    writer.close()
    reader = age.open_decrypting(io.BytesIO(raw.getvalue()), IDENTITIES)
    found, turn = b"", 0
    while piece := reader.read(sizes[turn % len(sizes)]):
        found, turn = found + piece, turn + 1
    reader.close()

    assert found == b"".join(pieces)


def test_each_of_several_keys_opens_it_and_no_other_does() -> None:
    second_secret, second = age.new_identity()
    content = encrypted(b"chats", age.parse_recipients([PUBLIC, second]))

    assert decrypted(content) == decrypted(content, age.parse_identities([second_secret])) == b"chats"
    other, _ = age.new_identity()
    assert refused(content, age.parse_identities([other])) == "wrong_key"
    assert decrypted(content, age.parse_identities([other, SECRET])) == b"chats"
    assert refused(content, []) == "key_missing"


@pytest.mark.parametrize("size", [0, 100, CHUNK, 2 * CHUNK + 100])
def test_a_cut_is_found_wherever_it_is(size: int) -> None:
    content = encrypted(bytes(size))
    header = content.index(age.HEADER_END)
    cuts = {*range(0, header + 80, 7), *range(header, len(content), 9_973), len(content) - 1, len(content) - 16}

    for cut in cuts:
        assert refused(content[:cut]) == "damaged", cut


def test_a_flipped_bit_is_found_wherever_it_is() -> None:
    content = encrypted(os.urandom(CHUNK + 1000))
    header = content.index(age.HEADER_END)

    for at in {*range(0, header + 100, 3), *range(header, len(content), 7_919), len(content) - 1}:
        changed = bytearray(content)
        changed[at] ^= 1 << at % 8
        assert refused(bytes(changed)) in {"damaged", "wrong_key"}, at


def test_what_follows_the_end_is_found() -> None:
    assert refused(encrypted(b"chats") + b"x") == "damaged"
    assert refused(encrypted(bytes(CHUNK)) * 2) == "damaged"


@pytest.mark.parametrize("stanza", [b"-> X25519 abc\n" + b"A" * 43 + b"\n", b"-> " + b"a" * 64])
def test_a_header_without_end_is_refused_before_it_takes_hours(stanza: bytes) -> None:
    """The library's time grows with the square of the header and more: 400 KB take ten seconds."""
    content = age.MAGIC + b"\n" + stanza * (2_000_000 // len(stanza))

    assert refused(content) == "damaged"
    assert refused(content + b"\n--- " + b"A" * 43 + b"\n" + bytes(100)) == "damaged"


class Failing:
    """Takes or gives some bytes, then fails as a disk does."""

    def __init__(self, good: int, content: bytes = b"") -> None:
        self.good, self.content = good, io.BytesIO(content)

    def write(self, data: bytes) -> None:
        self.good -= len(data)
        if self.good < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def read(self, size: int = -1) -> bytes:
        piece = self.content.read(min(size, 5000))
        self.good -= len(piece)
        if self.good < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return piece


@pytest.mark.parametrize("plain", [b"", b"a few bytes", bytes(CHUNK), bytes(5_000_000)])
def test_no_failed_write_is_lost_whichever_it_is(plain: bytes) -> None:
    whole = len(encrypted(plain))  # more or less: a header holds made-up keys too, of any length
    failed = 0
    for good in {0, 10, 150, 200, whole // 2, *range(whole - 60, whole, 5)}:
        raw = Failing(good)
        writer = age.open_encrypting(raw, RECIPIENTS)
        try:
            writer.write(plain)
            writer.close()
        except OSError as error:
            failed += 1
            assert error.errno == errno.ENOSPC, good  # noqa: PT017 - it must fail whenever the device did
            assert raw.good < 0
            with pytest.raises(OSError, match="No space left"):
                writer.close()
        else:
            assert raw.good >= 0
    assert failed >= 4


@pytest.mark.parametrize("plain", [b"", b"a few bytes", bytes(1_000_000)])
def test_a_full_device_is_told(plain: bytes) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        writer = age.open_encrypting(full, RECIPIENTS)
        with pytest.raises(OSError, match="No space left"):  # noqa: PT012 - either may tell
            writer.write(plain)
            writer.close()


@pytest.mark.parametrize("good", [0, 100, 100_000])
def test_a_disk_that_fails_while_reading_is_not_taken_for_a_damaged_backup(good: int) -> None:
    reader = age.open_decrypting(Failing(good, encrypted(os.urandom(300_000))), IDENTITIES)
    with pytest.raises(OSError, match="Input/output error"):
        reader.read()
    reader.close()


def test_who_stops_reading_early_leaves_no_thread_behind() -> None:
    content = encrypted(os.urandom(5_000_000))
    for _ in range(3):
        reader = age.open_decrypting(io.BytesIO(content), IDENTITIES)
        assert len(reader.read(10)) == 10
        reader.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "age"]


@pytest.mark.parametrize(
    "text", ["", "age1", "age1" + "q" * 58, PUBLIC[:-1], PUBLIC + "x", PUBLIC.upper()[:-1] + "b", "ssh-ed25519 AAAA"]
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ArchiveError) as raised:
        age.parse_recipients([PUBLIC, text])
    assert (raised.value.code, bool(raised.value.hint)) == ("key_missing", True)


def test_a_secret_key_in_the_wrong_place_is_never_repeated() -> None:
    for text in (SECRET, SECRET.lower(), f" {SECRET}", SECRET[:-1]):
        with pytest.raises(ArchiveError) as raised:
            age.parse_recipients([text])
        assert SECRET[20:40].upper() not in (str(raised.value) + raised.value.hint).upper()
    for text in (SECRET[:-1], f"{SECRET} x", f"key={SECRET}"):
        with pytest.raises(ArchiveError) as raised:
            age.parse_identities([text])
        assert raised.value.code == "key_missing"
        assert SECRET[20:40] not in str(raised.value) + raised.value.hint


def test_a_key_file_of_age_is_read_as_it_is() -> None:
    other, _ = age.new_identity()
    text = f"# created: 2026-11-25T03:30:00Z\r\n# public key: {PUBLIC}\r\n{SECRET}\r\n\r\n  {other}  \n"

    assert [str(identity) for identity in age.parse_identities([text])] == [SECRET, other]
    assert age.parse_identities(["", "\n", "# nothing\n"]) == []
