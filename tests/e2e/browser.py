"""A person at a browser: what they see, click and type. Chromium is the distribution's."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

from tests.e2e import slow_network
from tests.e2e.chat import PASSWORD
from tests.e2e.scenario import ARTIFACTS

CHROMIUM = Path(__file__).with_name("chromium.py")
WINDOW: ViewportSize = {"width": 1280, "height": 800}
LONG = 90_000
"""Milliseconds a small model may take for a whole answer on a busy machine."""
PATIENCE = 60_000
"""Milliseconds for whatever else a page does: this is no test of speed, and a busy machine can stand still for long."""


class Traffic:
    """The last requests of a browser window with their ends, and what its console says."""

    def __init__(self, context: BrowserContext) -> None:
        self._began = time.monotonic()
        self._lines: deque[str] = deque(maxlen=60)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("requestfailed", self._failed)
        context.on("console", self._said)

    def text(self) -> str:
        return "\n".join(self._lines)

    def _note(self, line: str) -> None:
        self._lines.append(f"{time.monotonic() - self._began:7.2f} s  {line}")

    def _asked(self, request: Request) -> None:
        self._note(f"> {request.method} {request.url}")

    def _answered(self, response: Response) -> None:
        self._note(f"< {response.status} {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        self._note(f"! {request.failure} {request.method} {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        self._note(f"  {message.type}: {message.text}")


class Person:
    """A browser window of its own; it speaks English."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        context.set_default_timeout(PATIENCE)
        self.page: Page = context.new_page()
        self.url = url
        self.seen: list[int] = []
        """Length of the answer each time it changed on the page."""
        self._traffic = Traffic(context)
        self._elsewhere: list[Person] = []

    def elsewhere(self) -> Person:
        """Return a second browser of the same person: it knows nothing of the first one's log-in."""
        browser = self.context.browser
        assert browser
        second = Person(browser.new_context(viewport=WINDOW, locale="en-US"), self.url)
        self._elsewhere.append(second)
        return second

    def come_back(self, username: str, password: str = PASSWORD) -> None:
        """Log in with a name that isn't in the form yet."""
        self.page.goto(f"{self.url}/auth")
        self.page.get_by_label("Username").fill(username)
        self.log_in(password)

    def register(self, username: str) -> None:
        self.page.goto(f"{self.url}/auth")
        self.page.get_by_role("tab", name="Register").click()
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("Repeat password").fill(PASSWORD)
        self.page.get_by_role("tabpanel").get_by_role("button", name="Register").click()

    def log_in(self, password: str = PASSWORD) -> None:
        """Log in with the name that registering left in the form."""
        self.try_to_log_in(password)
        self.page.wait_for_url("**/chat**")

    def try_to_log_in(self, password: str = PASSWORD) -> None:
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("tabpanel").get_by_role("button", name="Log in").click()

    def ask(self, question: str) -> str:
        """Ask, watch the answer grow, and return it."""
        self._watch()
        field = self.page.get_by_label("Message", exact=True)
        field.fill(question)
        field.press("Enter")
        expect(field).to_have_value("")  # from now on the last answer is the one to this question
        answer = self.page.get_by_role("article", name="Answer").last
        expect(answer).to_have_attribute("aria-busy", "false", timeout=LONG)
        self.seen = self.page.evaluate("window.seen")
        return answer.inner_text()

    def api(self, path: str, **query: str) -> Any:
        """Ask the API as whoever is logged in here."""
        return self.page.request.get(f"{self.url}{path}", params={**query}).json()

    def until_found(self, words: str) -> None:
        """Wait for the index, which follows what is written by a second or two."""
        deadline = time.monotonic() + 60
        while not self.api("/api/search", q=words)["items"]:
            assert time.monotonic() < deadline, f"{words} is not found"
            time.sleep(0.2)

    def screenshot(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    def save_artifacts(self, test: str) -> None:
        """Keep what a failed test's page looks like, and say what it shows: whoever holds it doesn't hear of that."""
        self.tell()
        self.screenshot(f"failed-{test}"[:100])

    def tell(self) -> None:
        """Say what the page shows and what it asked for lately: all there is to see of a test that fails elsewhere."""
        for one in (self, *self._elsewhere):
            try:
                shown = one.page.locator("body").inner_text(timeout=2_000)
            except PlaywrightError as error:
                shown = f"(can't be read: {error.message})"
            sys.stdout.write(f"The page {one.page.url} shows:\n{shown[-2_000:]}\n{one._traffic.text()}\n")

    def _watch(self) -> None:
        self.page.evaluate(
            """() => {
                window.seen = [];
                new MutationObserver(() => {
                    const answers = document.querySelectorAll('article[aria-label="Answer"]');
                    const length = answers.length ? answers[answers.length - 1].textContent.length : 0;
                    if (length && length !== window.seen.at(-1)) window.seen.push(length);
                }).observe(document.body, {subtree: true, childList: true, characterData: true});
            }"""
        )


def without_clipboard_api(page: Page) -> None:
    """Take away what browsers withhold from a page served over plain http, until it is loaded anew."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")


@contextmanager
def person(url: str, *, believes_anybody: bool = False) -> Iterator[Person]:
    """Open a browser window at an address; ``believes_anybody`` has it take a certificate of no known authority."""
    expect.set_options(timeout=PATIENCE)
    with slow_network.arguments_for_chromium() as arguments, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *arguments])
        context = browser.new_context(viewport=WINDOW, locale="en-US", ignore_https_errors=believes_anybody)
        someone = Person(context, url)
        try:
            yield someone
        except BaseException:
            someone.tell()
            raise
        finally:
            browser.close()
