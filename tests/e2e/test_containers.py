"""How the containers are made: what they may do, and what a person can learn about them."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from contextlib import closing

import pytest

from tests.e2e import checks, facts
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

SERVICES = ("backend", "edge", "frontend", "model")


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_is_granted_nothing_it_could_do_without(demo: Scenario, service: str) -> None:
    checks.is_hardened(facts.container(demo.project, service))


@pytest.mark.parametrize("service", SERVICES)
def test_no_process_of_a_container_is_root_or_has_a_capability(demo: Scenario, service: str) -> None:
    checks.processes_are_not_root(facts.container(demo.project, service))


def test_only_the_edge_publishes_ports_and_only_where_the_profile_says(demo: Scenario) -> None:
    published = {
        item.labels["llmchat.service"]: {
            (bound["HostIp"], int(bound["HostPort"])) for ports in item.ports.values() for bound in ports or ()
        }
        for item in facts.containers(demo.project)
    }
    ports = (demo.web_port, demo.api_port, demo.metrics_port)
    assert published.pop("edge") == {("127.0.0.1", port) for port in ports}
    assert not any(published.values())


@pytest.mark.parametrize("path", ["/metrics", "/metrics?x=1", "/%6detrics", "/%6Detric%73", "/metrics/", "//metrics"])
def test_what_the_service_counts_is_not_there_for_those_outside(demo: Scenario, path: str) -> None:
    for port in (demo.web_port, demo.api_port):
        status, text = get(port, path)
        assert status in (404, 307, 308), (port, path)  # a redirect leads to one of the others
        assert "llmchat_requests" not in text


def test_a_prometheus_on_this_machine_and_an_operator_in_a_container_get_it(demo: Scenario) -> None:
    status, text = get(demo.metrics_port, "/metrics")
    assert status == 200
    assert 'llmchat_requests_total{method="GET",route="/health/ready",slot="a",status="200"}' in text
    assert get(demo.metrics_port, "/health/ready")[0] == 404  # nothing else is at this port

    printed = facts.container(demo.project, "backend").exec_run(["llmchat-backend", "metrics"])
    assert printed.exit_code == 0
    assert b"llmchat_answers_open" in printed.output


def test_a_request_has_one_id_in_both_logs_and_words_searched_for_are_in_neither(demo: Scenario) -> None:
    token = demo.chat.register("searcher").token
    connection = http.client.HTTPConnection("127.0.0.1", demo.web_port, timeout=10)
    with closing(connection):
        connection.request("GET", "/api/search?q=marmalade", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        identity = answer.headers["X-Request-Id"]
    for service in ("edge", "backend"):
        deadline = time.monotonic() + 60
        while identity not in (log := facts.container(demo.project, service).logs().decode()):
            assert time.monotonic() < deadline, log
            time.sleep(0.1)
        told = [json.loads(line) for line in log.splitlines() if identity in line]
        assert [(line["request_id"], line["path"], line["status"]) for line in told] == [(identity, "/api/search", 200)]
        assert "marmalade" not in log


def get(port: int, path: str) -> tuple[int, str]:
    """Ask for a path just as it is written, and follow no redirect."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_status_shows_every_service_and_that_nothing_is_pending(demo: Scenario) -> None:
    data = demo.run("status", "--json").check().data
    assert data["state"] == "up"
    assert [item["service"] for item in data["services"]] == list(SERVICES)
    assert all(item["active"] and item["up_to_date"] for item in data["services"])
    assert data["release"] == data["wanted"]


def test_health_asks_the_model_too(demo: Scenario) -> None:
    data = demo.run("health", "--json").check().data
    names = {check["name"]: check["level"] for check in data["checks"]}
    assert names["model default"] == "ok"
    assert set(names.values()) == {"ok"}


def test_logs_name_the_service_of_each_line(demo: Scenario) -> None:
    lines = demo.run("logs", "backend", "--tail", "5").check().stdout.splitlines()
    assert 1 <= len(lines) <= 5
    assert all("backend" in line.split()[0] for line in lines)


def test_an_unknown_service_is_met_with_the_nearest_one(demo: Scenario) -> None:
    refused = demo.run("logs", "bakend").check(6)
    assert "backend" in refused.stderr


def test_an_administrator_is_made_listed_and_given_a_new_password(demo: Scenario) -> None:
    made = demo.run("admin", "create", "--username", "li", "--password-stdin", stdin="first password\n").check()
    assert "first password" not in made.output
    assert demo.chat.log_in("li", "first password").token

    demo.run("admin", "reset-password", "--username", "li", "--password-stdin", stdin="second password\n").check()
    demo.chat.call("POST", "/api/auth/login", {"username": "li", "password": "first password"}, expect=401)
    assert demo.chat.log_in("li", "second password").token

    listed = demo.run("admin", "list", "--json").check().data["admins"]
    assert {"admin", "li"} <= {item["username"] for item in listed}
    demo.run("admin", "create", "--username", "li", "--password-stdin", stdin="third password\n").check(6)


def test_the_composed_files_are_clean_for_compose(demo: Scenario) -> None:
    files = sorted((demo.state / demo.project).glob("releases/*/*.compose.yaml"))
    assert len(files) >= len(SERVICES)
    for file in files:
        done = subprocess.run(
            ["docker", "compose", "-f", str(file), "config", "-q"], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), file


def test_an_up_with_nothing_to_do_loads_nothing_that_only_backups_need(demo: Scenario) -> None:
    demo.variables["PYTHONPROFILEIMPORTTIME"] = "1"
    try:
        again = demo.run("up").check()
    finally:
        del demo.variables["PYTHONPROFILEIMPORTTIME"]
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in again.stderr.splitlines()}

    assert again.stdout.startswith("Nothing to do")
    assert "docker" in loaded
    assert loaded & {"llmchat_archive", "pyrage", "tomli_w"} == set()
