"""From the SDK's words to ours, on answers recorded from engines 20.10.24 and 26.1.5."""

from __future__ import annotations

import docker.errors
import pytest
import requests
import urllib3.exceptions

from llmchat_deploy.engine.base import Container, PublishedPort
from llmchat_deploy.engine.translate import connect_error, container_from, published_from, translated
from llmchat_deploy.errors import DeployError, DiskFull, DockerUnavailable, LockHeld, StepFailed

INSPECTED = {
    "Id": "f0c5",
    "Name": "/llmchat-production-backend-a",
    "RestartCount": 2,
    "State": {
        "Status": "running", "Running": True, "ExitCode": 0, "StartedAt": "2026-11-23T08:31:02.123456789Z",
        "Health": {"Status": "healthy", "FailingStreak": 0, "Log": []},
    },
    "Config": {
        "Image": "llmchat/backend:0676faf6c4214657",
        "Labels": {
            "com.docker.compose.project": "llmchat-production-backend-a", "llmchat.digest": "d1", "llmchat.slot": "a",
            "llmchat.project": "llmchat-production", "llmchat.service": "backend",
        },
        "Healthcheck": {"Test": ["CMD", "llmchat-backend", "health"], "Interval": 15000000000},
    },
}  # fmt: skip


def test_a_container():
    assert container_from(INSPECTED) == Container(
        name="llmchat-production-backend-a", project="llmchat-production", service="backend", slot="a",
        image="llmchat/backend:0676faf6c4214657", digest="d1", state="running", health="healthy", restarts=2,
        started_at="2026-11-23T08:31:02.123456789Z", exit_code=0, health_command=("CMD", "llmchat-backend", "health"),
    )  # fmt: skip


def test_a_container_of_somebody_else_that_says_little():
    said = {"Name": "/x", "State": {"Status": "created"}, "Config": {"Image": "i", "Labels": None, "Healthcheck": None}}

    container = container_from(said)

    assert (container.project, container.service, container.health, container.health_command) == ("", "", "", ())
    assert not container.runs


@pytest.mark.parametrize("state", ["exited", "restarting", "running"])
def test_one_that_was_killed_at_its_memory_limit_still_says_so_while_it_starts_again(state):
    said = {**INSPECTED, "State": {"Status": state, "OOMKilled": True, "ExitCode": 137}}

    assert container_from(said).out_of_memory
    assert not container_from(INSPECTED).out_of_memory


@pytest.mark.parametrize(
    ("state", "health", "runs"),
    [
        ("running", "healthy", True),
        ("running", "starting", True),
        ("running", "", True),
        ("running", "unhealthy", False),
        ("exited", "", False),
        ("restarting", "healthy", False),
        ("paused", "healthy", False),
    ],
)
def test_what_counts_as_running(state, health, runs):
    said = {**INSPECTED, "State": {"Status": state, **({"Health": {"Status": health}} if health else {})}}

    assert container_from(said).runs is runs


def test_published_ports():
    said = {
        "Names": ["/grafana"], "Labels": {"llmchat.project": "p"},
        "Ports": [
            {"IP": "0.0.0.0", "PrivatePort": 3000, "PublicPort": 3000, "Type": "tcp"},  # noqa: S104
            {"IP": "::", "PrivatePort": 3000, "PublicPort": 3000, "Type": "tcp"},
            {"PrivatePort": 9090, "Type": "tcp"},
            {"IP": "0.0.0.0", "PrivatePort": 3001, "PublicPort": 3001, "Type": "udp"},  # noqa: S104
        ],
    }  # fmt: skip

    ports = tuple(published_from(said))

    assert ports == (
        PublishedPort("0.0.0.0", 3000, "grafana", "p"),  # noqa: S104
        PublishedPort("::", 3000, "grafana", "p"),
    )
    assert tuple(published_from({"Names": None, "Ports": None, "Labels": None})) == ()


def api_error(explanation: str, status: int) -> docker.errors.APIError:
    response = requests.Response()
    response.status_code = status
    return docker.errors.APIError("raw", response=response, explanation=explanation)


@pytest.mark.parametrize(
    ("raised", "expected", "message"),
    [
        (api_error("volume is in use - [f0c5]", 409), StepFailed, "Docker can't do it: volume is in use - [f0c5]"),
        (api_error("write /x: no space left on device", 500), DiskFull, "Docker can't do it: the disk is full."),
        (requests.exceptions.ConnectionError("refused"), DockerUnavailable, "stopped answering (while asked to do it)"),
        (requests.exceptions.ReadTimeout("60 s"), DockerUnavailable, "stopped answering"),
        (requests.exceptions.ChunkedEncodingError("cut"), DockerUnavailable, "stopped answering"),
        (urllib3.exceptions.ProtocolError("Connection broken"), DockerUnavailable, "stopped answering"),
        (ConnectionResetError(104, "reset"), DockerUnavailable, "stopped answering"),
        (BrokenPipeError(32, "pipe"), DockerUnavailable, "stopped answering"),
        (docker.errors.DockerException("odd"), DockerUnavailable, "stopped answering"),
        (LockHeld("ours"), LockHeld, "ours"),
    ],
)
def test_errors(raised, expected, message):
    with pytest.raises(DeployError) as error, translated("do it"):
        raise raised

    assert type(error.value) is expected
    assert message in error.value.message
    if expected is DockerUnavailable:
        assert error.value.exit_code == 4
        assert "run the same command again" in error.value.hint


def test_a_bug_stays_a_bug():
    with pytest.raises(ZeroDivisionError), translated("do it"):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("text", "address", "message"),
    [
        ("('Connection aborted.', PermissionError(13, 'Permission denied'))", "", "may not use the Docker engine"),
        ("refused", "tcp://10.0.0.7:2375", "No Docker engine answers at DOCKER_HOST=tcp://10.0.0.7:2375"),
        ("ConnectionRefusedError(111, 'refused')", "", "The Docker engine doesn't answer"),
    ],
)
def test_why_no_engine_answers(text, address, message, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", address)
    monkeypatch.setattr("llmchat_deploy.engine.translate.DEFAULT_SOCKET", "/")

    error = connect_error(docker.errors.DockerException(text))

    assert message in error.message
    assert error.hint


def test_no_engine_was_ever_there(monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr("llmchat_deploy.engine.translate.DEFAULT_SOCKET", "/no/such/docker.sock")

    error = connect_error(docker.errors.DockerException("FileNotFoundError(2, 'No such file or directory')"))

    assert error.message == "No Docker engine runs on this machine."
