"""Backups on several remotes at once: copied, confirmed, dropped and brought back."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive.elsewhere import run_fetch, run_list
from llmchat_archive.errors import ArchiveError
from llmchat_archive.job import Job
from llmchat_archive.prune import run as prune
from llmchat_archive.remotes.base import MIB, Limits, open_remote
from llmchat_archive.store import Store
from llmchat_archive.upload import run as upload

from tests.contract.backups import NOW, Heard, make_backup, store_in
from tests.contract.broken import Silent
from tests.contract.peers import S3Server, SshServer

DAY = timedelta(days=1)
LIMITS = Limits(connect=5, silence=5, request=20, retries=1, chunk=5 * MIB)
PROJECTS = (f"chat{number}" for number in itertools.count())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path / "backups", next(PROJECTS))


@pytest.fixture
def remotes(s3_server: S3Server, ssh_server: SshServer) -> dict[str, Any]:
    return {"bucket": s3_server.settings(), "cellar": ssh_server.settings()}


@pytest.fixture
def hanging() -> Iterator[dict[str, Any]]:
    with Silent() as server:
        yield {
            "kind": "s3",
            "endpoint": f"http://127.0.0.1:{server.port}",
            "bucket": "b",
            "access_key": "AKIANOBODY",
            "secret_key": "nobodys",
        }


def job(store: Store, remotes: dict[str, Any], **more: Any) -> Job:
    return Job({"project": store.project, "backups": str(store.folder), "remotes": remotes, **more})


def names(remotes: dict[str, Any], which: str, store: Store) -> list[str]:
    with open_remote(which, remotes[which], LIMITS) as remote:
        return sorted(stored.name for stored in remote.list() if stored.name.startswith(store.project + "-"))


def test_a_backup_goes_to_every_remote_and_is_confirmed_there(store: Store, remotes: dict[str, Any]) -> None:
    heard = Heard()
    backup = make_backup(store, 1, DAY, size=6 * MIB)

    result = upload(job(store, remotes), heard, lambda: NOW, LIMITS)

    assert result["failed"] is False
    assert {name: state["state"] for name, state in store.get(backup.id).remotes.items()} == {
        "bucket": "confirmed",
        "cellar": "confirmed",
    }
    assert heard.warnings == []
    assert max(heard.moved) == (4 * backup.bytes, 4 * backup.bytes)
    for which in remotes:
        assert names(remotes, which, store) == [f"{store.project}-{backup.id}.json", backup.archive]
        [known] = run_list(job(store, remotes, remote=which), heard, lambda: NOW, LIMITS)["backups"]
        assert known["remotes"][which]["state"] == "confirmed"


def test_what_is_confirmed_is_not_sent_again_but_when_asked_for(store: Store, remotes: dict[str, Any]) -> None:
    backup = make_backup(store, 1, DAY)
    upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)

    assert upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)["backups"] == []
    again = upload(job(store, remotes, ids=[backup.id]), Heard(), lambda: NOW, LIMITS)
    assert set(again["backups"][0]["remotes"]) == {"bucket", "cellar"}


def test_a_remote_that_hangs_does_not_stop_the_others_and_is_tried_again(
    store: Store, remotes: dict[str, Any], hanging: dict[str, Any]
) -> None:
    heard = Heard()
    backup = make_backup(store, 1, DAY)
    with_hanging = {"cellar": remotes["cellar"], "hole": hanging}
    impatient = Limits(connect=1, silence=1, request=1, retries=0)

    result = upload(job(store, with_hanging), heard, lambda: NOW, impatient)

    assert result["failed"] is True
    states = store.get(backup.id).remotes
    assert states["cellar"]["state"] == "confirmed"
    assert states["hole"]["state"] == "failed"
    assert "nobodys" not in json.dumps(states)
    assert [code for code, _ in heard.warnings] == ["remote_failed"]
    healed = {"cellar": remotes["cellar"], "hole": remotes["bucket"]}
    upload(job(store, healed), heard, lambda: NOW, LIMITS)
    assert store.get(backup.id).remotes["hole"]["state"] == "confirmed"


def test_a_backup_that_rots_here_is_not_confirmed_there(store: Store, remotes: dict[str, Any]) -> None:
    backup = make_backup(store, 1, DAY)
    path = store.folder / backup.archive
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    result = upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)

    errors = [state["error"] for state in result["backups"][0]["remotes"].values()]
    assert all("damaged here" in error for error in errors), errors
    assert all(names(remotes, which, store) == [backup.archive] for which in remotes)  # no sidecar: no backup


def test_what_is_not_verified_goes_nowhere(store: Store, remotes: dict[str, Any]) -> None:
    heard = Heard()
    backup = make_backup(store, 1, DAY, verified_at=None)

    assert upload(job(store, remotes, ids=[backup.id]), heard, lambda: NOW, LIMITS)["backups"] == []
    assert [code for code, _ in heard.warnings] == ["unverified"]


def test_remotes_are_pruned_by_what_they_know(store: Store, remotes: dict[str, Any]) -> None:
    backups = [make_backup(store, sequence, (4 - sequence) * DAY) for sequence in (1, 2, 3)]
    upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)
    store.remove(backups[0].id)
    dry = prune(job(store, remotes, policy={"last": 2}, dry_run=True), Heard(), lambda: NOW, LIMITS)
    result = prune(job(store, remotes, policy={"last": 2}), Heard(), lambda: NOW, LIMITS)

    assert dry["remotes"] == result["remotes"]
    for which in remotes:
        assert [item["keep"] for item in result["remotes"][which]["backups"]] == [True, True, False]
        assert len(names(remotes, which, store)) == 4
    assert [sidecar.sequence for sidecar in store.sidecars()] == [2, 3]


def test_a_remote_that_fails_does_not_stop_pruning_the_others(
    store: Store, remotes: dict[str, Any], hanging: dict[str, Any]
) -> None:
    for sequence in (1, 2):
        make_backup(store, sequence, (3 - sequence) * DAY)
    upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)
    impatient = Limits(connect=2, silence=2, request=2, retries=0)

    result = prune(job(store, {"hole": hanging, **remotes}, policy={"last": 1}), Heard(), lambda: NOW, impatient)

    assert result["failed"] is True
    assert "error" in result["remotes"]["hole"]
    assert len(names(remotes, "cellar", store)) == 2


def test_a_machine_that_starts_anew_drops_nothing_of_its_former_life(
    store: Store, remotes: dict[str, Any], tmp_path: Path
) -> None:
    heard = Heard()
    for sequence in (7, 8, 9):
        make_backup(store, sequence, (10 - sequence) * DAY)
    upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)
    anew = store_in(tmp_path / "new", store.project)
    make_backup(anew, 1, timedelta())
    upload(job(anew, remotes), Heard(), lambda: NOW, LIMITS)

    prune(job(anew, remotes, policy={"last": 1}), heard, lambda: NOW, LIMITS)

    assert all(len(names(remotes, which, store)) == 8 for which in remotes)
    assert {code for code, _ in heard.warnings} == {"remote_ahead"}


def test_a_cut_upload_is_dropped_when_it_is_old(store: Store, remotes: dict[str, Any]) -> None:
    backup = make_backup(store, 3, timedelta())
    upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)
    with open_remote("cellar", remotes["cellar"], LIMITS) as remote:
        for name in ("20260501-000000-0001", "20260519-000000-0002"):
            remote.put(store.folder / backup.archive, f"{store.project}-{name}.tar.zst", lambda _: None)

    result = prune(job(store, remotes, policy={"last": 1}), Heard(), lambda: NOW, LIMITS)

    assert result["remotes"]["cellar"]["left_over"] == [f"{store.project}-20260501-000000-0001.tar.zst"]
    assert len(names(remotes, "cellar", store)) == 3


@pytest.mark.parametrize("which", ["bucket", "cellar"])
@pytest.mark.parametrize("wanted", ["latest", "its id"])
def test_a_lost_machine_gets_its_backup_back(
    store: Store, remotes: dict[str, Any], tmp_path: Path, which: str, wanted: str
) -> None:
    make_backup(store, 1, 2 * DAY)
    backup = make_backup(store, 2, DAY, size=6 * MIB)
    upload(job(store, remotes), Heard(), lambda: NOW, LIMITS)
    anew = store_in(tmp_path / "new", store.project)
    told = job(anew, remotes, remote=which, id=backup.id if wanted == "its id" else "latest")

    run_fetch(told, Heard(), lambda: NOW, LIMITS)

    fetched = anew.get("latest")
    assert replace(fetched, remotes={}, verified_at=backup.verified_at) == backup
    assert fetched.verified_at is None
    assert (anew.folder / backup.archive).read_bytes() == (store.folder / backup.archive).read_bytes()
    with pytest.raises(ArchiveError, match="is here already"):
        run_fetch(told, Heard(), lambda: NOW, LIMITS)


def test_an_unknown_remote_or_backup_is_named(store: Store, remotes: dict[str, Any]) -> None:
    with pytest.raises(ArchiveError, match="no remote 'attic'"):
        run_list(job(store, remotes, remote="attic"), Heard(), lambda: NOW, LIMITS)
    with pytest.raises(ArchiveError, match="'cellar' has no backups"):
        run_fetch(job(store, remotes, remote="cellar"), Heard(), lambda: NOW, LIMITS)


def test_an_upload_that_hangs_ends_at_once_when_it_is_told_to(store: Store, hanging: dict[str, Any]) -> None:
    make_backup(store, 1, DAY)
    program = "from llmchat_archive.cli import program; program()"
    with subprocess.Popen(
        (sys.executable, "-c", program, "upload"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(dict(job(store, {"hole": hanging}).told)).encode())
        process.stdin.close()
        assert b"progress" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 130
