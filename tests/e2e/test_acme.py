"""HTTPS with certificates of an authority: a refusal is no outage, and nobody notices an issue or a renewal."""

from __future__ import annotations

import http.client
import re
import shutil
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.e2e import checks, facts
from tests.e2e.authority import NameServer, Pebble
from tests.e2e.chat import Chat
from tests.e2e.load import KeepAliveClients, OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario
from tests.e2e.test_scheduled_backups import bridge

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

DOMAIN = "chat.example.com"
STREAMS = 5
WORDS = tuple(f"{number} " for number in range(200))


@dataclass
class Issued:
    """An environment that is refused a certificate, then gets one, then another, while it is used."""

    scenario: Scenario
    user: Chat
    refused: Ran
    before: str
    certificates: list[str]
    events: list[str]
    page: KeepAliveClients
    streams: OpenStreams

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


def issuer_of(scenario: Scenario) -> str:
    return str(scenario.run("cert", "show", "--json").check().data["certificate"]["issuer"])


def served(scenario: Scenario) -> str:
    return ssl.get_server_certificate(("127.0.0.1", scenario.https_port)).strip()


def trusting_anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    folder = tmp_path_factory.mktemp("acme")
    with (
        ModelServer(words=WORDS, delay=0.1) as server,
        Scenario(folder / "project", label="acme") as scenario,
        NameServer(folder / "names") as names,
        Pebble(folder / "pebble", bridge(), names, http_port=scenario.http_port) as authority,
    ):
        shutil.copy(authority.certificate, scenario.folder / "pebble.pem")
        values = {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "", "SERVER_DOMAIN": DOMAIN}
        settings = '[tls]\nmode = "acme"\nca_bundle = "pebble.pem"\n'
        nobody = authority.directory.replace("/dir", "/not-there")
        scenario.profile(f'{settings}directory = "{nobody}"\n').env_file(**values)
        refused = scenario.up()
        before = issuer_of(scenario)
        scenario.profile(f'{settings}directory = "{authority.directory}"\n')
        user = replace(scenario.chat, port=scenario.https_port, tls=trusting_anybody()).register("busy")
        with (
            facts.watched(scenario.project) as events,
            KeepAliveClients(scenario.https_port, "/health/ready", count=8, tls=trusting_anybody()) as page,
        ):
            streams = OpenStreams(user, STREAMS).start()
            scenario.up()
            certificates = [served(scenario)]
            scenario.run("cert", "renew").check()
            certificates.append(served(scenario))
            streams.finish()
        yield Issued(scenario, user, refused, before, certificates, events, page, streams)


def test_a_refusal_is_a_warning_and_https_is_there_meanwhile(issued: Issued) -> None:
    assert "certificate_not_issued" in issued.refused.stderr
    assert issued.before == f"CN=LLM Chat {issued.scenario.project}"


def test_the_authoritys_certificate_is_served_and_its_renewal_too(issued: Issued) -> None:
    first, second = issued.certificates
    assert first != second
    assert "Pebble" in issuer_of(issued.scenario)


def test_nobody_is_cut_off_by_an_issue_or_a_renewal(issued: Issued) -> None:
    sys.stdout.write(f"{issued.page.requests} requests\n")
    assert issued.page.requests > 50
    assert (issued.page.failures, issued.streams.errors) == ([], [])
    assert [answer.status for answer in issued.streams.answers] == ["complete"] * STREAMS
    for answer in issued.streams.answers:
        checks.is_streamed(answer)
    touched = {event for event in issued.events if re.match(r"(stop|die|kill|restart|start)\b", event)}
    assert {event.split()[1] for event in touched} <= {"acme"}


def test_a_restarted_edge_serves_the_newest_and_up_has_nothing_to_do(issued: Issued) -> None:
    facts.container(issued.scenario.project, "edge").restart()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and issued.user.status("/health/ready") != http.client.OK:
        time.sleep(0.2)
    assert served(issued.scenario) == issued.certificates[-1]
    assert issued.scenario.run("plan").check().stdout.startswith("Nothing to do")
