"""A real nginx in front, by the configuration that the tool writes: https, log-ins, streams, who is calling."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.chat import PASSWORD, Chat
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario, free_port

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

NGINX = "/usr/sbin/nginx"
WORDS = tuple(f"{number} " for number in range(8))
DELAY = 0.4


@dataclass(frozen=True)
class SecureChat(Chat):
    """The same client by https; whose certificate it is doesn't matter here."""

    def _connection(self) -> http.client.HTTPConnection:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=self.timeout, context=context)


@dataclass
class Behind:
    """An environment behind an nginx, which listens on ``port``."""

    scenario: Scenario
    port: int
    site: Path
    """What the tool wrote."""
    pid: int

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)

    @contextmanager
    def changed(self, line: str, to: str) -> Iterator[None]:
        """Have the nginx go by another configuration for a while."""
        written = self.site.read_text()
        assert line in written
        self._load(written.replace(line, to))
        try:
            yield
        finally:
            self._load(written)

    def _load(self, text: str) -> None:
        self.site.write_text(text)
        before = self._workers()
        os.kill(self.pid, signal.SIGHUP)
        deadline = time.monotonic() + 60
        while self._workers() & before and time.monotonic() < deadline:
            time.sleep(0.1)

    def _workers(self) -> set[str]:
        return set(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split())

    def streaming(self) -> tuple[int, str, str]:
        """Return health's exit code, and what it says of streams: level and detail."""
        ran = self.scenario.run("health", "--json")
        (found,) = (check for check in ran.data["checks"] if check["name"] == "streaming")
        return ran.exit_code, found["level"], found["detail"]

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def chat(self) -> SecureChat:
        return SecureChat(self.port, headers={"Origin": self.origin})


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("nginx")
    with ModelServer(words=WORDS, delay=DELAY) as server, Scenario(folder, label="nginx") as scenario:
        port = free_port()
        scenario.profile().env_file(
            LLM_API_URL=server.url,
            LLM_MODEL="counter",
            LLM_API_KEY="a-key",
            PUBLIC_URL=f"https://127.0.0.1:{port}",
            TRUSTED_PROXIES="127.0.0.1",
        ).up()
        with nginx(scenario, folder) as pid:
            yield Behind(scenario, port, folder / "chat.conf", pid)


@contextmanager
def nginx(scenario: Scenario, folder: Path) -> Iterator[int]:
    """Run an nginx with just what the tool wrote, until it isn't needed any more."""
    chain, key, site, whole = (folder / name for name in ("chain.pem", "key.pem", "chat.conf", "nginx.conf"))
    request = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    )
    subprocess.run((*request, "-subj", "/CN=chat", "-keyout", key, "-out", chain), check=True, capture_output=True)
    scenario.run("proxy", "nginx", "--out", str(site), "--certificate", str(chain), "--key", str(key)).check()
    temporary = "".join(
        f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    # gzip and an error log as a distribution has them: what the tool writes must hold its own against them.
    http_block = f"http {{ {temporary} gzip on; gzip_proxied any; gzip_types *; access_log off; include {site}; }}"
    whole.write_text(f"{user}daemon off;\nerror_log stderr;\npid {folder}/pid;\nevents {{}}\n{http_block}\n")
    argv = (NGINX, "-p", str(folder), "-c", str(whole))
    subprocess.run((*argv, "-t"), check=True, capture_output=True)
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while SecureChat(int(scenario_port(site))).status("/auth") != http.client.OK and time.monotonic() < deadline:
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)


def scenario_port(site: Path) -> str:
    """Return the port that the written configuration listens on."""
    line = next(line for line in site.read_text().splitlines() if "listen" in line)
    return line.split()[1].rstrip(";")


def test_a_browser_logs_in_by_https_and_gets_a_secure_cookie(behind: Behind) -> None:
    behind.chat.register("secure")
    connection = behind.chat._connection()
    body = json.dumps({"username": "secure", "password": PASSWORD})
    connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json", "Origin": behind.origin})
    response = connection.getresponse()
    cookie = response.getheader("Set-Cookie") or ""
    connection.close()

    assert (response.status, "Secure" in cookie, "HttpOnly" in cookie) == (200, True, True)


def test_an_answer_comes_word_by_word(behind: Behind) -> None:
    user = behind.chat.register("reader")
    begun = time.monotonic()

    events = [event for event in user.stream("Count") if event.name in {"token", "done"}]

    came = [event.at for event in events if event.name == "token"]
    assert "".join(event.data["text"] for event in events if event.name == "token") == "".join(WORDS)
    assert events[-1].data["status"] == "complete"
    assert came[-1] - came[0] > DELAY * (len(WORDS) - 2), "the words came together: something buffers"
    assert came[0] - begun < came[-1] - begun


def test_another_site_is_refused_as_it_is_without_a_proxy(behind: Behind) -> None:
    stranger = SecureChat(behind.port, headers={"Origin": "https://elsewhere.example"})

    status, _ = stranger.send("POST", "/api/auth/login", b'{"username": "secure", "password": "x"}')

    assert status == 403


def test_an_upload_of_the_largest_size_passes(behind: Behind) -> None:
    user = behind.chat.register("uploader")
    content = b"\x89PNG\r\n\x1a\n".ljust(20 * 1024 * 1024, b"\0")

    assert user.download(user.upload("photo.png", content)) == content


def test_nobody_gets_around_the_proxy(behind: Behind) -> None:
    listening = subprocess.run(("ss", "-ltnH"), check=True, capture_output=True, text=True).stdout

    for port in (behind.scenario.web_port, behind.scenario.api_port):
        assert f"127.0.0.1:{port}" in listening
        assert f"0.0.0.0:{port}" not in listening


def test_health_sees_that_answers_flow_through_what_the_tool_wrote(behind: Behind) -> None:
    assert behind.streaming() == (0, "ok", f"{behind.origin} passes answers on as they come")


def test_health_sees_an_nginx_that_gathers_answers(behind: Behind) -> None:
    """The service asks not to be buffered; many configurations that are handed around say not to listen to that."""
    with behind.changed("proxy_buffering off;", "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"):
        user = behind.chat.register("waiting")
        came = [event.at for event in user.stream("Count") if event.name == "token"]
        code, level, detail = behind.streaming()

    assert came[-1] - came[0] < DELAY, "this nginx buffers nothing: the test shows nothing"
    assert (code, level) == (0, "warning")
    assert "a proxy in front gathers them" in detail


def test_a_plain_nginx_that_heeds_the_service_is_not_blamed(behind: Behind) -> None:
    with behind.changed("proxy_buffering off;", "proxy_buffering on;"), behind.changed("gzip off;", "gzip on;"):
        user = behind.chat.register("plain")
        came = [event.at for event in user.stream("Count") if event.name == "token"]
        found = behind.streaming()

    assert came[-1] - came[0] > DELAY * (len(WORDS) - 2)
    assert found[1] == "ok"


def test_health_sees_an_nginx_that_passes_nothing_on(behind: Behind) -> None:
    with behind.changed("proxy_pass ", "return 502; proxy_pass "):
        code, level, detail = behind.streaming()

    assert (code, level) == (0, "warning")
    assert detail.startswith(f"{behind.origin} answers 502")
