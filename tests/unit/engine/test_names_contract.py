"""Volumes and networks that have only a name of ours: what the fake and the real engine say must be the same."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from llmchat_deploy.engine.base import Engine, Network, Volume
from llmchat_deploy.engine.sdk import SdkEngine
from tests.fake_engine import FakeEngine


@dataclass(frozen=True)
class By:
    """An engine, and the hand of somebody who makes things on it without our labels."""

    engine: Engine
    project: str

    def make_volume(self, name: str) -> None:
        if isinstance(self.engine, FakeEngine):
            self.engine.volume_projects[name] = ("", "")
        else:
            docker("volume", "create", name)

    def make_network(self, name: str) -> None:
        if isinstance(self.engine, FakeEngine):
            self.engine.network_projects[name] = ""
        else:
            docker("network", "create", name)


def docker(*argv: str) -> None:
    subprocess.run(["docker", *argv], check=True, capture_output=True)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.docker)])
def by(request: pytest.FixtureRequest) -> Iterator[By]:
    engine: Engine = FakeEngine() if request.param == "fake" else SdkEngine.connect()
    it = By(engine, f"llmchat-test-names-{uuid4().hex[:6]}")
    try:
        yield it
    finally:
        for project in (it.project, f"{it.project}2"):
            for volume in engine.volumes(project):
                engine.remove_volume(volume.name)
            for network in engine.networks(project):
                engine.remove_network(network.name)


def test_what_was_made_by_hand_under_a_name_of_ours_is_seen_and_told_apart(by):
    project = by.project
    by.engine.create_volume(f"{project}_backend-db", project, "data")
    by.engine.create_volume(f"{project}_other", project, "data")
    for name in ("slots", "edge", "scratch", "backend-db-g2", "keys-0123456789ab"):
        by.make_volume(f"{project}_{name}")
    by.make_network(project)

    assert by.engine.volumes(project) == (
        Volume(f"{project}_backend-db", "data"),
        Volume(f"{project}_backend-db-g2", "data", ours=False),
        Volume(f"{project}_edge", "edge", ours=False),
        Volume(f"{project}_keys-0123456789ab", "secrets", ours=False),
        Volume(f"{project}_other", "data"),
        Volume(f"{project}_scratch", "scratch", ours=False),
        Volume(f"{project}_slots", "slots", ours=False),
    )
    assert by.engine.networks(project) == (Network(project, ours=False),)


def test_names_that_only_look_alike_are_nobody_s_business(by):
    project = by.project
    by.engine.create_volume(f"{project}2_backend-db", f"{project}2", "data")
    by.engine.create_network(f"{project}2", f"{project}2")

    assert by.engine.volumes(project) == ()
    assert by.engine.networks(project) == ()
    assert by.engine.networks(f"{project}2") == (Network(f"{project}2"),)


def test_making_what_is_there_changes_nothing_about_whose_it_is(by):
    name = f"{by.project}_backend-db"
    by.make_volume(name)
    by.make_network(by.project)

    by.engine.create_volume(name, by.project, "data")
    by.engine.create_network(by.project, by.project)

    assert by.engine.volumes(by.project) == (Volume(name, "data", ours=False),)
    assert by.engine.networks(by.project) == (Network(by.project, ours=False),)
