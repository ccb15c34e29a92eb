"""How smoothly the page moves with a history of 10,000 conversations and a conversation of 2,000 messages.

    python tests/bench/scrolling.py [--rounds 3] [--markdown]

A real browser turns the wheel, types, and has an answer streamed; the time between its frames is counted, and the
tasks of more than 50 ms. Beside it, in the same browser and in turn, stands a page that is nothing but the 2,000 texts:
as smooth as this machine, which has no graphics card and does other things too, can be. It exits with 1 where frames
take longer than the limits allow beside that page's, or the page holds more than it may.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic

from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.e2e import years_of_chats
from tests.e2e.browser import WINDOW, person
from tests.e2e.frames import NONE, Frames, Watched, elements, heap_megabytes, turn_wheel
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario
from tests.e2e.test_page_years import CONVERSATIONS, MESSAGES, Years, seed

TYPICAL, SLOW = 1.2, 4.0
"""So many times the plain page's median frame, and the frame that 95 of 100 stay below, may take at most."""
MOST_ELEMENTS, MOST_HEAP = 13_000, 60
"""Elements of the page and megabytes of its scripts, when all has been scrolled through."""
SECONDS = 3.0
PLAIN = "the same texts, nothing else"
WORDS = ("Some **words** ", "and `code`, ", "one after ", "another. ", "\n\n```python\nprint(1)\n```\n\n") * 200


@dataclass
class Bench:
    """The page, the plain one beside it, and what was met so far."""

    years: Years
    plain: Page
    frames: dict[str, Frames] = field(default_factory=dict)

    def watch(self, name: str, page: Page, act: Callable[[], None]) -> None:
        """Do something with a page and add its frames to those of that name."""
        page.bring_to_front()
        with Watched(page) as watched:
            act()
        self.frames[name] = self.frames.get(name, NONE) + watched.frames

    def round(self, number: int) -> None:
        """Do everything once more."""
        page = self.years.page
        self.watch(
            PLAIN, self.plain, lambda: turn_wheel(self.plain, self.plain.locator("main"), by=-120, seconds=SECONDS)
        )
        self.years.open_the_long_one(2 * number)
        page.wait_for_timeout(1_000)
        wheel = {"the conversation, read": -120, "the conversation, in haste": -1_200}
        for name, by in wheel.items():
            self.watch(name, page, lambda by=by: turn_wheel(page, self.years.frame, by=by, seconds=SECONDS))  # type: ignore[misc]
        self.watch("the history", page, lambda: turn_wheel(page, self.years.history, by=240, seconds=SECONDS))
        field = page.get_by_label("Message", exact=True)
        field.focus()
        self.watch("typing in the long conversation", page, lambda: page.keyboard.type("Some words. " * 6, delay=30))
        page.keyboard.press("Enter")
        answer = self.years.messages.get_by_role("article").last
        expect(answer).to_have_attribute("aria-busy", "true")
        self.watch("an answer streamed into it", page, lambda: page.wait_for_timeout(SECONDS * 1_000))
        page.keyboard.press("Escape")
        expect(answer).to_have_attribute("aria-busy", "false")

    def opened_after(self) -> float:
        """Return the seconds from a click on the long conversation to its last words."""
        page = self.years.page
        page.goto(f"{self.years.person.url}/chat")
        link = self.years.history.get_by_role("link", name=years_of_chats.LONG_TITLE)
        expect(link).to_be_visible()
        begun = monotonic()
        link.click()
        expect(self.years.messages.get_by_role("article").last).to_be_in_viewport(timeout=30_000)
        return monotonic() - begun


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelServer(words=WORDS, delay=0.02) as server,
        Scenario(Path(folder), label="scrolling") as scenario,
    ):
        scenario.profile().env_file(LLM_API_URL=server.url, LLM_MODEL="glm-4", LLM_API_KEY="").up()
        scenario.chat.register("wang")
        seed(scenario, "wang")
        with person(scenario.url) as someone:
            someone.come_back("wang")
            years = Years(scenario, someone)
            bench = Bench(years, plain_page(years))
            opened = median(bench.opened_after() for _ in range(options.rounds))
            for number in range(options.rounds):
                bench.round(number)
            held = (elements(years.page.locator("body")), heap_megabytes(years.page))
    return report(bench.frames, opened, held, markdown=options.markdown)


def plain_page(years: Years) -> Page:
    """Return a page that scrolls the texts of the long conversation, from its end."""
    browser = years.page.context.browser
    assert browser
    page = browser.new_context(viewport=WINDOW).new_page()
    page.set_content("<main style='height: 700px; overflow-y: auto; width: 720px; white-space: pre-wrap'></main>")
    page.locator("main").evaluate(
        "(main, texts) => { for (const text of texts) { const p = document.createElement('p'); p.textContent = text;"
        " main.append(p); } main.scrollTop = main.scrollHeight; }",
        [years_of_chats.text(number) for number in range(MESSAGES)],
    )
    return page


def report(frames: dict[str, Frames], opened: float, held: tuple[int, float], *, markdown: bool) -> int:
    """Print every figure; return 1 where one exceeds its limit."""
    plain = frames[PLAIN]
    missed = held[0] > MOST_ELEMENTS or held[1] > MOST_HEAP
    bar = "| " if markdown else ""
    for name, met in frames.items():
        typical, slow = met.typical / plain.typical, met.slow / plain.slow
        missed |= typical > TYPICAL or slow > SLOW
        limits = ("", "") if name == PLAIN else (f" (≤ {TYPICAL})", f" (≤ {SLOW})")
        cells = (
            name,
            f"{met.typical:.1f} ms",
            f"{typical:.2f}{limits[0]}",
            f"{met.slow:.1f} ms",
            f"{slow:.2f}{limits[1]}",
            f"{met.worst:.0f} ms",
            f"{len(met.tasks)} of {len(met.frames)}",
        )
        sys.stdout.write(f"{bar}{' | '.join(cells)}{' |' if markdown else ''}\n")
    for name, figure in (
        (f"{MESSAGES:,} messages: shown after", f"{opened:.2f} s"),
        (f"{CONVERSATIONS:,} conversations and {MESSAGES:,} messages: elements", f"{held[0]:,} (≤ {MOST_ELEMENTS:,})"),
        ("… and memory of the scripts", f"{held[1]:.0f} MB (≤ {MOST_HEAP})"),
    ):
        sys.stdout.write(f"| {name} | {figure} | | | | | |\n" if markdown else f"{name}: {figure}\n")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
