"""What the tool can't work without is missing: it says what, with exit code 4, and changes nothing."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.e2e import facts
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

PREREQUISITE = 4
COMMANDS = [("up",), ("plan",), ("status",), ("down",), ("restart",), ("logs",), ("health",), ("admin", "list")]
PLUGINS = ("/usr/libexec/docker", "/usr/lib/docker", "/usr/local/lib/docker", "/usr/local/libexec/docker")


def changed_nothing(scenario: Scenario) -> None:
    assert facts.everything(scenario.project) == set()
    assert not (scenario.folder / f".env.{scenario.name}").exists()


def told(ran: Ran) -> str:
    """Return the one error of a document, as a person would read it."""
    (error,) = ran.json["errors"]
    assert error["hint"]
    return f"{error['code']}: {error['message']} {error['hint']}"


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_without_an_engine_every_command_says_so(scenario: Scenario, argv: tuple[str, ...]) -> None:
    scenario.profile(bundled=True)
    address = f"unix://{scenario.folder}/nobody.sock"
    scenario.variables["DOCKER_HOST"] = address
    refused = scenario.run(*argv, "--json").check(PREREQUISITE)
    assert told(refused).startswith("docker_unavailable: ")
    assert address in told(refused)
    changed_nothing(scenario)


def test_without_permission_on_the_socket_it_names_the_group(scenario: Scenario) -> None:
    scenario.profile(bundled=True)
    # May read every file, as the owner of a checkout could, but is not in the socket's group.
    scenario.prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
              "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")  # fmt: skip
    refused = scenario.run("up", "--json").check(PREREQUISITE)
    assert "may not use the Docker engine" in told(refused)
    assert "usermod -aG docker" in told(refused)
    changed_nothing(scenario)


def test_without_compose_nothing_is_begun(scenario: Scenario) -> None:
    scenario.profile(bundled=True)
    # The real client, on a machine whose plugins are hidden from this one process.
    hide = 'for folder in $0; do if [ -d $folder ]; then mount -t tmpfs none $folder; fi; done; exec "$@"'
    scenario.prefix = ("unshare", "--mount", "sh", "-c", hide, " ".join(PLUGINS))
    scenario.variables["DOCKER_CONFIG"] = str(scenario.folder / "empty")
    refused = scenario.run("up", "--json").check(PREREQUISITE)
    assert told(refused).startswith("docker_too_old: ")
    assert "Compose is missing" in told(refused)
    changed_nothing(scenario)


@contextmanager
def old_engine(socket: Path) -> Iterator[None]:
    """Answer on a Unix socket as Docker 18.09 does when it is asked for its version."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"Version": "18.09.1", "ApiVersion": "1.39", "MinAPIVersion": "1.12"}).encode()
            self.send_response(200 if self.path.endswith("/version") else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "unix"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with socketserver.ThreadingUnixStreamServer(str(socket), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def test_an_engine_that_is_too_old_is_refused_with_its_version(scenario: Scenario) -> None:
    scenario.profile(bundled=True)
    socket = scenario.folder / "old.sock"
    scenario.variables["DOCKER_HOST"] = f"unix://{socket}"
    with old_engine(socket):
        refused = scenario.run("up", "--json").check(PREREQUISITE)
    assert told(refused).startswith("docker_too_old: ")
    assert "18.09.1" in told(refused)
    assert "20.10" in told(refused)
    changed_nothing(scenario)
