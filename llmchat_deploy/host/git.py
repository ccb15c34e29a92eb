"""Run git: argv in, text out, its failures told in our words."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from llmchat_deploy.errors import CloneRefused, HostError, PrerequisiteError, RemoteUnreachable, StepFailed
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.host.process import run_command

FETCH_TIMEOUT = 600
"""Seconds after which a remote that goes on saying nothing is given up."""
STALLED = ("-c", "http.lowSpeedLimit=100", "-c", "http.lowSpeedTime=30")
"""Give up a transfer of less than 100 bytes a second during 30 s (git-config(1))."""
TIMED_OUT = 124
"""What coreutils' ``timeout`` returns where it ended the command."""
TOLD = re.compile(r"^(?:fatal|error|ssh|remote): |: .*(?:denied|refused|timed out)", re.IGNORECASE)
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


class Git:
    """Git in one folder. Nothing is asked: a remote that wants a password is one that can't be reached."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, *argv: str) -> CommandResult:
        """Run a command and return what it left."""
        return self._run(("git", *argv))

    def text(self, *argv: str) -> str:
        """Return what a command printed; raises StepFailed where it fails."""
        result = self.ask(*argv)
        if result.status != 0:
            raise self.failed(argv[0], result)
        return result.stdout

    def word(self, *argv: str) -> str:
        """Return the one line a command printed, empty where it fails."""
        result = self.ask(*argv)
        return result.stdout.strip() if result.status == 0 else ""

    def names(self, *argv: str) -> tuple[str, ...]:
        """Return the file names that a command printed with ``-z``."""
        return tuple(name for name in self.text(*argv).split("\0") if name)

    def succeeds(self, *argv: str) -> bool:
        """Say whether a command ends with 0."""
        return self.ask(*argv).status == 0

    def fetch(self, remote: str, *refs: str) -> None:
        """Fetch from a remote; raises RemoteUnreachable with the reason."""
        fetch = ("git", *STALLED, "fetch", "--quiet", "--no-recurse-submodules", remote, *refs)
        result = self._run(("timeout", "--kill-after=5", str(FETCH_TIMEOUT), *fetch))
        if result.status == 0:
            return
        url = CREDENTIALS.sub("", self.word("remote", "get-url", remote)) or remote
        reason = f"nothing came in {FETCH_TIMEOUT} s" if result.status == TIMED_OUT else "; ".join(told(result))
        raise RemoteUnreachable(
            f"The remote '{remote}' ({url}) can't be read: {reason}",
            hint=f"Nothing was changed. Try it by hand: git -C {self.folder} fetch {remote}"
            " Without network: update --no-fetch deploys what is here.",
        )

    def unpack(self, archive: Path, folder: Path) -> None:
        """Unpack what ``git archive`` wrote; raises HostError."""
        argv = ("tar", "--extract", f"--file={archive}", f"--directory={folder}")
        result = run_command(argv, env=os.environ, stdin=b"", on_line=None)
        if result.status != 0:
            raise HostError(f"The new version can't be laid out in {folder}: {'; '.join(told(result))}")

    def failed(self, what: str, result: CommandResult) -> StepFailed | CloneRefused:
        """Return the error of a command that failed."""
        lines = told(result)
        if "index.lock" in result.stderr:
            lock = self.folder / self.word("rev-parse", "--git-path", "index.lock")
            return CloneRefused(
                f"Another git works in {self.folder}, or one died there.",
                code="git_busy",
                hint=f"Wait for it. If none runs: rm {lock} and run this again.",
                details=lines,
            )
        return StepFailed(
            f"git {what} failed in {self.folder} (exit status {result.status}).",
            hint="Nothing of the running service was changed. The lines above say why.",
            details=lines,
        )

    def _run(self, argv: tuple[str, ...]) -> CommandResult:
        quiet = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_LITERAL_PATHSPECS": "1"}
        if not os.environ.get("GIT_SSH_COMMAND") and not os.environ.get("GIT_SSH"):
            quiet["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes -o ConnectTimeout=15"
        inherited = {name: value for name, value in os.environ.items() if name not in OTHER_CLONES}
        try:
            return run_command(
                (*argv[: argv.index("git") + 1], "-C", str(self.folder), *argv[argv.index("git") + 1 :]),
                env={**inherited, **quiet},
                stdin=b"",
                on_line=None,
            )
        except FileNotFoundError as error:
            raise PrerequisiteError(
                "git is not there.", hint="Debian, Ubuntu: apt-get install git. Then run it again."
            ) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise HostError(f"git can't be started: {error}.") from error


OTHER_CLONES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE"})
"""Variables that point git at another folder; a hook that starts the tool leaves them set."""


def told(result: CommandResult) -> tuple[str, ...]:
    """Return the lines of a failure that say why, without a user name or password of a URL."""
    lines = [CREDENTIALS.sub("", line.strip()) for line in result.stderr.splitlines() if line.strip()]
    return tuple(line for line in lines if TOLD.search(line)) or tuple(lines[-3:]) or ("no reason given",)
