"""What only a process of its own can show: completion, pipes, a real terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.conftest import API_KEY, PRODUCTION
from tests.paths import PYTHONPATH

pytestmark = pytest.mark.slow

TOOL = [sys.executable, "-m", "llmchat_deploy"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("production", "staging"):
        file = tmp_path / f".env.{name}"
        file.write_text(PRODUCTION, encoding="utf-8")
        file.chmod(0o600)
    return tmp_path


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PYTHONPATH, "TERM": "xterm", "COLUMNS": "100", **more}


def _complete(folder: Path, words: str) -> set[str]:
    count = len(words.split(" ")) - 1
    ran = subprocess.run(
        TOOL,
        cwd=folder,
        env=_environment(_LLMCHAT_DEPLOY_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(count)),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("llmchat-deploy ", {"up", "down", "config", "admin"}),
        ("llmchat-deploy up --env ", {"development", "production", "staging"}),
        ("llmchat-deploy --env p", {"production"}),
        ("llmchat-deploy logs b", {"backend"}),
        ("llmchat-deploy restart ", {"backend", "edge", "frontend", "model"}),
        ("llmchat-deploy admin ", {"create", "list", "reset-password"}),
    ],
)
def test_completion_knows_commands_environments_and_services(folder: Path, words: str, expected: set[str]) -> None:
    assert expected <= _complete(folder, words)


@pytest.mark.parametrize(("words", "code"), [("llmchat-deploy --env p", 0), ("llmchat-deploy --env nothing", 1)])
def test_fish_is_told_by_the_exit_code_whether_there_is_anything_but_files(folder: Path, words: str, code: int) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    env = _environment(_LLMCHAT_DEPLOY_COMPLETE="complete_fish", **asked)
    assert subprocess.run(TOOL, cwd=folder, env=env, capture_output=True, check=False).returncode == code


def test_the_version_is_told_at_once_and_anywhere(folder: Path) -> None:
    for arguments in (["--version"], ["--env", "staging", "--version"]):
        ran = subprocess.run([*TOOL, *arguments], cwd=folder, env=_environment(), capture_output=True, check=True)
        assert ran.stdout == b"llmchat-deploy 0.1.0\n"


def test_a_reader_that_leaves_is_no_failure(folder: Path) -> None:
    tool = " ".join(TOOL)
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{tool} config show -e production | head -1"],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("SETTING")


def test_text_reaches_a_terminal_that_knows_no_unicode(folder: Path) -> None:
    ran = subprocess.run(
        [*TOOL, "config", "validate", "-e", "production"],
        cwd=folder,
        env=_environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("+ production is valid")


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(folder: Path, variable: str, value: str) -> None:
    # Bold and dim are no colours: NO_COLOR (no-color.org) asks only for those to go.
    colours = [f"\x1b[3{digit}m" for digit in range(8)]
    for more, expected in (({}, True), ({variable: value}, False)):
        child = pexpect.spawn(
            TOOL[0], [*TOOL[1:], "config", "show", "-e", "production"], cwd=folder, env=_environment(**more)
        )
        child.expect(pexpect.EOF)
        child.close()
        text = child.before.decode()
        assert "server.web_port" in text
        assert any(colour in text for colour in colours) is expected


def test_the_environment_is_asked_for_at_a_terminal(folder: Path) -> None:
    child = pexpect.spawn(TOOL[0], [*TOOL[1:], "config", "show"], cwd=folder, env=_environment(), encoding="utf-8")
    child.expect_exact("Which environment (development, production, staging)? ")
    child.sendline("staging")
    child.expect_exact("llmchat-staging")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_key_is_typed_unseen(tmp_path: Path) -> None:
    child = pexpect.spawn(TOOL[0], [*TOOL[1:], "init"], cwd=tmp_path, env=_environment(), encoding="utf-8")
    seen = ""
    for answer in ("10.0.0.7", "http://10.0.0.8:1/v1/chat/completions", "glm", API_KEY):
        child.expect_exact("> ")
        seen += child.before
        child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert API_KEY not in seen + child.before
    assert API_KEY in (tmp_path / ".env.production").read_text()


def test_ctrl_c_at_a_question_is_130(folder: Path) -> None:
    child = pexpect.spawn(TOOL[0], [*TOOL[1:], "config", "show"], cwd=folder, env=_environment(), encoding="utf-8")
    child.expect_exact("? ")
    child.sendintr()
    child.expect_exact("Run the same command again to go on.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_a_folder_that_is_gone_is_told_of(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    ran = subprocess.run(
        ["bash", "-c", f"mkdir {gone}; cd {gone}; rmdir {gone}; exec {' '.join(TOOL)} config show"],
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 5
    assert ran.stderr == "Error: The current folder is gone.\nHint: cd to the project's folder.\n"


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_document_is_whole_on_an_output_that_is_not_utf_8(tmp_path: Path, encoding: str) -> None:
    done = subprocess.run(
        (*TOOL, "config", "validate", "--env", "development", "--json", "--set", "auth.admin=-😀"),
        cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "😀" in json.loads(done.stdout)["errors"][0]["problems"][0]["message"]


def test_a_document_is_whole_where_an_argument_was_not_text(tmp_path: Path) -> None:
    done = subprocess.run(
        (*TOOL, "config", "validate", "--json", "--env", b"\xff"),
        cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"}, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, b"")
    assert "\udcff" in json.loads(done.stdout)["errors"][0]["message"]


def test_a_password_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / ".env.staging").unlink()
    done = subprocess.run(
        (*TOOL, "admin", "create", "--username", "li", "--password-stdin"),
        cwd=folder, env=_environment(PYTHONIOENCODING="utf-8:surrogateescape"),
        input=b"pass\xffword\n", capture_output=True, check=False,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert done.returncode in {4, 5}  # 4: no engine here


def test_an_engine_of_another_machine_is_refused(folder: Path) -> None:
    done = subprocess.run(
        (*TOOL, "status", "--env", "staging", "--json"),
        cwd=folder, env=_environment(DOCKER_HOST="ssh://root@10.0.0.7"), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert json.loads(done.stdout)["errors"][0]["code"] == "docker_elsewhere"


@pytest.mark.parametrize(
    "words", ["--help", "up --help", "--env production config show", "--env production config validate"]
)
def test_what_only_backups_need_is_not_loaded_by_what_is_typed_most(folder: Path, words: str) -> None:
    ran = subprocess.run(
        [*TOOL, *words.split(" ")],
        cwd=folder,
        env=_environment(PYTHONPROFILEIMPORTTIME="1"),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}

    assert "typer" in loaded
    assert loaded & {"docker", "llmchat_archive", "pyrage", "tomli_w"} == set()
