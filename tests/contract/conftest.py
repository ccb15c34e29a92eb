"""Real servers, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.peers import S3Server, SshServer


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with SshServer(tmp_path_factory.mktemp("peers") / "ssh") as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server(tmp_path_factory.mktemp("peers") / "s3") as server:
        yield server
