"""Bring the project's sources to another version; what then has to be done is ``up``'s to say.

Two processes do it: the old code fetches and moves, the new code deploys. Between them stands a note in the state
folder, so that whatever is cut, running ``update`` again goes on, and a failure can name the version to go back to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llmchat_deploy.apply.updates import NotedUpdate, note_update, read_update
from llmchat_deploy.errors import CloneRefused, DeployError, RefusedError
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.host.clone import Clone, Coming, Commit
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.up import UpData
from llmchat_deploy.plan.plan import Plan

COMMAND, UP = "llmchat_deploy/cli/update.py", "llmchat_deploy/cli/up.py"
"""A version without the first file has no ``update``: its ``up`` goes on."""
CUT = "cut: Cut"
"""How a command that knows ``--cut`` takes it."""


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """What ``update --plan`` shows: the commits that would come, and what ``up`` would do with them.

    ``after`` is None where the new version's files can't be rendered by this version's code; ``unforeseen`` says why.
    """

    environment: str
    folder: str
    coming: Coming
    after: Plan | None
    unforeseen: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would come and nothing be done."""
        return not self.coming.moves and self.after is not None and self.after.is_empty

    def to_json(self) -> dict[str, Any]:
        """Return it for ``--json``."""
        coming = self.coming
        return {
            "environment": self.environment,
            "folder": self.folder,
            "before": coming.before,
            "after": coming.target.commit,
            "commits": _told(coming.commits),
            "undone": _told(coming.undone),
            "kept": list(coming.kept),
            "tool_changes": coming.tool,
            "plan": self.after.to_json() if self.after else None,
            "unforeseen": self.unforeseen,
        }


@dataclass(frozen=True, slots=True)
class UpdateData:
    """Which version runs now, which one did before, and what ``up`` left."""

    environment: str
    before: str
    after: str
    up: UpData


def require_clone(clone: Clone | None, *, is_wheel: bool) -> Clone:
    """Return the clone; raises CloneRefused where the sources came another way, with what to do then."""
    if clone is not None:
        return clone
    if is_wheel:
        hint = "pip install -U llmchat-deploy, then: llmchat-deploy up"
    else:
        hint = "Put the new version's files over the tool's, or clone the project and move .env.NAME there; then: up"
    raise CloneRefused(
        "The tool doesn't run from a git clone: there is nothing to fetch a new version into.",
        code="not_a_clone",
        hint=hint,
    )


def look(clone: Clone, ref: str | None) -> Coming:
    """Fetch, and return what would come; no file of the folder changes."""
    clone.commit()
    clone.fetch()
    return clone.coming(ref)


def move(clone: Clone, coming: Coming, host: Host) -> None:
    """Bring the sources to the other version, under the lock: no build of this environment reads them meanwhile."""
    with host.lock("update"):
        note_update(host, NotedUpdate(_last_good(host, coming.before), coming.target.commit, done=False))
        clone.move(coming)


def before(host: HostReader, commit: str) -> str:
    """Return the version to go back to from ``commit``; empty where none is known."""
    noted = read_update(host)
    return noted.before if noted and noted.after == commit and noted.before != commit else ""


def came_through(outcome: Outcome[UpData], host: Host, commit: str) -> Outcome[UpdateData]:
    """Note that a version serves, and return what ``update`` shows."""
    earlier = before(host, commit)
    if earlier:
        with host.lock("update"):
            note_update(host, NotedUpdate(earlier, commit, done=True))
    data = UpdateData(outcome.data.environment, earlier or commit, commit, outcome.data)
    return Outcome("update", data, warnings=outcome.warnings, exit_code=outcome.exit_code)


def add_way_back(error: DeployError, earlier: str, environment: str) -> None:
    """Add the version to go back to, where one is known and could serve, to the hint of a failed ``up``."""
    if earlier and not error.way_back:
        error.add_way_back(f"The version before: llmchat-deploy update --ref {earlier[:12]} --env {environment}")


def command_for(clone: Clone, commit: str, *, cut: bool = False) -> tuple[str, ...]:
    """Return the command with which the new version's own code goes on; raises RefusedError where it knows no cut."""
    known = clone.holds(commit, COMMAND) or not clone.holds(commit, UP)
    if cut and not clone.holds(commit, COMMAND if known else UP, CUT):
        raise RefusedError(
            f"The version {commit[:12]} doesn't know --cut; nothing was done.",
            hint="Without --cut, open answers of replaced slots are waited for.",
        )
    return ("update", "--no-fetch") if known else ("up",)


def _last_good(host: HostReader, commit: str) -> str:
    """Return the version that served last: ``commit``, unless an update to it never came through."""
    noted = read_update(host)
    return noted.before if noted and not noted.done and noted.after == commit else commit


def _told(commits: tuple[Commit, ...]) -> list[dict[str, str]]:
    return [{"id": commit.id, "at": commit.at, "subject": commit.subject} for commit in commits]
