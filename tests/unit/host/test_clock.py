from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.host.clock import machine_timezone


@pytest.mark.parametrize(
    ("link", "record", "expected"),
    [
        ("/usr/share/zoneinfo/Asia/Shanghai", None, "Asia/Shanghai"),
        ("../usr/share/zoneinfo/Etc/UTC", "Europe/Berlin\n", "Etc/UTC"),
        (None, "Europe/Berlin\n", "Europe/Berlin"),
        ("/somewhere/else", "Europe/Berlin\n", "Europe/Berlin"),
        (None, None, "UTC"),
        (None, "Mars/Base\n", "UTC"),
        ("/usr/share/zoneinfo/../../etc/passwd", None, "UTC"),
    ],
)
def test_the_machines_time_zone_has_its_iana_name(
    tmp_path: Path, link: str | None, record: str | None, expected: str
) -> None:
    localtime, timezone = tmp_path / "localtime", tmp_path / "timezone"
    if link:
        localtime.symlink_to(link)
    if record:
        timezone.write_text(record)
    assert machine_timezone(localtime, timezone) == expected
