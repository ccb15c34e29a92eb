"""HTTPS: as strict as TLS is set up today, and a new certificate that nobody who uses the service notices."""

from __future__ import annotations

import http.client
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from llmchat_deploy.host.authority import Pair, new_authority, sign
from tests.e2e import checks, facts
from tests.e2e.browser import person
from tests.e2e.chat import Chat, connect
from tests.e2e.load import KeepAliveClients, OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

DOMAIN = "chat.example.com"
STREAMS = 5
WORDS = tuple(f"{number} " for number in range(120))
TLS = '[tls]\nmode = "own"\ncertificate = "chat.pem"\nkey = "chat.key"\nhsts_max_age = 600\n'
WEAK = ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256", "NULL", "RC4-SHA", "DES-CBC3-SHA")


@dataclass
class Secured:
    """An environment whose certificate was replaced while it was used, and what its users met."""

    scenario: Scenario
    trust: ssl.SSLContext
    user: Chat
    first: str
    second: str
    renewal: Ran
    events: list[str]
    page: KeepAliveClients
    streams: OpenStreams

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)

    def openssl(self, *options: str) -> str:
        """Return what ``openssl s_client`` says to the edge."""
        argv = ("openssl", "s_client", "-connect", f"127.0.0.1:{self.scenario.https_port}", "-servername", DOMAIN)
        done = subprocess.run((*argv, *options), input="", capture_output=True, text=True, timeout=20, check=False)
        return done.stdout + done.stderr

    def get(self, port: int, path: str, *, host: str = "", tls: bool = False) -> http.client.HTTPResponse:
        connection = connect(port, 20, self.trust if tls else None)
        connection.request("GET", path, headers={"Host": host} if host else {})
        return connection.getresponse()


def put(scenario: Scenario, made: Pair) -> str:
    """Put certificate and key where the profile names them, and return the certificate."""
    (scenario.folder / "chat.pem").write_text(made.certificate)
    key = scenario.folder / "chat.key"
    key.touch(mode=0o600)
    key.write_text(made.key.reveal())
    return made.certificate


def served(scenario: Scenario) -> str:
    return ssl.get_server_certificate(("127.0.0.1", scenario.https_port)).strip()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    ca = new_authority("A test's authority", time.time())
    trust = ssl.create_default_context(cadata=ca.certificate)
    names = (DOMAIN, "127.0.0.1")
    with (
        ModelServer(words=WORDS, delay=0.1) as server,
        Scenario(tmp_path_factory.mktemp("https"), label="https") as scenario,
    ):
        values = {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "", "SERVER_DOMAIN": DOMAIN}
        scenario.profile(TLS).env_file(**values)
        first = put(scenario, sign(ca, names, time.time()))
        scenario.up()
        assert first.startswith(served(scenario))
        user = replace(scenario.chat, port=scenario.https_port, tls=trust).register("busy")
        with (
            facts.watched(scenario.project) as events,
            KeepAliveClients(scenario.https_port, "/health/ready", count=8, tls=trust) as page,
        ):
            streams = OpenStreams(user, STREAMS).start()
            second = put(scenario, sign(ca, names, time.time()))
            renewal = scenario.up()
            streams.finish()
        yield Secured(scenario, trust, user, first, second, renewal, events, page, streams)


def test_a_new_certificate_is_served_and_nobody_was_cut_off(secured: Secured) -> None:
    sys.stdout.write(f"{secured.page.requests} requests; up took {secured.renewal.seconds:.1f} s\n")
    assert secured.second.startswith(served(secured.scenario))
    assert secured.page.requests > 50
    assert (secured.page.failures, secured.streams.errors) == ([], [])
    assert [answer.status for answer in secured.streams.answers] == ["complete"] * STREAMS
    for answer in secured.streams.answers:
        checks.is_streamed(answer)


def test_a_new_certificate_restarts_and_reloads_nothing(secured: Secured) -> None:
    ended = [event for event in secured.events if re.match(r"(stop|die|kill|restart|start)\b", event)]
    assert ended == []


def test_a_restarted_edge_serves_the_newest(secured: Secured) -> None:
    facts.container(secured.scenario.project, "edge").restart()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and secured.user.status("/health/ready") != http.client.OK:
        time.sleep(0.2)
    assert secured.second.startswith(served(secured.scenario))
    assert secured.scenario.run("plan").check().stdout.startswith("Nothing to do")


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_protocols_are_refused(secured: Secured, version: str) -> None:
    said = secured.openssl(version, "-cipher", "ALL:@SECLEVEL=0")
    assert "Cipher is (NONE)" in said, said


