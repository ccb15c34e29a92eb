"""How long nobody is served while the container that owns the ports is replaced, idle and with answers open.

    python tests/bench/edge.py [--rounds 5] [--markdown]

It deploys an environment of its own, changes the edge's memory limit, which only another container can have, and asks
both ports fifty times a second meanwhile. A round's figure is the time from the last answer before the gap to the
first one after it, on the port that was away for longer. The script prints medians and worst cases, removes everything
it made, and exits with 1 where a worst case exceeds what the plan announces.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from llmchat_deploy.plan.edge import DOWNTIME_SECONDS
from tests.e2e.chat import Chat
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

ASK_EVERY = 0.02
STREAMS = 3
WORDS = tuple(f"{number} " for number in range(3000))
DELAY = 0.1
"""Seconds between words: an answer takes five minutes, longer than any grace period."""


class Asker:
    """Asks one port again and again, each time on a connection of its own, and remembers the longest silence."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path, self.longest = port, path, 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the longest silence in seconds."""
        self._ended.set()
        self._thread.join()
        assert self.longest, f"port {self.port} never served {self.path}"
        return self.longest

    def _run(self) -> None:
        last = time.monotonic()
        while not self._ended.wait(ASK_EVERY):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            try:
                connection.request("GET", self.path)
                served = connection.getresponse().status == http.client.OK
            except (OSError, http.client.HTTPException):
                served = False
            finally:
                connection.close()
            if served:
                now = time.monotonic()
                self.longest, last = max(self.longest, now - last), now


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    worst = 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelServer(words=WORDS, delay=DELAY) as server,
        Scenario(Path(folder), label="bench") as scenario,
    ):
        scenario.profile().env_file(LLM_API_URL=server.url, LLM_MODEL="test", LLM_API_KEY="").up()
        user = scenario.chat.register("measuring")
        for name, streams in (("nobody is being answered", 0), (f"{STREAMS} answers are open", STREAMS)):
            gaps = [replaced(scenario, user, streams, memory=100 + number) for number in range(options.rounds)]
            worst = max(worst, *gaps)
            figures = f"{median(gaps):.1f} s", f"{max(gaps):.1f} s", f"≤ {DOWNTIME_SECONDS:.0f} s"
            if options.markdown:
                sys.stdout.write(f"| {name} | {' | '.join(figures)} |\n")
            else:
                sys.stdout.write("{:<28} median {:>7}   worst {:>7}   {}\n".format(name, *figures))
            sys.stdout.flush()
    return 0 if worst <= DOWNTIME_SECONDS else 1


def replaced(scenario: Scenario, user: Chat, streams: int, *, memory: int) -> float:
    """Replace the edge while ``streams`` answers are open; return the seconds without service."""
    # Another limit each time, whatever the round before left.
    memory += 50 if streams else 0
    for _ in range(streams):
        threading.Thread(target=_read, args=(user,), daemon=True).start()
    time.sleep(2)
    askers = Asker(scenario.web_port, "/auth"), Asker(scenario.api_port, "/health/ready")
    time.sleep(1)
    scenario.up("--set", f"resources.edge_memory={memory}m")
    time.sleep(1)
    return max(asker.stop() for asker in askers)


def _read(user: Chat) -> None:
    try:
        for _ in user.stream("Count"):
            pass
    except (OSError, http.client.HTTPException, AssertionError):
        pass  # it is cut: that is what replacing the edge costs


if __name__ == "__main__":
    sys.exit(main())
