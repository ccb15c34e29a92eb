from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from llmchat_deploy.engine.address import engine_address
from llmchat_deploy.errors import DockerElsewhere, DockerUnavailable


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the contexts ``far`` and ``rootless``, neither of them chosen."""
    for name, address in {"far": "ssh://root@10.0.0.7", "rootless": "unix:///run/user/1000/docker.sock"}.items():
        folder = tmp_path / ".docker" / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        folder.mkdir(parents=True)
        meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": address, "SkipTLSVerify": False}}}
        (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return tmp_path


def choose(home: Path, name: str) -> None:
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}), encoding="utf-8")


@pytest.mark.parametrize("address", ["unix:///run/docker.sock", "tcp://127.0.0.1:2375", "tcp://[::1]:2375"])
def test_an_engine_of_this_machine_is_used_as_asked(home: Path, address: str) -> None:
    choose(home, "far")  # DOCKER_HOST is stronger
    assert engine_address({"DOCKER_HOST": address}, home) == address


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.7:2375",
        "ssh://root@far.example.com",
        "https://far.example.com",
        "http://far:2375",
        "far:2375",
        "npipe:////./pipe/x",
    ],
)
def test_another_machines_is_refused_with_what_to_do(home: Path, address: str) -> None:
    with pytest.raises(DockerElsewhere, match="is an engine on another machine") as caught:
        engine_address({"DOCKER_HOST": address}, home)
    assert caught.value.exit_code == 4
    assert "unset DOCKER_HOST" in caught.value.hint


@pytest.mark.parametrize(
    "address",
    ["garbage", "localhost", "/run/docker.sock", "unix:/run/docker.sock", "tcp://", "tcp://far:port", "ftp://far", "["],
)
def test_what_is_no_address_is_said_to_be_none(home: Path, address: str) -> None:
    with pytest.raises(DockerUnavailable) as caught:
        engine_address({"DOCKER_HOST": address}, home)
    assert caught.value.message == f"DOCKER_HOST={address} is no address of an engine."
    assert caught.value.hint.startswith("This machine's own: unset DOCKER_HOST, or write unix:///")


def test_a_socket_without_its_scheme_gets_one(home: Path) -> None:
    with pytest.raises(DockerUnavailable) as caught:
        engine_address({"DOCKER_HOST": "/run/user/1000/docker.sock"}, home)
    assert caught.value.hint.endswith("write unix:///run/user/1000/docker.sock")


def test_without_a_choice_the_default_one_is_used(home: Path) -> None:
    assert engine_address({}, home) == ""
    choose(home, "default")
    assert engine_address({}, home) == ""


def test_a_context_on_another_machine_is_refused(home: Path) -> None:
    choose(home, "far")
    with pytest.raises(DockerElsewhere, match=r"Docker's context 'far' \(ssh://10\.0\.0\.7\)") as caught:
        engine_address({}, home)
    assert "docker context use default" in caught.value.hint
    with pytest.raises(DockerElsewhere) as caught:
        engine_address({"DOCKER_CONTEXT": "far"}, home)
    assert "unset DOCKER_CONTEXT" in caught.value.hint


def test_a_context_on_this_machine_is_used_as_docker_does(home: Path) -> None:
    assert engine_address({"DOCKER_CONTEXT": "rootless"}, home) == "unix:///run/user/1000/docker.sock"
    assert engine_address({"DOCKER_CONTEXT": "rootless", "DOCKER_CONFIG": str(home / ".docker")}, Path("/x")) != ""


def test_a_context_that_is_gone_is_named(home: Path) -> None:
    choose(home, "gone")
    with pytest.raises(DockerUnavailable, match="'gone' can't be read"):
        engine_address({}, home)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"currentContext": null}'])
def test_a_config_that_says_nothing_chooses_nothing(home: Path, text: str) -> None:
    (home / ".docker" / "config.json").write_text(text, encoding="utf-8")
    assert engine_address({}, home) == ""
