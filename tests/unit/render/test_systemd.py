"""Unit files for who prefers systemd; its own tools say whether they mean what the schedule means."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from llmchat_deploy.config.schedule import Cron, parse_schedule
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.render.systemd import Runner, systemd_units, timer_lines
from tests.unit.world import SHIPPED, an_environment

RUNNER = Runner(("/opt/our chat/python", "-m", "llmchat_deploy"), "li", "/srv/100% ours", "/var/lib/$chat")


def lines(text: str, timezone: str = "") -> list[str]:
    schedule = parse_schedule(text)
    assert not isinstance(schedule, Wrong)
    return list(timer_lines(schedule, timezone))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("30 3 * * *", ["OnCalendar=*-*-* 03:30:00"]),
        ("*/30 8-9 * * mon-fri", ["OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 08,09:00,30:00"]),
        ("0 4 1 */6 *", ["OnCalendar=*-01,07-01 04:00:00"]),
        ("5 4 1,15 * sun", ["OnCalendar=*-*-01,15 04:05:00", "OnCalendar=Sun *-*-* 04:05:00"]),
    ],
)
def test_a_cron_line_as_systemd_writes_it(text: str, written: list[str]) -> None:
    assert lines(text) == [*written, "Persistent=true"]


def test_a_time_zone_goes_along() -> None:
    assert lines("30 3 * * *", "Asia/Shanghai")[0] == "OnCalendar=*-*-* 03:30:00 Asia/Shanghai"


def test_an_interval_begins_after_the_machine_does() -> None:
    assert lines("every 6h") == ["OnBootSec=300s", "OnUnitActiveSec=21600s"]


def test_the_units_name_the_tool_the_folder_and_the_records_as_systemd_reads_them() -> None:
    schedule = parse_schedule("30 3 * * *")
    assert not isinstance(schedule, Wrong)
    units = systemd_units(an_environment(), SHIPPED, schedule, RUNNER)
    assert units.service.startswith("# /etc/systemd/system/llmchat-test-backup.service\n")
    assert 'ExecStart="/opt/our chat/python" -m llmchat_deploy backup --env test\n' in units.service
    assert "WorkingDirectory=/srv/100%% ours\n" in units.service
    assert "Environment=LLMCHAT_STATE_DIR=/var/lib/$chat\n" in units.service
    assert "[Timer]\nOnCalendar=*-*-* 03:30:00\nPersistent=true\n\n[Install]\n" in units.timer


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd-analyze")
@pytest.mark.parametrize("text", ["30 3 * * *", "*/20 8-17 * * 1-5", "0 4 29 2 *"])
def test_systemd_finds_the_same_next_time(text: str) -> None:
    cron = parse_schedule(text)
    assert isinstance(cron, Cron)
    (line, _) = lines(text, "UTC")
    base = datetime(2026, 11, 25, 14, 20, tzinfo=UTC)
    argv = (
        "systemd-analyze",
        "calendar",
        "--base-time",
        f"{base:%Y-%m-%d %H:%M:%S} UTC",
        line.removeprefix("OnCalendar="),
    )
    said = subprocess.run(argv, check=True, capture_output=True, text=True, env={"TZ": "UTC", "LC_ALL": "C"}).stdout
    found = re.search(r"(?:Next elapse|\(in UTC\)): \w+ (\d{4}-\d\d-\d\d \d\d:\d\d):00 UTC", said)
    assert found, said
    following = cron.following(base)
    assert following
    assert found[1] == f"{following:%Y-%m-%d %H:%M}"
