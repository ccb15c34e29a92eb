"""Who holds a port, where one holder is a real published port and the other a process of this machine."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest

from llmchat_deploy.apply.observe import observe
from llmchat_deploy.engine.sdk import SdkEngine
from llmchat_deploy.host.local import LocalHost
from tests.unit.images import image
from tests.unit.world import SHIPPED, an_environment, release_of

pytestmark = pytest.mark.docker


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def published() -> Iterator[tuple[str, int]]:
    """A container that stands for the edge of a project, and its port on 127.0.0.1."""
    project, port = f"llmchat-test-ports-{uuid4().hex[:6]}", free_port()
    argv = ["docker", "run", "--detach", "--init", "--name", project, "--label", f"llmchat.project={project}"]
    argv += ["--publish", f"127.0.0.1:{port}:3000", "--publish", f"127.0.0.1:{port}:3000/udp"]
    subprocess.run([*argv, "--entrypoint", "sleep", image("edge"), "600"], check=True, capture_output=True)
    try:
        yield project, port
    finally:
        subprocess.run(["docker", "rm", "--force", project], check=True, capture_output=True)


def holders(project: str, port: int, bind: str, tmp_path) -> list[str]:
    environment = an_environment(
        project=project, server__bind=bind, server__web_port=port, server__api_port=free_port()
    )
    host = LocalHost(tmp_path, project, state_root=tmp_path)
    found = observe(environment, release_of(environment, SHIPPED), host, SdkEngine.connect())
    return [item.holder for item in found.conflicts]


def test_an_edge_that_moves_to_all_addresses_meets_who_is_on_another(published, tmp_path):
    everywhere = "0.0.0.0"  # noqa: S104 - nothing listens: it is looked at only
    assert holders(*published, everywhere, tmp_path) == []
    assert holders(*published, "127.0.0.1", tmp_path) == []

    with socket.create_server(("127.0.0.2", published[1])):
        (holder,) = holders(*published, everywhere, tmp_path)
        assert "process" in holder
        assert holders(*published, "127.0.0.1", tmp_path) == []
        assert holders(*published, "127.0.0.3", tmp_path) == []


def test_a_port_published_for_datagrams_only_is_free(published, tmp_path):
    other = f"{published[0]}-other"
    port = free_port()
    argv = ["docker", "run", "--detach", "--rm", "--init", "--name", other, "--publish", f"127.0.0.1:{port}:3000/udp"]
    subprocess.run([*argv, "--entrypoint", "sleep", image("edge"), "600"], check=True, capture_output=True)
    try:
        assert holders(published[0], port, "127.0.0.1", tmp_path) == []
    finally:
        subprocess.run(["docker", "rm", "--force", other], check=True, capture_output=True)
