"""`cert`: the certificate of HTTPS, on a machine in memory."""

from __future__ import annotations

from tests.cli.conftest import FakeWorld, Run

INTERNAL = ("--set", "tls.mode=internal")


def test_an_authority_is_made_shown_and_printed(run: Run, world: FakeWorld) -> None:
    assert run("up", *INTERNAL).code == 0

    assert "192.168.1.100" in run("cert", "show", *INTERNAL).out
    printed = run("cert", "ca", *INTERNAL).out
    assert printed.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in printed
    assert "✓ certificate" in run("health", *INTERNAL).out
    status = run("status", "--json", *INTERNAL).document["data"]
    assert (status["certificate"]["days_left"] > 0, status["urls"]["web"]) == (True, "https://192.168.1.100")
    assert "Certificate good until" in run("status", *INTERNAL).out
    world.hosts["llmchat-production"].clock += 390 * 86_400
    assert "llmchat-deploy up" in run("cert", "show", *INTERNAL).out


def test_without_https_it_says_how_to_get_it(run: Run) -> None:
    ran = run("cert", "show")
    assert ran.code == 6
    assert "tls.mode" in ran.err
