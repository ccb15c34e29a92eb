"""Environments that several tests look at: starting them is what takes time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.scenario import Ran, Scenario


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    """A development environment with the bundled model, as the README's first command makes it."""
    with Scenario(tmp_path_factory.mktemp("demo"), label="demo") as scenario:
        scenario.profile(bundled=True).up()
        yield scenario


@pytest.fixture(scope="session")
def first_up(demo: Scenario) -> Ran:
    """The very first `up` of the demo environment."""
    return demo.runs[0]
