"""A person at a browser: what they see, click and type. Chromium is the distribution's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect, sync_playwright

from tests.e2e.chat import PASSWORD
from tests.e2e.scenario import ARTIFACTS

WINDOW: ViewportSize = {"width": 1280, "height": 800}
LONG = 90_000
"""Milliseconds a small model may take for a whole answer on a busy machine."""


class Person:
    """A browser window of its own; it speaks English."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.url = url
        self.seen: list[int] = []
        """Length of the answer each time it changed on the page."""

    def elsewhere(self) -> Person:
        """Return a second browser of the same person: it knows nothing of the first one's log-in."""
        browser = self.context.browser
        assert browser
        return Person(browser.new_context(viewport=WINDOW, locale="en-US"), self.url)

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
        self.page.get_by_label("Message", exact=True).fill(question)
        self.page.keyboard.press("Enter")
        answer = self.page.get_by_role("article", name="Answer").last
        expect(answer).to_have_attribute("aria-busy", "false", timeout=LONG)
        self.seen = self.page.evaluate("window.seen")
        return answer.inner_text()

    def screenshot(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    def save_artifacts(self, test: str) -> None:
        self.screenshot(f"failed-{test}"[:100])

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


@contextmanager
def person(url: str, *, believes_anybody: bool = False) -> Iterator[Person]:
    """Open a browser window at an address; ``believes_anybody`` has it take a certificate of no known authority."""
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is needed: ./run-tests installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(chromium), args=["--no-sandbox"])
        context = browser.new_context(viewport=WINDOW, locale="en-US", ignore_https_errors=believes_anybody)
        try:
            yield Person(context, url)
        finally:
            browser.close()
