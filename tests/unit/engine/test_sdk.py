"""The SDK against an engine of our own on a socket: old, new, broken, and gone in the middle."""

from __future__ import annotations

import contextlib
import http.server
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmchat_deploy.engine.base import Container
from llmchat_deploy.engine.sdk import SdkEngine
from llmchat_deploy.errors import DockerTooOld, DockerUnavailable, StepFailed

Answers = dict[str, Callable[[], tuple[int, object]]]


class Daemon(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers by the end of a request's path; a path that it doesn't know drops the connection."""

    daemon_threads = True
    answers: Answers

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("", 0)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        answer = next((answer for end, answer in self.server.answers.items() if path.endswith(end)), None)  # type: ignore[attr-defined]
        if answer is None:
            self.close_connection = True
            return
        status, value = answer()
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, *args: object) -> None:
        pass


def version(number: str) -> Answers:
    return {"/version": lambda: (200, {"Version": number, "ApiVersion": "1.41", "MinAPIVersion": "1.12"})}


@contextlib.contextmanager
def daemon(folder: Path, monkeypatch: pytest.MonkeyPatch, answers: Answers) -> Iterator[SdkEngine]:
    path = folder / "docker.sock"
    with Daemon(str(path), Handler) as server:
        server.answers = answers
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        try:
            yield SdkEngine.connect()
        finally:
            server.shutdown()


@pytest.mark.parametrize("number", ["20.10.24+dfsg1", "26.1.5+dfsg1", "29.0.0-rc.1", "27.3"])
def test_engines_that_are_new_enough(number, tmp_path, monkeypatch):
    with daemon(tmp_path, monkeypatch, version(number)):
        pass


@pytest.mark.parametrize("number", ["19.03.15", "20.9.0", "1.13.1"])
def test_engines_that_are_too_old_are_named(number, tmp_path, monkeypatch):
    with (
        pytest.raises(DockerTooOld, match=rf"The Docker engine is {number}; at least 20\.10 is needed"),
        daemon(tmp_path, monkeypatch, version(number)),
    ):
        pass


def test_no_engine_at_the_address(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")

    with pytest.raises(DockerUnavailable, match=r"No Docker engine answers at DOCKER_HOST=unix://.*nothing\.sock"):
        SdkEngine.connect()


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.containers("p"),
        lambda engine: engine.volumes("p"),
        lambda engine: engine.networks("p"),
        lambda engine: engine.images(("a:b",)),
        lambda engine: engine.published_ports(),
        lambda engine: engine.inspect("x"),
        lambda engine: engine.read_folder("x", "/y"),
        lambda engine: engine.logs("x", tail=3),
        lambda engine: engine.usage("x"),
        lambda engine: engine.data_root(),
        lambda engine: engine.pull("a:b", print),
        lambda engine: engine.create_network("n", "p"),
        lambda engine: engine.create_volume("v", "p", "data"),
        lambda engine: engine.put_files("v", "i", "edge", ()),
        lambda engine: engine.run_once(("true",), image="i", volumes={"v": "/v"}),
        lambda engine: engine.exec("x", ("true",)),
        lambda engine: engine.signal("x", "HUP"),
        lambda engine: engine.restart("x", timeout=1),
        lambda engine: engine.remove_container("x", timeout=1),
        lambda engine: engine.remove_volume("v"),
        lambda engine: engine.remove_network("n"),
    ],
)
def test_whatever_is_asked_of_a_daemon_that_went_away_the_answer_is_that_it_did(ask, tmp_path, monkeypatch):
    with daemon(tmp_path, monkeypatch, version("26.1.5")) as engine, pytest.raises(DockerUnavailable) as error:
        ask(engine)

    assert error.value.exit_code == 4
    assert "run the same command again" in error.value.hint


def test_following_logs_of_a_daemon_that_went_away(tmp_path, monkeypatch):
    box = Container(name="x", project="p", service="edge", slot="", image="i", digest="d", state="running")
    with daemon(tmp_path, monkeypatch, version("26.1.5")) as engine, pytest.raises(DockerUnavailable):
        list(engine.follow((box,), follow=False, tail=None))


def test_a_registry_that_cannot_be_asked_is_of_no_use(tmp_path, monkeypatch):
    with daemon(tmp_path, monkeypatch, version("26.1.5")) as engine:
        assert engine.registry_has("debian:13-slim", timeout=1.0) is False


def test_what_the_daemon_refuses_is_said_in_its_words(tmp_path, monkeypatch):
    refusal: Answers = {"/volumes/create": lambda: (500, {"message": "bad label"}), **version("26.1.5")}

    with daemon(tmp_path, monkeypatch, refusal) as engine, pytest.raises(StepFailed, match="bad label"):
        engine.create_volume("v", "p", "data")


def test_what_is_gone_already_is_no_failure(tmp_path, monkeypatch):
    gone: Answers = {
        "/containers/json": lambda: (200, []),
        "/version": version("26.1.5")["/version"],
        "": lambda: (404, {"message": "no such thing"}),
    }

    with daemon(tmp_path, monkeypatch, gone) as engine:
        engine.remove_container("x", timeout=1)
        engine.remove_volume("v")
        engine.remove_network("n")
        assert engine.inspect("x") is None
        assert engine.read_folder("x", "/y") == {}
        assert engine.usage("x") is None
        assert engine.logs("x", tail=1) == ""
        assert engine.exec("x", ("true",)).status == 137


def test_only_tags_that_were_asked_for_are_there(tmp_path, monkeypatch):
    have: Answers = {
        "/images/json": lambda: (
            200,
            [{"Id": "sha256:1", "RepoTags": ["a:1", "a:2"]}, {"Id": "sha256:2", "RepoTags": None}],
        ),
        **version("26.1.5"),
    }

    with daemon(tmp_path, monkeypatch, have) as engine:
        assert engine.images(("a:1", "b:1")) == {"a:1"}
        assert engine.image_ids(("a:1", "b:1")) == {"a:1": "sha256:1"}
