"""The launcher on machines that lack things, and when it is disturbed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.machine import Machine, Result

REPOSITORY = Path(__file__).parents[2]
FOLDER = "/srv/llmchat deploy"  # a space, as people have it
PREREQUISITE = 4

pytestmark = [pytest.mark.docker, pytest.mark.machine, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with Machine("trixie", source=REPOSITORY) as machine:
        machine.run(("git", "clone", "--quiet", "/source", FOLDER)).check()
        yield machine


def launch(machine: Machine, *arguments: str, prefix: tuple[str, ...] = ()) -> Result:
    return machine.run((*prefix, "./llmchat-deploy", *arguments), folder=FOLDER)


def installed(machine: Machine) -> str:
    return machine.run(("dpkg-query", "--show", "--showformat", "${Package} ")).check().output


# The tests go from the bare machine to the complete one: their order is the story.


def test_an_unsupported_system_is_refused_with_what_to_do(machine: Machine) -> None:
    before = installed(machine)
    machine.run(("mv", "/etc/os-release", "/etc/os-release.debian")).check()
    machine.write("/etc/os-release", b'ID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43"\n')
    try:
        result = launch(machine, "up", "--env", "development")
    finally:
        machine.run(("mv", "/etc/os-release.debian", "/etc/os-release")).check()
    assert result.exit_code == PREREQUISITE
    assert "this is Fedora Linux 43" in result.output
    assert "Debian 12+ and Ubuntu 24.04+" in result.output
    assert installed(machine) == before


def test_forbidden_to_install_it_says_what_is_missing(machine: Machine) -> None:
    before = installed(machine)
    result = launch(machine, "up", prefix=("env", "LLMCHAT_NO_SETUP=1"))
    assert result.exit_code == PREREQUISITE
    assert "Python >= 3.11" in result.output
    assert installed(machine) == before


def test_a_package_mirror_that_does_not_answer_is_named(machine: Machine) -> None:
    result = launch(machine, "setup", prefix=("env", "http_proxy=http://127.0.0.1:9"))
    assert result.exit_code == PREREQUISITE
    assert "mirror" in result.output
    assert "The whole log: /tmp/" in result.output


def test_a_command_that_needs_no_docker_installs_none(machine: Machine) -> None:
    result = launch(machine, "--version").check()
    assert result.output.splitlines()[-1].endswith("0.1.0")
    assert "docker" not in installed(machine)


def test_hints_can_be_typed_where_the_launcher_was(machine: Machine) -> None:
    here = launch(machine, "up", "--plan", "--env", "nowhere")
    assert "./llmchat-deploy init --env nowhere" in here.output
    elsewhere = machine.run((f"{FOLDER}/llmchat-deploy", "config", "show", "--env", "nowhere"), folder="/tmp")
    assert r"/srv/llmchat\ deploy/llmchat-deploy init --env nowhere" in elsewhere.output
    link = "/usr/local/bin/llmchat-deploy"
    machine.run(("ln", "-s", f"{FOLDER}/llmchat-deploy", link)).check()
    try:
        found = machine.run(("llmchat-deploy", "config", "show", "--env", "nowhere"), folder=FOLDER)
        machine.run(("ln", "-sf", "/bin/true", link)).check()
        beside_another = launch(machine, "config", "show", "--env", "nowhere")
    finally:
        machine.run(("rm", link)).check()
    assert " llmchat-deploy init --env nowhere" in found.output
    assert "./llmchat-deploy init --env nowhere" in beside_another.output


def test_a_killed_setup_is_repaired_by_the_next_one(machine: Machine) -> None:
    machine.run(("rm", "-r", f"{FOLDER}/.venv")).check()
    killed = launch(machine, "--version", prefix=("timeout", "--signal", "KILL", "2.5"))
    assert killed.exit_code != 0
    launch(machine, "--version").check()


def test_a_changed_lock_makes_the_environment_anew(machine: Machine) -> None:
    machine.run(("sh", "-c", "echo '# changed' >>requirements.lock"), folder=FOLDER).check()
    assert "Making the Python environment" in launch(machine, "--version").check().output
    assert "Making" not in launch(machine, "--version").check().output


def test_a_docker_client_alone_does_not_pass_for_an_engine(machine: Machine) -> None:
    plugins = "/usr/local/lib/docker/cli-plugins"
    programs = ("/usr/local/bin/docker", f"{plugins}/docker-compose", f"{plugins}/docker-buildx")
    machine.run(("mkdir", "-p", plugins)).check()
    for program in programs:
        machine.write(program, b"#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
        machine.run(("chmod", "+x", program)).check()
    try:
        result = launch(machine, "setup", prefix=("env", "LLMCHAT_NO_SETUP=1"))
    finally:
        machine.run(("rm", *programs)).check()
    assert result.exit_code == PREREQUISITE
    assert "Docker (engine >= 20.10, Compose >= 2, Buildx)" in result.output


def test_two_at_once_set_up_once(machine: Machine) -> None:
    machine.run(("rm", "-r", f"{FOLDER}/.venv")).check()
    results: list[Result] = []
    both = [threading.Thread(target=lambda: results.append(launch(machine, "setup"))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    output = "".join(result.check().output for result in results)
    assert output.count("Making the Python environment") == 1
    assert output.count("Installing Docker") == 1
    assert output.count("Waiting for another setup") == 1
    assert output.count("All is there") == len(both)


def test_an_engine_that_stopped_is_started_again(machine: Machine) -> None:
    machine.run(("sh", "-c", "kill $(cat /var/run/docker.pid); sleep 3")).check()
    result = launch(machine, "setup").check()
    assert "Starting the Docker engine" in result.output
    assert "Installing" not in result.output


def test_no_permission_on_the_socket_is_explained(machine: Machine) -> None:
    machine.run(("useradd", "--create-home", "person")).check()
    machine.run(("cp", "-r", FOLDER, "/home/person/chat")).check()
    machine.run(("chown", "-R", "person:", "/home/person/chat")).check()
    script = "cd /home/person/chat && ./llmchat-deploy up --env development"
    result = machine.run(("su", "person", "-c", script))
    assert result.exit_code == PREREQUISITE
    assert "usermod -aG docker person" in result.output


SERVICE_MANAGER = b"""\
#!/bin/sh
echo "$*" >>/run/asked
case "$*" in
*list-unit-files*) cat /run/enabled 2>/dev/null ;;
*preset*) echo "named.service enabled enabled" >/run/enabled ;;
*is-enabled*) echo enabled ;;
*is-active*) exit 3 ;;
esac
exit 0
"""
"""Stands for systemd's program, as packages and ours ask it; the machine has no systemd."""


def test_servers_that_are_installed_for_the_tests_start_neither_now_nor_at_boot(machine: Machine) -> None:
    machine.run(("mkdir", "-p", "/run/systemd/system")).check()
    machine.write("/usr/bin/systemctl", SERVICE_MANAGER)
    machine.run(("chmod", "+x", "/usr/bin/systemctl")).check()
    parts = "".join(f". setup/{name}.sh; " for name in ("common", "python", "tests"))
    machine.run(("bash", "-euc", f"root=$PWD; {parts} ensure_programs 'named bind9'"), folder=FOLDER).check()
    asked = machine.run(("cat", "/run/asked")).check().output.splitlines()
    machine.run(("rm", "-r", "/run/systemd", "/usr/bin/systemctl")).check()

    assert "bind9" in installed(machine).split()
    assert [line for line in asked if " start " in line] == []
    assert asked[-1] == "disable --now named.service"
    assert machine.run(("test", "-e", "/usr/sbin/policy-rc.d")).exit_code == 1
