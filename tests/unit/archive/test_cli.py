"""The program of the jobs: what it reads, tells and ends with."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.unit.archive.place import Place, run, start


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_job_is_told_on_standard_input_and_ends_with_its_result(place: Place) -> None:
    code, lines = run("create", place.create_job())

    assert code == 0
    assert {line["event"] for line in lines[:-1]} == {"progress"}
    assert lines[-1]["event"] == "result"
    assert lines[-1]["sidecar"]["id"] == place.store.get("latest").id


@pytest.mark.parametrize(
    ("verb", "job"),
    [
        ("create", ""),
        ("create", "[]"),
        ("create", "{}"),
        ("create", '{"backups": "relative"}'),
        ("nothing", "{}"),
        ("verify", '{"project": "p", "backups": "/nowhere", "ids": []}'),
    ],
)
def test_what_is_no_job_ends_with_2(verb, job) -> None:
    code, lines = run(verb, job)

    assert (code, lines[-1]["event"], lines[-1]["code"]) == (2, "error", "bad_job")


def test_what_is_wrong_with_a_backup_ends_with_11_a_code_and_a_hint(place: Place) -> None:
    code, lines = run("create", place.create_job(data=str(place.scratch)))

    assert (code, lines[-1]["event"], lines[-1]["code"]) == (11, "error", "not_found")
    assert "llmchat-deploy up" in lines[-1]["hint"]


def test_a_failed_verification_has_a_result_and_ends_with_11(place: Place) -> None:
    sidecar = place.create()
    place.store.path(sidecar).write_bytes(b"x")
    job = {"project": sidecar.project, "ids": "all", "identities": [], "backups": str(place.backups)}
    code, lines = run("verify", job)

    assert (code, lines[-1]["event"], lines[-1]["backups"][0]["code"]) == (11, "result", "not_an_archive")
    assert "failed" not in lines[-1]


def test_a_folder_that_is_not_there_is_told_without_a_traceback(place: Place) -> None:
    code, lines = run("create", place.create_job(scratch=str(place.folder / "nowhere")))

    assert (code, lines[-1]["code"]) == (11, "write_failed")
    assert "nowhere" in lines[-1]["message"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_cleans_up_behind_itself_and_ends_with_130(place: Place, number) -> None:
    (place.data / "attachments/large").write_bytes(b"".join(bytes([n % 251]) * 977 for n in range(60_000)))
    process = start("create", place.create_job())
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["stage"] == "write":
            process.send_signal(number)
            break
    rest = process.stdout.read()

    assert process.wait(20) == 130
    assert "result" not in rest
    assert place.left() == {"backups": [], "scratch": []}
