"""Cut a run of the command line in the middle of a step."""

from __future__ import annotations

import re
import subprocess
import time

from tests.e2e.scenario import Scenario, kill

ENDED = re.compile(r"\[ *(\d+)/(\d+)\] .* …")
"""A line of progress: a step ended."""


def planned(scenario: Scenario, *argv: str) -> list[str]:
    """Return the title of each step of the plan that a command shows, in order."""
    return [step["title"] for step in scenario.run(*argv, "--json").check().data["steps"]]


def index_of(titles: list[str], beginning: str) -> int:
    """Return the index of the only step whose title begins so."""
    (index,) = [index for index, title in enumerate(titles) if title.startswith(beginning)]
    return index


def reach(process: subprocess.Popen[str], index: int) -> str:
    """Return when the step with that index (from 0) has begun, with what was printed until then."""
    assert process.stderr is not None
    assert process.stdout is not None
    if index == 0:
        return process.stdout.readline()  # the plan is shown, the first step begins
    said = ""
    for line in process.stderr:
        said += line
        ended = ENDED.match(line)
        if ended and "so far" not in line and int(ended[1]) == index:
            break
    return said


def kill_in_step(scenario: Scenario, index: int, *argv: str, after: float) -> str:
    """Start a command, kill it `after` seconds into the step with that index (from 0); return what it had printed."""
    process = scenario.start(*argv)
    said = reach(process, index)
    time.sleep(after)
    kill(process)
    for output in (process.stdout, process.stderr):
        if output:
            output.close()
    return said
