"""The container that gets certificates: started after the edge, and what comes of it is told, never an outage."""

from __future__ import annotations

import json

import pytest

from llmchat_deploy.apply.audit import read_runs
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import RefusedError, StepFailed
from llmchat_deploy.operations.certificate import renew, show
from llmchat_deploy.plan.steps import AwaitCertificate, IssueCertificate, StartService
from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret
from tests.unit.certificates import DOMAIN, NOW, internal, pair
from tests.unit.world import World, an_environment

ACME = an_environment(server__domain=DOMAIN, tls__mode="acme", tls__email="it@example.com")
EDGE_VOLUME = "llmchat-test_edge"


def tells(world: World, **status: object) -> None:
    """Let the container have written its status."""
    told = {"at": NOW, "ok": True, "error": "", "next": 0.0, **status}
    file = RenderedFile("acme.json", json.dumps(told), 0o440, "d")
    world.engine.files.setdefault(EDGE_VOLUME, {})["acme.json"] = file


def issued(world: World) -> None:
    chain = RenderedFile("certificate.pem", pair().certificate, 0o440, "d")
    world.engine.files[EDGE_VOLUME]["certificate.pem"] = chain
    tells(world)


def test_the_edge_begins_with_a_certificate_of_the_tools_own_and_the_container_comes_last():
    world = World()
    steps = world.plan(ACME).steps
    kinds = [type(step) for step in steps]
    started = [step.service.name for step in steps if isinstance(step, StartService)]

    assert kinds.index(IssueCertificate) < kinds.index(AwaitCertificate)
    assert started[-2:] == ["edge", "acme"]


def test_a_refusal_is_a_warning_with_its_cause_and_the_edge_serves():
    world = World()
    tells(world, ok=False, error="Connection refused", at=NOW + 1)
    findings = world.up(ACME)

    assert "Connection refused" in findings.warnings[0]
    assert "certificate" in world.engine.loaded
    assert world.plan(ACME).is_empty
    state = show(ACME, world.host, world.engine).data.certificate
    assert "hasn't issued the certificate yet. The last try failed: Connection refused" in state.problem
    assert "cert renew" in state.hint


def test_silence_is_a_warning_too():
    findings = World().up(ACME)
    assert "no answer within 90 s" in findings.warnings[0]


def test_once_it_is_issued_nothing_is_left_to_say():
    world = World()
    world.up(ACME)
    issued(world)

    assert world.plan(ACME).is_empty
    assert show(ACME, world.host, world.engine).data.certificate.problem == ""
    tells(world, ok=False, error="rateLimited")
    assert show(ACME, world.host, world.engine).data.certificate.problem == "The last try failed: rateLimited"


def test_its_settings_are_a_file_and_credentials_are_nowhere_else():
    secret = "hunter2-hunter2"
    environment = an_environment(
        server__domain=DOMAIN, tls__mode="acme", tls__challenge="dns",
        tls__dns_credentials=Secret(f"ID=4711 KEY={secret}"), tls__hook_text=Secret("#!/bin/sh\n"),
    )  # fmt: skip
    world = World()
    plan = world.plan(environment)
    world.carry_out(plan, environment)

    files = next(files for name, files in world.engine.files.items() if "dns-hook" in files)
    assert json.loads(files["acme.json"].content.reveal())["env"] == {"ID": "4711", "KEY": secret}
    assert {name: file.mode for name, file in files.items()} == {"acme.json": 0o400, "dns-hook": 0o500}
    assert secret not in f"{plan!r}{plan.to_json()}{world.host.state}{world.host.commands}"


def test_with_a_provider_its_keys_are_in_that_file_no_hook_is_there_and_the_record_is_waited_for():
    environment = an_environment(
        server__domain=DOMAIN, tls__mode="acme", tls__challenge="dns", tls__dns_provider="alidns", tls__dns_wait=100,
        tls__dns_servers="10.0.0.53", tls__dns_credentials=Secret("KEY=hunter2-hunter2"),
    )  # fmt: skip
    world = World()
    plan = world.plan(environment)
    world.carry_out(plan, environment)

    (files,) = [files for files in world.engine.files.values() if "acme.json" in files and "dns-hook" not in files]
    told = json.loads(files["acme.json"].content.reveal())
    assert (told["provider"], told["wait"], told["servers"]) == ("alidns", 100, ["10.0.0.53:53"])
    assert told["env"] == {"KEY": "hunter2-hunter2"}
    assert "hunter2" not in f"{plan!r}{plan.to_json()}{world.host.state}{world.host.commands}"
    assert [step.timeout for step in plan.steps if isinstance(step, AwaitCertificate)] == [190]


def test_without_acme_the_container_and_its_keys_go():
    world = World()
    world.up(ACME)
    world.up(an_environment())
    assert "llmchat-test-acme" not in world.engine.boxes
    assert world.plan(an_environment()).is_empty


@pytest.mark.parametrize(("told", "raises"), [({"ok": True}, None), ({"ok": False, "error": "refused"}, StepFailed)])
def test_renewing_at_once_says_how_it_went(told: dict[str, object], raises: type[Exception] | None):
    world = World()
    world.up(ACME)
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(0, json.dumps(told), "") if argv[-1] == "renew" else None
    )
    if raises is None:
        assert renew(ACME, world.host, world.engine).command == "cert renew"
    else:
        with pytest.raises(raises, match="refused"):
            renew(ACME, world.host, world.engine)
    run = read_runs(world.host)[-1]
    assert (run.command, run.result) == ("cert renew", "failed" if raises else "finished")
    assert "refused" not in world.host.state["audit.jsonl"]


def test_there_is_nobody_to_renew_without_acme():
    with pytest.raises(RefusedError):
        renew(internal(), World().host, World().engine)
