"""A pytest plugin that writes down which tests fail, one id a line; it goes into the trees of past releases."""

from __future__ import annotations

import pytest

FILE = "failed-tests"
_failed: dict[str, None] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed[report.nodeid] = None


def pytest_sessionfinish(session: pytest.Session) -> None:
    (session.config.rootpath / FILE).write_text("".join(f"{name}\n" for name in _failed))
