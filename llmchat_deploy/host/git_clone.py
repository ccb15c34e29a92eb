"""A git clone on this machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmchat_deploy.errors import CloneRefused, HostError
from llmchat_deploy.host.clone import Coming, Commit, Target
from llmchat_deploy.host.git import Git

SHOWN = 200
"""Commits that are listed at most."""
TOOL = ("llmchat_deploy/", "service/archive/", "requirements.lock", "llmchat-deploy", "setup/", "pyproject.toml")
"""What the tool itself consists of; a path that ends in ``/`` is a folder."""


class GitClone:
    """Implement :class:`llmchat_deploy.host.clone.Clone` with git."""

    def __init__(self, folder: Path) -> None:
        self._git = Git(folder)

    @classmethod
    def around(cls, folder: Path) -> GitClone | None:
        """Return the clone that a folder belongs to, or None; raises HostError where git may not look."""
        result = Git(folder).ask("rev-parse", "--show-toplevel")
        if result.status == 0:
            return cls(Path(result.stdout.removesuffix("\n")))
        if "dubious ownership" in result.stderr:
            raise HostError(
                f"git reads nothing in {folder}: it belongs to another user.",
                hint=f"Run as its owner, or trust it once: git config --global --add safe.directory {folder}",
            )
        return None

    @property
    def folder(self) -> Path:
        """Return its topmost folder."""
        return self._git.folder

    def commit(self) -> str:
        """Return the commit that is checked out; raises CloneRefused where there is none yet."""
        commit = self._git.word("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if not commit:
            raise CloneRefused(f"{self.folder} has no commit yet.", code="not_a_clone")
        return commit

    def fetch(self) -> None:
        """Bring what the remote has."""
        self._git.fetch(self._remote())

    def coming(self, ref: str | None) -> Coming:
        """Return what going to another version would bring."""
        before = self.commit()
        target = self._of_branch() if ref is None else self._of_ref(ref)
        if target.commit == before and (not target.branch or target.branch == self._branch()):
            return Coming(before, target)
        self._refuse_unheld(before)
        arriving = self._git.names("diff", "--name-only", "--no-renames", "-z", before, target.commit)
        changed = self._changed()
        self._refuse_losses(before, target.commit, frozenset(arriving), changed)
        return Coming(
            before,
            target,
            commits=self._commits(f"{before}..{target.commit}"),
            undone=self._commits(f"{target.commit}..{before}"),
            kept=tuple(name for name in changed if name not in arriving),
            tool=any(name.startswith(TOOL) for name in arriving),
        )

    def move(self, coming: Coming) -> None:
        """Go there: one command of git that changes the files, all or (where it declines) none."""
        git, target = self._git, coming.target
        argv: tuple[str, ...]
        self._take_half_done(coming.before, target.commit)
        if target.branch and target.branch == self._branch():
            argv = ("merge", "--quiet", "--ff-only", "--no-autostash", "--no-overwrite-ignore", target.commit)
        else:
            argv = ("checkout", "--quiet", "--no-overwrite-ignore")
            if target.tracks:
                argv = (*argv, "-b", target.branch, "--track", target.tracks)
            elif target.branch:
                git.text("update-ref", f"refs/heads/{target.branch}", target.commit)
                argv = (*argv, target.branch, "--")
            else:
                argv = (*argv, "--detach", target.commit)
        result = git.ask(*argv)
        if result.status != 0:
            raise git.failed(argv[0], result)

    def holds(self, commit: str, path: str, text: str = "") -> bool:
        """Say whether a version has a file, and in it ``text``."""
        if text:
            return self._git.succeeds("grep", "--quiet", "--fixed-strings", "-e", text, commit, "--", path)
        return self._git.succeeds("cat-file", "-e", f"{commit}:{path}")

    @contextmanager
    def tree(self, coming: Coming) -> Iterator[Path]:
        """Lay out the files aside as they will be; ignored ones, such as env files, are left out."""
        git = self._git
        with tempfile.TemporaryDirectory(prefix="llmchat-update-") as aside:
            root, archive = Path(aside) / "tree", Path(aside) / "tree.tar"
            root.mkdir()
            git.text("archive", "--format=tar", f"--output={archive}", coming.target.commit)
            git.unpack(archive, root)
            for name in (*coming.kept, *git.names("ls-files", "--others", "--exclude-standard", "-z")):
                source, copy = self.folder / name, root / name
                if source.is_file():
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, copy)
            yield root

    def _branch(self) -> str:
        return self._git.word("symbolic-ref", "--quiet", "--short", "HEAD")

    def _remote(self) -> str:
        """Return the remote of this branch, else the only one or ``origin``."""
        remotes = self._git.text("remote").split()
        configured = self._git.word("config", f"branch.{self._branch()}.remote")
        for name in (configured, "origin", *remotes):
            if name in remotes:
                return name
        raise CloneRefused(
            f"{self.folder} knows no remote to fetch a new version from.",
            code="no_remote",
            hint="git remote add origin URL; or bring the files another way, then: update --no-fetch",
        )

    def _of_branch(self) -> Target:
        """Return the newest of the branch that is checked out."""
        branch = self._branch()
        if not branch:
            known = self._git.text("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
            first = next((name for name in ("main", "master", *known) if name in known), "main")
            raise CloneRefused(
                f"No branch is checked out in {self.folder} but the version {self.commit()[:12]} by itself: nothing"
                " newer follows it.",
                code="no_branch",
                hint=f"Follow a branch again: update --ref {first}. To stay: update --no-fetch",
            )
        return self._newest(branch)

    def _newest(self, branch: str) -> Target:
        git = self._git
        follows = git.word("rev-parse", "--abbrev-ref", "--symbolic-full-name", f"{branch}@{{upstream}}")
        follows = follows or f"{self._remote()}/{branch}"
        newest = git.word("rev-parse", "--verify", "--quiet", f"{follows}^{{commit}}")
        if not newest:
            raise CloneRefused(
                f"The branch {branch} follows no branch of a remote.",
                code="no_upstream",
                hint=f"git branch --set-upstream-to REMOTE/BRANCH {branch}, or name a version: update --ref REF",
            )
        own = git.text("rev-parse", f"refs/heads/{branch}").strip()
        if git.succeeds("merge-base", "--is-ancestor", own, newest):
            return Target(newest, branch)
        if git.succeeds("merge-base", "--is-ancestor", newest, own):
            return Target(own, branch)
        parted = self._commits(f"{newest}..{own}")
        raise CloneRefused(
            f"The branch {branch} has commits of its own ({len(parted)}) that {follows} doesn't have, and the other way"
            " round. Nothing was changed.",
            code="diverged",
            hint=f"git -C {self.folder} rebase {follows}, then: update --no-fetch",
            details=tuple(f"{commit.id[:12]} {commit.subject}" for commit in parted[:SHOWN]),
        )

    def _of_ref(self, ref: str) -> Target:
        git, remote = self._git, self._remote()
        if git.succeeds("check-ref-format", "--branch", ref):
            if git.succeeds("rev-parse", "--verify", "--quiet", f"refs/heads/{ref}"):
                return self._newest(ref)
            theirs = git.word("rev-parse", "--verify", "--quiet", f"refs/remotes/{remote}/{ref}^{{commit}}")
            if theirs:
                return Target(theirs, ref, tracks=f"{remote}/{ref}")
        commit = git.word("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if not commit:
            raise CloneRefused(
                f"'{ref}' is no branch, tag or commit that {self.folder} knows after fetching from '{remote}'.",
                code="unknown_ref",
                hint="git tag --list; git branch --remotes; git log --oneline",
            )
        return Target(commit)

    def _refuse_unheld(self, before: str) -> None:
        """Refuse to leave commits that only HEAD holds: git would forget them in time."""
        if not self._branch() and not self._git.word("for-each-ref", "--count=1", "--contains", before):
            raise CloneRefused(
                f"The commit {before[:12]} that is checked out is on no branch: going elsewhere could lose it.",
                code="local_changes",
                hint=f"Keep it: git -C {self.folder} branch MY-CHANGES. Then run this again.",
            )

    def _changed(self) -> tuple[str, ...]:
        """Return the tracked files that differ from what is checked out, in the folder or in the index."""
        git = self._git
        found = {*git.names("diff", "--name-only", "-z", "HEAD"), *git.names("diff", "--name-only", "--cached", "-z")}
        return tuple(sorted(found))

    def _refuse_losses(self, before: str, after: str, arriving: frozenset[str], changed: tuple[str, ...]) -> None:
        lost = [name for name in changed if name in arriving and self._is_own(name, after)]
        new = self._git.names("diff", "--name-only", "--no-renames", "--diff-filter=A", "-z", before, after)
        lost += [name for name in new if name not in changed and self._is_there(name) and not self._equals(name, after)]
        if lost:
            raise CloneRefused(
                "The new version changes files that were changed here too: they would be lost. Nothing was changed.",
                code="local_changes",
                hint=f"Look: git -C {self.folder} diff. Settings of your own belong into .env.NAME or a profile of your"
                " own. Put the changes aside (git stash), or commit them on a branch.",
                details=tuple(sorted(lost)),
            )

    def _is_own(self, name: str, after: str) -> bool:
        """Say whether a changed file holds something that is in neither version: a cut run leaves the new one's."""
        return self._is_there(name) and not self._equals(name, after)

    def _is_there(self, name: str) -> bool:
        path = self.folder / name
        return path.exists() or path.is_symlink()

    def _equals(self, name: str, commit: str) -> bool:
        if not (self.folder / name).is_file():
            return False
        theirs = self._git.word("rev-parse", "--verify", "--quiet", f"{commit}:{name}")
        return bool(theirs) and self._git.word("hash-object", "--", name) == theirs

    def _take_half_done(self, before: str, after: str) -> None:
        """Tell git of files that a run which was cut has written already: it takes them for changes made here."""
        arriving = self._git.names("diff", "--name-only", "--no-renames", "-z", before, after)
        changed = set(self._changed())
        untracked = set(self._git.names("ls-files", "--others", "-z", "--", *arriving)) if arriving else set()
        half = [name for name in arriving if name in changed | untracked and self._equals(name, after)]
        if half:
            self._git.text("update-index", "--add", "--", *half)

    def _commits(self, span: str) -> tuple[Commit, ...]:
        lines = self._git.text("log", f"--max-count={SHOWN}", "--format=%H%x09%cI%x09%s", span).splitlines()
        return tuple(Commit(*line.split("\t", 2)) for line in lines)
