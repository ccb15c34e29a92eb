"""What another address costs: ``migrate-ip``, and beside it the deployment guide's way, which rebuilds the page.

    python tests/bench/address.py [--rounds 3] [--markdown]

Each round moves an environment of its own to and fro under eight keep-alive clients, once with the address written out
(``NEXT_PUBLIC_API_URL``: page and backend are told it) and once without. The guide's way is what its scenario 4 does:
write the address, stop and remove the page, build its image, start it. It exits with 1 where a request of ours fails,
or where ours takes more than 3 s at the median or more than half as long as the guide's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.e2e import guides_way
from tests.e2e.load import KeepAliveClients
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

ADDRESSES = ("127.0.0.1", "111.19.168.151")
SECONDS, RATIO = 3.0, 0.5


@dataclass
class Way:
    """One way of moving: how long it took each time, and what its users met."""

    name: str
    seconds: list[float] = field(default_factory=list)
    requests: int = 0
    failures: int = 0

    def count(self, *clients: KeepAliveClients) -> None:
        """Add what clients met."""
        self.requests += sum(client.requests for client in clients)
        self.failures += sum(len(client.failures) for client in clients)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    explicit, plain, guide = (
        Way("migrate-ip, address written out"),
        Way("migrate-ip"),
        Way("the guide: rebuild the page"),
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelServer() as server,
        Scenario(Path(folder), label="bench") as written,
        Scenario(Path(folder), label="bench") as bare,
        Scenario(Path(folder), label="bench") as theirs,  # a move of ours would first build the sources it changes
    ):
        values = {"SERVER_IP": ADDRESSES[1], "LLM_API_URL": server.url, "LLM_MODEL": "test", "LLM_API_KEY": ""}
        written.profile().env_file(**values, NEXT_PUBLIC_API_URL=f"http://{ADDRESSES[1]}:{written.api_port}").up()
        bare.profile().env_file(**values).up()
        theirs.profile().env_file(**values).up()
        context = theirs.own_sources()
        for number in range(options.rounds):
            for way, scenario in ((explicit, written), (plain, bare)):
                with clients(scenario, way):
                    way.seconds.append(moved(scenario, there=number % 2 == 0))
            with clients(theirs, guide):
                guide.seconds.append(guides_way.new_page(theirs, context, theirs.chat))
    floor = median(guide.seconds)
    for way in (explicit, plain, guide):
        taken = median(way.seconds)
        figures = (f"{taken:.1f} s", f"{taken / floor:.2f}", f"{way.failures} of {way.requests}")
        if options.markdown:
            sys.stdout.write(f"| {way.name} | {' | '.join(figures)} |\n")
        else:
            sys.stdout.write("{:<34} {:>7}   ratio {:>5}   {} requests failed\n".format(way.name, *figures))
    ours = (explicit, plain)
    good = all(
        median(way.seconds) <= SECONDS and median(way.seconds) <= floor * RATIO and not way.failures for way in ours
    )
    return 0 if good else 1


class clients:  # noqa: N801 - a context, used like a function
    """Ask page and API all the while, and count for ``way``."""

    def __init__(self, scenario: Scenario, way: Way) -> None:
        self._way = way
        self._clients = (
            KeepAliveClients(scenario.web_port, "/auth", count=4),
            KeepAliveClients(scenario.api_port, "/health/ready", count=4),
        )

    def __enter__(self) -> None:
        for client in self._clients:
            client.__enter__()

    def __exit__(self, *_: object) -> None:
        time.sleep(0.5)
        for client in self._clients:
            client.__exit__()
        self._way.count(*self._clients)


def moved(scenario: Scenario, *, there: bool) -> float:
    """Move by our command, or back again; return the seconds of the whole command."""
    way = (ADDRESSES[0], "--drop-old") if there else ("--undo",)
    return scenario.run("migrate-ip", *way, "--yes").check().seconds


if __name__ == "__main__":
    sys.exit(main())
