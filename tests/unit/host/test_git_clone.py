"""A clone goes forward with its remote, loses nothing that was changed in it, and says what is in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.errors import CloneRefused, RemoteUnreachable
from llmchat_deploy.host.git_clone import GitClone
from tests.git import commit, git, remote_at

pytestmark = pytest.mark.slow


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    files = {"service__app": "one\n", "README": "read me\n", "environments__production": "[server]\n"}
    return remote_at(tmp_path / "remote", **files)


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> GitClone:
    git(tmp_path, "clone", "--quiet", str(remote), "clone")
    found = GitClone.around(tmp_path / "clone")
    assert found
    return found


def arrive(clone: GitClone, ref: str | None = None) -> None:
    clone.fetch()
    clone.move(clone.coming(ref))


def test_a_folder_without_git_is_no_clone(tmp_path: Path) -> None:
    assert GitClone.around(tmp_path) is None


def test_the_clone_of_a_folder_inside_it_is_found(clone: GitClone) -> None:
    found = GitClone.around(clone.folder / "service")
    assert found is not None
    assert found.folder == clone.folder


def test_with_nothing_new_nothing_comes(clone: GitClone) -> None:
    clone.fetch()
    assert not clone.coming(None).moves


def test_the_newest_of_the_branch_comes_with_its_commits(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n")
    newest = commit(remote, "Third:\ttabs", llmchat_deploy__up="new")
    clone.fetch()
    coming = clone.coming(None)
    assert [item.subject for item in coming.commits] == ["Third:\ttabs", "Second"]
    assert (coming.target.commit, coming.undone, coming.tool) == (newest, (), True)
    clone.move(coming)
    assert clone.commit() == newest
    assert git(clone.folder, "symbolic-ref", "--short", "HEAD") == "main"
    assert (clone.folder / "service/app").read_text() == "two\n"


def test_a_change_of_the_service_alone_leaves_the_tool_as_it_is(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n")
    clone.fetch()
    assert not clone.coming(None).tool


def test_files_changed_here_stay_where_the_new_version_has_no_say(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n")
    (clone.folder / "environments/production").write_text("[server]\nweb_port = 1\n")
    (clone.folder / "notes").write_text("mine")
    clone.fetch()
    coming = clone.coming(None)
    assert coming.kept == ("environments/production",)
    clone.move(coming)
    assert (clone.folder / "environments/production").read_text().endswith("web_port = 1\n")
    assert (clone.folder / "notes").read_text() == "mine"


def test_files_changed_on_both_sides_are_named_and_nothing_moves(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n", notes="theirs")
    before = clone.commit()
    (clone.folder / "service/app").write_text("mine\n")
    (clone.folder / "notes").write_text("mine")
    clone.fetch()
    with pytest.raises(CloneRefused) as refused:
        clone.coming(None)
    assert (refused.value.code, refused.value.details) == ("local_changes", ("notes", "service/app"))
    assert (clone.commit(), (clone.folder / "service/app").read_text()) == (before, "mine\n")


def test_an_ignored_file_is_not_written_over(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", **{".env.production": "theirs"})
    (clone.folder / ".git/info/exclude").write_text(".env.*\n")
    (clone.folder / ".env.production").write_text("SECRET_KEY=mine")
    clone.fetch()
    with pytest.raises(CloneRefused, match="would be lost"):
        clone.coming(None)
    assert (clone.folder / ".env.production").read_text() == "SECRET_KEY=mine"


def test_a_staged_change_counts_as_one(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n")
    (clone.folder / "service/app").write_text("mine\n")
    git(clone.folder, "add", "service/app")
    clone.fetch()
    with pytest.raises(CloneRefused, match="would be lost"):
        clone.coming(None)


@pytest.mark.parametrize("written", [("service/app",), ("service/app", "new"), ("service/app", "new", "service/more")])
def test_what_a_cut_run_left_half_done_is_finished(clone: GitClone, remote: Path, written: tuple[str, ...]) -> None:
    texts = {"service/app": "two\n", "new": "new", "service/more": "more"}
    newest = commit(remote, "Second", service__app="two\n", new="new", service__more="more")
    (clone.folder / "service/app").unlink()
    for name in written:
        (clone.folder / name).write_text(texts[name])
    arrive(clone)
    assert clone.commit() == newest
    assert git(clone.folder, "status", "--porcelain") == ""


def test_histories_that_parted_are_told_with_their_commits(clone: GitClone, remote: Path) -> None:
    commit(remote, "Theirs", service__app="two\n")
    mine = commit(clone.folder, "Mine", mine="1")
    clone.fetch()
    with pytest.raises(CloneRefused) as refused:
        clone.coming(None)
    assert (refused.value.code, refused.value.details) == ("diverged", (f"{mine[:12]} Mine",))


def test_commits_of_ones_own_on_top_are_kept(clone: GitClone) -> None:
    mine = commit(clone.folder, "Mine", mine="1")
    clone.fetch()
    assert clone.coming(None).target.commit == mine


def test_a_tag_leaves_the_branch_and_the_branch_can_be_followed_again(clone: GitClone, remote: Path) -> None:
    newest = commit(remote, "Second", service__app="two\n")
    arrive(clone)
    clone.fetch()
    back = clone.coming("v1")
    assert [item.subject for item in back.undone] == ["Second"]
    clone.move(back)
    assert (clone.folder / "service/app").read_text() == "one\n"
    with pytest.raises(CloneRefused, match="No branch is checked out") as refused:
        clone.coming(None)
    assert "update --ref main" in refused.value.hint
    arrive(clone, "main")
    assert (clone.commit(), git(clone.folder, "symbolic-ref", "--short", "HEAD")) == (newest, "main")


def test_a_branch_of_the_remote_is_followed_from_then_on(clone: GitClone, remote: Path) -> None:
    git(remote, "checkout", "--quiet", "-b", "next")
    commit(remote, "Next", service__app="next\n")
    arrive(clone, "next")
    newest = commit(remote, "After", service__app="after\n")
    arrive(clone)
    assert clone.commit() == newest


def test_a_branch_left_behind_is_brought_forward_when_it_is_chosen(clone: GitClone, remote: Path) -> None:
    arrive(clone, "v1")
    git(clone.folder, "checkout", "--quiet", "--detach")
    newest = commit(remote, "Second", service__app="two\n")
    arrive(clone, "main")
    assert clone.commit() == newest


def test_a_commit_that_no_branch_holds_is_not_left(clone: GitClone) -> None:
    git(clone.folder, "checkout", "--quiet", "--detach")
    commit(clone.folder, "Mine", mine="1")
    clone.fetch()
    with pytest.raises(CloneRefused, match="on no branch"):
        clone.coming("v1")


@pytest.mark.parametrize("ref", ["v9", "--force", "-h", "main..v1", ""])
def test_a_ref_that_is_none_is_refused(clone: GitClone, ref: str) -> None:
    clone.fetch()
    with pytest.raises(CloneRefused) as refused:
        clone.coming(ref)
    assert refused.value.code == "unknown_ref"


def test_a_clone_without_a_remote_says_so(clone: GitClone) -> None:
    git(clone.folder, "remote", "remove", "origin")
    with pytest.raises(CloneRefused) as refused:
        clone.fetch()
    assert refused.value.code == "no_remote"


@pytest.mark.parametrize("url", ["/gone/away", "http://me:hunter2@127.0.0.1:9/chat.git", "ssh://127.0.0.1:9/chat"])
def test_a_remote_that_does_not_answer_is_named_without_a_password(clone: GitClone, url: str) -> None:
    git(clone.folder, "remote", "set-url", "origin", url)
    with pytest.raises(RemoteUnreachable, match="origin") as failed:
        clone.fetch()
    assert "hunter2" not in failed.value.message + failed.value.hint
    assert "update --no-fetch" in failed.value.hint


def test_another_git_at_work_is_told(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n")
    clone.fetch()
    coming = clone.coming(None)
    (clone.folder / ".git/index.lock").touch()
    with pytest.raises(CloneRefused) as refused:
        clone.move(coming)
    assert refused.value.code == "git_busy"
    assert ".git/index.lock" in refused.value.hint


def test_the_new_versions_files_can_be_looked_at_before(clone: GitClone, remote: Path) -> None:
    commit(remote, "Second", service__app="two\n", service__big__binary="\0")
    (clone.folder / "environments/production").write_text("changed here")
    (clone.folder / "environments/own").write_text("new here")
    clone.fetch()
    with clone.tree(clone.coming(None)) as tree:
        found = {path.relative_to(tree).as_posix(): path.read_text() for path in tree.rglob("*") if path.is_file()}
    assert found == {
        "README": "read me\n",
        "service/app": "two\n",
        "service/big/binary": "\0",
        "environments/production": "changed here",
        "environments/own": "new here",
    }
    assert (clone.folder / "service/app").read_text() == "one\n"
