from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmchat_deploy.errors import RefusedError
from llmchat_deploy.operations import backup_schedule
from llmchat_deploy.render.systemd import Runner
from tests.fakes import FakeHost
from tests.sidecars import put, put_state
from tests.unit.config.project import FakeProject
from tests.unit.world import SHIPPED, an_environment

DAILY = an_environment(backup__schedule="30 3 * * *", backup__timezone="Asia/Shanghai")
RUNNER = Runner(("python",), "li", "/srv/chat", "/state")


def ago(host: FakeHost, span: timedelta) -> str:
    return (datetime.fromtimestamp(host.now(), UTC) - span).isoformat(timespec="seconds")


def test_it_shows_when_backups_are_made_and_how_it_went() -> None:
    host = FakeHost()
    put(host, 1, timedelta(hours=3))
    soon, last, failed = (ago(host, timedelta(hours=hours)) for hours in (-21, 3, 27))
    put_state(
        host,
        next_run=soon,
        last_run={"at": last, "ok": True, "error": None},
        last_failure={"at": failed, "code": "no_space", "message": "The disk is full."},
    )
    data = backup_schedule.show(DAILY, host).data
    assert (data.schedule, data.timezone, data.next_run) == ("30 3 * * *", "Asia/Shanghai", soon)
    assert (data.last_run, data.last_ok) == (last, True)
    assert (data.last_failure, data.last_failure_at) == ("The disk is full.", failed)


def test_a_run_that_is_not_over_is_no_failure() -> None:
    host = FakeHost()
    put_state(host, last_run={"at": ago(host, timedelta()), "ok": False, "error": "interrupted"})
    assert backup_schedule.show(DAILY, host).data.last_ok is None


def test_it_says_what_a_schedule_by_itself_leaves_to_do() -> None:
    steps = "\n".join(backup_schedule.show(DAILY, FakeHost()).data.next_steps)
    assert "backup key create" in steps
    assert "[backup.remotes.NAME]" in steps
    assert "BACKUP_PING_URL" in steps
    (step,) = backup_schedule.show(an_environment(), FakeHost()).data.next_steps
    assert "backup schedule --cron" in step


def test_the_env_file_keeps_everything_else() -> None:
    project = FakeProject(env={"production": "# ours\nSECRET_KEY=x\nBACKUP_SCHEDULE='every 1h'\nPORT=8000\n"})
    source = backup_schedule.with_schedule("production", project, "30 3 * * *").env_file("production")
    assert source
    assert source.text == "# ours\nSECRET_KEY=x\nBACKUP_SCHEDULE='30 3 * * *'\nPORT=8000\n"


def test_units_warn_where_the_container_does_the_work_already() -> None:
    (warning,) = backup_schedule.units(DAILY, SHIPPED, RUNNER, before="every 6h").warnings
    assert "llmchat-test-backup makes backups already (every 6h)" in warning
    assert backup_schedule.units(DAILY, SHIPPED, RUNNER, before="").warnings == ()


def test_there_is_no_timer_without_a_schedule() -> None:
    with pytest.raises(RefusedError, match="no schedule"):
        backup_schedule.units(an_environment(), SHIPPED, RUNNER, before="")
