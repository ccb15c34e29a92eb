"""What an ``up`` with nothing to do costs, as a ratio to what it can't do without, in the same run.

    python tests/bench/up.py [--rounds 15] [--markdown]

It deploys an environment of its own and compares ``llmchat-deploy up`` with importing the libraries it needs plus
``docker compose up -d`` of a running project with two services. The script prints medians and the ratio, removes
everything it made, and exits with 1 where the limit is exceeded.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.start import LIBRARIES, TOOL, Case, measure, report
from tests.e2e import facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

LIMIT = 1.5
FLOOR = "libraries + docker compose up -d"
COMPOSE = """\
services:
  backend: {{image: "{backend}", entrypoint: [sleep, infinity], init: true, healthcheck: {{disable: true}}}}
  frontend: {{image: "{frontend}", entrypoint: [sleep, infinity], init: true, healthcheck: {{disable: true}}}}
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    with deployed() as scenario:
        file = scenario.folder / "compose.yaml"
        images = {
            name: facts.container(scenario.project, name).attrs["Config"]["Image"] for name in ("backend", "frontend")
        }
        file.write_text(COMPOSE.format(**images))
        compose = ("docker", "compose", "-p", f"{scenario.project}-bench", "-f", str(file))
        cases = (
            Case("libraries", (sys.executable, "-c", LIBRARIES)),
            Case("docker compose up -d, two services", (*compose, "up", "-d")),
            Case("llmchat-deploy up", (*TOOL, "--env", scenario.name, "up"), FLOOR, LIMIT),
        )
        os.environ["LLMCHAT_STATE_DIR"] = str(scenario.state)
        try:
            medians = measure(cases, options.rounds, scenario.folder)
        finally:
            subprocess.run((*compose, "down", "-t", "0"), check=True, capture_output=True)
        medians[FLOOR] = medians[cases[0].name] + medians[cases[1].name]
        return 0 if report(medians, (*cases[:2], Case(FLOOR, ()), cases[2]), markdown=options.markdown) else 1


@contextmanager
def deployed() -> Iterator[Scenario]:
    """Deploy an environment with a model server of this machine, and remove it afterwards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelServer() as server,
        Scenario(Path(folder), label="bench") as scenario,
    ):
        scenario.profile().env_file(LLM_API_URL=server.url, LLM_MODEL="test", LLM_API_KEY="")
        scenario.up()
        yield scenario


if __name__ == "__main__":
    sys.exit(main())
