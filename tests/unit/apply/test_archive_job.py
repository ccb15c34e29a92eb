"""Jobs on backups: what they are told, what they tell, and what their failure looks like."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.archive_job import JobRunner
from llmchat_deploy.engine.helper import Mount
from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.secret import Secret
from tests.fakes import FakeHost

MOUNTS = (Mount("llmchat-test_backend-db", "/app/db"), Mount("/state/backups", "/backups"))
KEY = "AGE-SECRET-KEY-1-MADE-UP"


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


def run(host: FakeHost, **job: object) -> tuple[dict[str, object], tuple[str, ...], list[str]]:
    lines: list[str] = []
    runner = JobRunner(host, host.engine, "llmchat-backend:1", lambda text: text.replace(KEY, "***"))
    result, warnings = runner.run("verify", dict(job), MOUNTS, lines.append)
    return result, warnings, lines


def says(host: FakeHost, *events: dict[str, object], status: int = 0) -> None:
    host.archive.says["verify"] = (list(events), status)


def test_a_job_is_told_its_secrets_on_standard_input_only(host):
    run(host, identities=[Secret(KEY)])

    assert host.archive.jobs == [("verify", {"identities": [KEY]})]
    assert not any(KEY in word for argv in host.commands for word in argv)


def test_what_a_job_tells_becomes_progress_warnings_and_a_result(host):
    says(
        host,
        {"event": "progress", "stage": "verify", "done": 0, "total": 2_000_000},
        {"event": "warning", "code": "vanished", "message": "a.txt went away"},
        {"event": "result", "ok": True},
    )

    result, warnings, lines = run(host)

    assert result["ok"]
    assert warnings == ("vanished: a.txt went away",)
    assert lines == ["reading back: 0 % of 2 MB"]


def test_a_jobs_reason_is_kept_and_masked(host):
    error = {
        "event": "error",
        "code": "wrong_key",
        "message": f"The key {KEY} doesn't open it.",
        "hint": "Use the other.",
    }
    says(host, error, status=11)

    with pytest.raises(ArchiveFailed) as refusal:
        run(host)

    assert refusal.value.code == "wrong_key"
    assert refusal.value.message == "The key *** doesn't open it."
    assert refusal.value.hint == "Use the other."


@pytest.mark.parametrize(("status", "code"), [(137, "job_killed"), (1, "job_failed")])
def test_a_job_that_died_without_a_word(host, status, code):
    says(host, status=status)

    with pytest.raises(ArchiveFailed) as refusal:
        run(host)

    assert refusal.value.code == code


def test_lines_that_are_no_events_explain_a_failure(host):
    def run_it(argv, stdin, on_line):
        from llmchat_deploy.host.base import CommandResult  # noqa: PLC0415

        for line in ("Traceback", "{not json", f"KeyError: {KEY}"):
            on_line(line)
        return CommandResult(1, "", "")

    host.archive.run = run_it

    with pytest.raises(ArchiveFailed) as refusal:
        run(host)

    assert refusal.value.details == ("Traceback", "{not json", "KeyError: ***")
