"""Fixtures that every kind of test may use, and what is kept of a test that fails."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.e2e.model_server import ModelServer
    from tests.e2e.scenario import Scenario


def pytest_configure() -> None:
    """Take Ctrl-C as a terminal gives it: what runs in the background is started with the signal ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep logs, outputs and a screenshot of whatever a failing test was using."""
    outcome: Any = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for value in list(getattr(item, "funcargs", {}).values()):
        if hasattr(value, "save_artifacts"):
            value.save_artifacts(item.name)


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    """An environment of the test's own; everything it made is removed afterwards."""
    from tests.e2e.scenario import Scenario  # noqa: PLC0415 - brings Docker's SDK, which unit tests do without

    with Scenario(tmp_path) as scenario:
        yield scenario


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    """A model server on this machine's loopback address."""
    from tests.e2e.model_server import ModelServer  # noqa: PLC0415 - unit tests do without

    with ModelServer() as server:
        yield server
