"""Assertions about the state of an environment that several tests share."""

from __future__ import annotations

from pathlib import Path

from docker.models.containers import Container

from tests.e2e import facts
from tests.e2e.chat import Answer
from tests.e2e.scenario import Scenario


def is_streamed(answer: Answer) -> None:
    """The answer arrived in several pieces, over time, and ended."""
    assert answer.status == "complete", answer.events[-3:]
    assert answer.pieces > 1, answer.text
    assert answer.text.strip()
    tokens = [event.at for event in answer.events if event.name == "token"]
    assert tokens[-1] > tokens[0], "all pieces came at once"


def runs_exactly_once(scenario: Scenario, *services: str) -> None:
    """One container for each service, in order; nothing of another run is left over."""
    assert facts.services(scenario.project) == sorted(services)
    keys = [name for name in facts.volumes(scenario.project) if "_keys-" in name]
    assert len(keys) == 1, f"keys of another release are left over: {keys}"
    assert scenario.run("plan").check().stdout.startswith("Nothing to do")


def is_hardened(container: Container, *, binds: frozenset[str] = frozenset()) -> None:
    """Nothing a service could do without is granted to it; `binds` are the places where host paths may be mounted."""
    attributes = container.attrs
    config, host = attributes["Config"], attributes["HostConfig"]
    user = config["User"].split(":")[0]
    assert user not in ("", "0", "root"), f"{container.name} runs as {user or 'root'}"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Init"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"]["Type"] == "json-file"
    assert set(host["LogConfig"]["Config"]) >= {"max-size", "max-file"}
    assert config["Healthcheck"]["Test"]
    bound = {mount["Destination"] for mount in attributes["Mounts"] if mount["Type"] == "bind"}
    assert bound == binds, "a host path is mounted"


def processes_are_not_root(container: Container) -> None:
    """Look at the processes themselves: what they are allowed is what counts, not what was asked for."""
    for row in container.top()["Processes"]:
        status = dict(
            line.split(":\t", maxsplit=1)
            for line in Path(f"/proc/{row[1]}/status").read_text().splitlines()
            if ":\t" in line
        )
        uids = status["Uid"].split()
        assert "0" not in uids, f"{container.name}: {row}"
        assert int(status["CapEff"], 16) == 0
        assert status["NoNewPrivs"] == "1"
