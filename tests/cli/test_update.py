"""`update`: fetch, hand over to the new version, deploy; whatever is in the way is told and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.host.base import CommandResult
from tests.cli.conftest import FakeWorld, Run
from tests.git import commit, git, remote_at

pytestmark = pytest.mark.slow


@pytest.fixture
def remote(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return remote_at(tmp_path_factory.mktemp("remote") / "chat", service__app="one", **{".gitignore": ".env.*\n"})


@pytest.fixture
def cloned(world: FakeWorld, remote: Path) -> Path:
    """Make the project folder a clone of the remote, with its env file beside what is tracked."""
    git(world.folder, "init", "--quiet", "--initial-branch", "main")
    git(world.folder, "remote", "add", "origin", str(remote))
    git(world.folder, "fetch", "--quiet", "origin")
    git(world.folder, "checkout", "--quiet", "main")
    return world.folder


@pytest.mark.usefixtures("cloned")
def test_the_new_versions_own_code_goes_on(deployed: Run, world: FakeWorld, remote: Path) -> None:
    newest = commit(remote, "Better answers", service__app="two", llmchat_deploy__cli__update="")
    git(remote, "mv", "llmchat_deploy/cli/update", "llmchat_deploy/cli/update.py")
    newest = commit(remote, "Named")
    ran = deployed("update", "--yes", "--require-model", "--set", "server.web_port=3001")
    assert ran.code == 0
    assert "Better answers" in ran.err
    assert git(world.folder, "rev-parse", "HEAD") == newest
    options = ("--yes", "--require-model", "--set", "server.web_port=3001")
    assert world.anew == [("update", "--no-fetch", "--env", "production", *options)]


@pytest.mark.usefixtures("cloned")
def test_a_version_from_before_updates_goes_on_with_its_up(deployed: Run, world: FakeWorld, remote: Path) -> None:
    commit(remote, "Old", llmchat_deploy__cli__x="")
    git(remote, "mv", "llmchat_deploy/cli/x", "llmchat_deploy/cli/up.py")
    commit(remote, "Old")
    assert deployed("update", "--json").code == 0
    assert world.anew == [("up", "--env", "production", "--json")]


@pytest.mark.usefixtures("cloned")
@pytest.mark.parametrize("command", ["update", "up"])
def test_open_answers_are_cut_by_the_new_versions_own_code(
    deployed: Run, world: FakeWorld, remote: Path, command: str
) -> None:
    (remote / "llmchat_deploy/cli").mkdir(parents=True)
    (remote / f"llmchat_deploy/cli/{command}.py").write_text("    cut: Cut = False,\n")
    git(remote, "add", "-A")
    commit(remote, "It cuts")
    assert deployed("update", "--cut").code == 0
    first = ("update", "--no-fetch") if command == "update" else ("up",)
    assert world.anew == [(*first, "--env", "production", "--cut")]


@pytest.mark.usefixtures("cloned")
@pytest.mark.parametrize("command", ["update", "up"])
def test_a_version_that_cannot_cut_is_refused_before_anything_moves(
    deployed: Run, world: FakeWorld, remote: Path, command: str
) -> None:
    before = git(world.folder, "rev-parse", "HEAD")
    (remote / "llmchat_deploy/cli").mkdir(parents=True)
    (remote / f"llmchat_deploy/cli/{command}.py").write_text("def it(): ...\n")
    git(remote, "add", "-A")
    commit(remote, "It waits")
    ran = deployed("update", "--cut")
    assert (ran.code, "doesn't know --cut" in ran.err) == (6, True)
    assert (git(world.folder, "rev-parse", "HEAD"), world.anew) == (before, [])


@pytest.mark.usefixtures("cloned")
@pytest.mark.parametrize(("given", "least", "most"), [((), 600, 700), (("--cut",), 0, 30)])
def test_what_is_here_waits_for_open_answers_or_cuts_them(
    deployed: Run, world: FakeWorld, given: tuple[str, ...], least: float, most: float
) -> None:
    host = world.host("llmchat-production")
    stat = "# pxname,svname,scur\nbackend,a,1\n"  # an answer that doesn't end
    world.engine_.answers.append(lambda _name, _argv, said: ExecResult(0, stat, "") if said == b"show stat\n" else None)
    world.templates_.sources["backend"] = "1" * 64
    began = host.clock
    assert deployed("update", "--no-fetch", *given).code == 0
    assert least <= host.clock - began < most


@pytest.mark.usefixtures("cloned")
def test_what_was_fetched_is_deployed_and_told(deployed: Run, world: FakeWorld, remote: Path) -> None:
    before = git(world.folder, "rev-parse", "HEAD")
    after = commit(remote, "Second", service__app="two")
    deployed("update")
    world.templates_.sources["backend"] = "1" * 64
    data = deployed("update", "--no-fetch", "--json").document["data"]
    assert (data["before"], data["after"], data["up"]["changed"]) == (before, after, True)
    again = deployed("update", "--json").document["data"]
    assert (again["up"]["changed"], len(world.anew)) == (False, 1)


@pytest.mark.usefixtures("cloned")
def test_a_failed_deploy_names_the_version_that_served(deployed: Run, world: FakeWorld, remote: Path) -> None:
    before = git(world.folder, "rev-parse", "HEAD")
    commit(remote, "Broken", service__app="two")
    deployed("update")
    world.templates_.sources["backend"] = "1" * 64
    host = world.host("llmchat-production")
    host.failing["docker build"] = CommandResult(1, "no such package\n", "")
    ran = deployed("update", "--no-fetch")
    assert ran.code == 8
    assert f"update --ref {before[:12]} --env production" in " ".join(ran.err.split())
    commit(remote, "Still broken", service__app="three")
    deployed("update")
    assert before[:12] in deployed("update", "--no-fetch").err


@pytest.mark.usefixtures("cloned")
def test_the_plan_shows_commits_and_steps_and_moves_nothing(deployed: Run, world: FakeWorld, remote: Path) -> None:
    before = git(world.folder, "rev-parse", "HEAD")
    commit(remote, "Second", service__app="two")
    writes = list(world.writes)
    ran = deployed("update", "--plan", "--exit-code", "--json")
    assert ran.code == 10
    data = ran.document["data"]
    assert [item["subject"] for item in data["commits"]] == ["Second"]
    assert "BuildImage" in [step["action"] for step in data["plan"]["steps"]]
    assert "build image llmchat/backend" in deployed("update", "--plan").out
    assert (git(world.folder, "rev-parse", "HEAD"), world.writes, world.anew) == (before, writes, [])


@pytest.mark.usefixtures("cloned")
def test_without_anything_new_the_plan_is_ups_plan(deployed: Run) -> None:
    ran = deployed("update", "--plan", "--exit-code")
    assert (ran.code, "No new version" in ran.out, "Nothing to do" in ran.out) == (0, True, True)


@pytest.mark.usefixtures("cloned")
def test_a_new_version_that_cannot_be_planned_yet_says_so(deployed: Run, remote: Path) -> None:
    commit(remote, "Second", **{"environments/production.toml": "[server]\nnew_setting = 1\n"})
    ran = deployed("update", "--plan", "--json")
    assert ran.code == 0
    assert (ran.document["data"]["plan"], "1 problem" in ran.document["data"]["unforeseen"]) == (None, True)


def test_changes_of_ones_own_are_named_and_stay(deployed: Run, cloned: Path, remote: Path) -> None:
    commit(remote, "Second", service__app="two")
    (cloned / "service/app").write_text("mine")
    ran = deployed("update", "--json")
    error = ran.document["errors"][0]
    assert (ran.code, error["code"], error["details"]) == (6, "local_changes", ["service/app"])
    assert (cloned / "service/app").read_text() == "mine"


def test_an_unreachable_remote_is_told_and_what_is_here_can_be_deployed(deployed: Run, cloned: Path) -> None:
    git(cloned, "remote", "set-url", "origin", "https://me:hunter2@127.0.0.1:9/chat.git")
    ran = deployed("update")
    assert (ran.code, "127.0.0.1:9" in ran.err, "hunter2" in ran.err) == (5, True, False)
    assert deployed("update", "--no-fetch").code == 0


@pytest.mark.parametrize(("came_as", "hint"), [("wheel", "pip install -U llmchat-deploy"), ("files", "clone the")])
def test_without_a_clone_it_says_what_to_do(deployed: Run, world: FakeWorld, came_as: str, hint: str) -> None:
    world.is_wheel = came_as == "wheel"
    error = json.loads(deployed("update", "--json").out)["errors"][0]
    assert (error["code"], hint in error["hint"]) == ("not_a_clone", True)


def test_fetching_nothing_and_a_ref_contradict_each_other(run: Run) -> None:
    assert run("update", "--no-fetch", "--ref", "v1").code == 2