@pytest.mark.parametrize(("version", "protocol"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_present_protocols_are_spoken_with_forward_secrecy_and_http2(
    secured: Secured, version: str, protocol: str
) -> None:
    said = secured.openssl(version, "-alpn", "h2,http/1.1")
    assert re.search(rf"New, {protocol}, Cipher is (ECDHE-\w+-(AES|CHACHA)|TLS_(AES|CHACHA))", said), said
    assert "ALPN protocol: h2" in said
    # OpenSSL 3.5 says it in other words, and its groups for TLS 1.3 are X25519 with ML-KEM first.
    assert re.search(r"(Server Temp Key|Peer Temp Key|Negotiated TLS1\.3 group): X25519", said), said
    assert "TLS session ticket:" not in said or protocol == "TLSv1.3"
    assert "Secure Renegotiation IS supported" in said or protocol == "TLSv1.3"


@pytest.mark.parametrize("cipher", WEAK)
def test_weak_ciphers_are_refused(secured: Secured, cipher: str) -> None:
    said = secured.openssl("-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert "Cipher is (NONE)" in said or "no cipher match" in said, said


def test_the_chain_is_whole_and_for_the_name(secured: Secured, tmp_path) -> None:
    (tmp_path / "ca.pem").write_text(secured.second[secured.second.rindex("-----BEGIN") :])
    said = secured.openssl("-CAfile", str(tmp_path / "ca.pem"), "-verify_hostname", DOMAIN, "-verify_return_error")
    assert "Verification: OK" in said, said


def test_plain_http_goes_on_with_https_at_every_port(secured: Secured) -> None:
    scenario = secured.scenario
    for port in (scenario.http_port, scenario.web_port, scenario.api_port):
        answer = secured.get(port, "/auth?x=1", host=f"{DOMAIN}:{port}")
        assert answer.status == http.client.TEMPORARY_REDIRECT
        assert answer.headers["Location"] == f"https://{DOMAIN}:{scenario.https_port}/auth?x=1"
        assert answer.headers["Strict-Transport-Security"] is None
    elsewhere = secured.get(scenario.http_port, "/", host="evil.example.org").headers["Location"]
    assert elsewhere == f"https://{DOMAIN}:{scenario.https_port}/"


def test_hsts_and_secure_cookies_come_with_https(secured: Secured) -> None:
    answer = secured.get(secured.scenario.https_port, "/health/ready", tls=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=600"
    connection = connect(secured.scenario.https_port, 20, secured.trust)
    body = '{"username": "busy", "password": "correct horse battery"}'
    connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
    cookie = connection.getresponse().headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie


def test_no_key_can_be_seen_from_outside_the_volume(secured: Secured) -> None:
    key = (secured.scenario.folder / "chat.key").read_text().splitlines()[1]
    edge = facts.container(secured.scenario.project, "edge")
    assert key not in str(edge.attrs) + edge.logs().decode() + secured.renewal.output
    listed = facts.output_of(edge, "stat", "-c", "%a %u %n", "/etc/llmchat-edge/tls/tls.pem", "/etc/llmchat-edge/tls")
    assert listed.decode().splitlines() == [
        "400 10002 /etc/llmchat-edge/tls/tls.pem",
        "750 10002 /etc/llmchat-edge/tls",
    ]


def test_the_tools_own_authority_signs_in_place_of_a_certificate_of_ones_own(secured: Secured) -> None:
    scenario = secured.scenario
    own = ("--set", "tls.mode=internal")
    scenario.up(*own)
    authority = scenario.run("cert", "ca", *own).check().stdout
    trust = ssl.create_default_context(cadata=authority)
    assert replace(secured.user, tls=trust).models()
    assert "certificate" in scenario.run("health", *own).stdout


@pytest.mark.browser
def test_a_person_logs_in_over_https_and_gets_an_answer(secured: Secured) -> None:
    with person(f"https://127.0.0.1:{secured.scenario.https_port}", believes_anybody=True) as someone:
        someone.register("over-https")
        someone.page.get_by_text("Please log in").wait_for()
        someone.log_in()
        answer = someone.ask("Count")
        cookies = someone.page.context.cookies()
        someone.screenshot("https")
    assert "119" in answer
    assert len(someone.seen) > 2
    assert [(item["secure"], item["httpOnly"]) for item in cookies if item["name"] == "llmchat_session"] == [
        (True, True)
    ]
