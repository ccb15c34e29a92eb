"""What is said about backups, and what is believed of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmchat_archive.errors import ArchiveError
from llmchat_archive.model import Header, Manifest, Sidecar, backup_id, parse_id

from tests.sidecars import told
from tests.unit.archive.crafted import DATABASE, HEADER, pieces

AT = datetime(2026, 11, 25, 3, 31, 7, tzinfo=UTC)


def sidecar(**changes: Any) -> dict[str, Any]:
    return json.loads(json.dumps(told(7, AT, **changes)))


def refused(data: object, kind: Any = Sidecar) -> str:
    with pytest.raises(ArchiveError) as raised:
        kind.from_json(data)
    assert bool(raised.value.hint) == (raised.value.code == "format_unknown")
    return raised.value.code


@given(st.integers(100_000, 250_000_000_000), st.integers(0, 10**12 - 1), st.integers(-14, 14))
def test_an_id_holds_its_time_in_utc_and_its_number(seconds: int, sequence: int, hours: int) -> None:
    at = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))

    assert parse_id(backup_id(at, sequence)) == (at, sequence)


def test_numbers_have_four_digits_until_they_need_more() -> None:
    assert backup_id(AT, 7) == "20261125-033107-0007"
    assert backup_id(AT, 12345) == "20261125-033107-12345"


@pytest.mark.parametrize(
    "text",
    ["", "latest", "20261125-033107", "20261125-033107-7", "20261325-033107-0007", "20261125-033107-0007.json",
     "../20261125-033107-0007", "20261125-033107-0007\n", "٢٠٢٦١١٢٥-033107-0007", "20261125-033107-0000000000007"],
)  # fmt: skip
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ArchiveError) as raised:
        parse_id(text)
    assert raised.value.code == "not_found"
    assert "\n" not in str(raised.value)


def test_descriptions_survive_json() -> None:
    manifest = Manifest(HEADER, tuple(piece.entry() for piece in pieces()), DATABASE, {"tool": "1"}, ("one",))
    there = Sidecar.from_json(sidecar(label="before the update", pinned=True, stall=0.25))

    for value in (manifest, HEADER, there):
        assert type(value).from_json(json.loads(json.dumps(value.to_json()))) == value


def test_what_a_later_release_adds_is_ignored() -> None:
    assert Sidecar.from_json({**sidecar(), "more": 1}) == Sidecar.from_json(sidecar())


@pytest.mark.parametrize("kind", [Sidecar, Header, Manifest])
@pytest.mark.parametrize("data", [None, [], "text", 1, {}, {"format": "1"}, {"format": -1}, {"format": True}])
def test_what_is_no_description_is_refused(kind: Any, data: object) -> None:
    assert refused(data, kind) == "damaged"


@pytest.mark.parametrize(
    "name", [name for name in sidecar() if name not in {"verified_at", "proven_at", "stall", "release"}]
)
def test_a_description_without_one_of_its_parts_is_refused(name: str) -> None:
    data = sidecar()
    del data[name]
    assert refused(data) == "damaged"
    assert refused({**sidecar(), name: [["neither"]] if name != "recipients" else "x"}) == "damaged"


@pytest.mark.parametrize(
    "changes",
    [
        {"archive": "../llmchat-test-20261125-033107-0007.tar.zst"},
        {"archive": "llmchat-test-20261125-033107-0008.tar.zst"},
        {"archive": "llmchat-test.state"},
        {"sequence": 8},
        {"id": "20261125-033107-0008"},
        {"project": "../other"},
        {"bytes": -1},
        {"bytes": True},
        {"pinned": 1},
        {"versions": {"tool": 1}},
        {"recipients": [1]},
        {"stall": "long"},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-25T03:31:07"},
        {"verified_at": "2026-11-25"},
        {"proven_at": 1},
    ],
    ids=str,
)
def test_a_sidecar_that_cannot_be_right_is_refused(changes: dict[str, Any]) -> None:
    assert refused({**sidecar(), **changes}) == "damaged"


def test_a_later_format_is_told_with_what_to_do() -> None:
    assert refused({**sidecar(), "format": 2, "id": 5}) == "format_unknown"
    assert refused({"format": 99}, Header) == refused({"format": 2}, Manifest) == "format_unknown"
