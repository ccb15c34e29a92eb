"""One person at one chat page, and what the model says to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from tests.e2e.browser import Person, person
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import ARTIFACTS, Scenario

PARIS = ("Paris ", "is ", "the ", "capital ", "of ", "**France**.")
POEM = ("床前明月光。", "疑是地上霜。", "举头望明月。", "低头思故乡。")
MARKDOWN = (
    "### Paris in two days\n\nTwo **sights** that everybody knows:\n\n",
    "| Sight | Year |\n|---|---:|\n| Eiffel Tower | 1889 |\n| Louvre | 1793 |\n\n",
    "##### A greeting\n\n```python\n# Say hello\ndef greet(name: str) -> str:\n    return f'Bonjour, {name}!'\n```\n\n",
    "A walk\n======\n\n1. Walk along the Seine\n2. Eat a croissant\n\n",
    "> ## Never forget\n>\n> Paris is <b>always</b> a good idea.\n\n",
)
FORMULAS = (
    "The roots of \\(ax^2 + bx + c = 0\\) are\n\n",
    "\\[ x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} \\]\n\n",
    "where $a \\ne 0$.[^line] It costs $5 and $10.\n\n[^line]: Else it is a line.\n",
)
HOSTILE = (
    "<script>window.taken = 1</script>\n\n<img src=x onerror='window.taken = 2'>\n\n",
    "<iframe srcdoc='<script>parent.taken = 3</script>'></iframe>\n\n<svg onload='window.taken = 4'>\n\n",
    "[a](javascript:window.taken=5) [b](java&#10;script:window.taken=6) [c](data:text/html,x) ![d](http://evil.test/x)\n\n",
    "| <img src=x onerror='window.taken = 7'> |\n|---|\n| [e](JaVaScRiPt:window.taken=8) |\n\n",
    "\\( \\href{javascript:window.taken=9}{x} \\)\n\n```html\n</code></pre><script>window.taken = 10</script>\n```\n",
)
ENDLESS = ("and so it goes on, ",) * 400


@dataclass
class Chatroom:
    """An installation with titles, the model server behind it, and a second model there that sees no images."""

    scenario: Scenario
    server: ModelServer

    @contextmanager
    def visitor(self, username: str) -> Iterator[Story]:
        """Open the page for somebody new, who has registered and logged in."""
        with person(self.scenario.url) as someone:
            someone.register(username)
            expect(someone.page.get_by_text("Please log in")).to_be_visible()
            someone.log_in()
            yield Story(self.scenario, self.server, someone)


@dataclass
class Story:
    """One person at one page, and the model server behind it."""

    scenario: Scenario
    server: ModelServer
    person: Person
    seen: list[str] = field(default_factory=list)
    """Every address the page asked for."""
    requests: list[str] = field(default_factory=list)
    """The same, since somebody cleared it."""
    violations: list[str] = field(default_factory=list)
    """What the browser said about the Content-Security-Policy, and errors that nobody caught."""

    def __post_init__(self) -> None:
        def note(request: Request) -> None:
            self.seen.append(request.url)
            self.requests.append(request.url)

        def hear(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                self.violations.append(message.text)

        self.page.on("request", note)
        self.page.on("console", hear)
        self.page.on("pageerror", lambda error: self.violations.append(str(error)))

    @property
    def page(self) -> Page:
        return self.person.page

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.page.get_by_role("article", name="Answer").last

    @property
    def question(self) -> Locator:
        """The last question."""
        return self.page.get_by_role("article", name="You").last

    def ask(self, question: str, words: tuple[str, ...], title: str = "") -> None:
        """Ask and have the model say those words, and give a new conversation that title."""
        self.server.words, self.server.delay = words, 0.01
        self.server.title = title or question.rstrip("?")
        self.person.ask(question)

    def new_chat(self) -> None:
        self.page.keyboard.press("Control+Shift+O")
        expect(self.page.get_by_text("what can I help you with?")).to_be_visible()

    def choose(self, conversation: str | int, option: str) -> None:
        """Take an option of a conversation in the history, named or counted from the top."""
        history = self.page.get_by_role("navigation", name="Conversations")
        found = history.get_by_role("listitem")
        line = found.nth(conversation) if isinstance(conversation, int) else found.filter(has_text=conversation)
        line.hover()
        line.get_by_role("button", name="Options for").click()
        line.get_by_role("button", name=option, exact=True).click()

    def cannot_be_scripted(self) -> None:
        """Have the model say what would run in a page that took its words for HTML."""
        self.ask("And what is that?", HOSTILE)
        expect(self.answer).to_contain_text("<script>window.taken = 10</script>")
        made = "script, img, iframe, form, style, input, [onerror], [onload], svg[onload], .formula a"
        expect(self.answer.locator(made)).to_have_count(0)
        links = self.answer.get_by_role("link").evaluate_all("links => links.map(({ protocol }) => protocol)")
        assert set(links) <= {"http:", "https:"}
        assert self.page.evaluate("window.taken") is None

    def goes_to_a_footnote_and_back(self) -> None:
        """Follow a footnote's reference and its way back by keyboard, without leaving the page."""
        self.page.evaluate("window.stayed = true")
        reference = self.answer.locator("[data-footnote-ref]")
        reference.press("Enter")
        note = self.answer.locator("section.footnotes li:target")
        expect(note).to_contain_text("Else it is a line.")
        expect(note).to_be_in_viewport()
        self.page.keyboard.press("Tab")
        expect(note.get_by_role("link", name="Back to reference 1")).to_be_focused()
        self.page.keyboard.press("Enter")
        expect(self.answer.locator("[data-footnote-ref]:target")).to_be_in_viewport()
        assert self.page.evaluate("window.stayed"), "the page was loaded anew"
        self.page.go_back()
        expect(note).to_be_in_viewport()
        assert self.page.evaluate("window.stayed"), "the page was loaded anew"

    def script_kilobytes(self) -> float:
        """Return how much of scripts a browser fetches for a new chat, as they come over the network."""
        page = self.page.context.new_page()
        page.goto(f"{self.person.url}/chat")
        expect(page.get_by_label("Message", exact=True)).to_be_visible()
        page.wait_for_load_state("networkidle")
        entries = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.toJSON())")
        page.close()
        kilobytes = float(sum(entry["encodedBodySize"] for entry in entries if entry["name"].endswith(".js"))) / 1000
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / "page-size.txt").write_text(f"scripts of the chat page: {kilobytes:.0f} kB gzipped\n")
        return kilobytes

    def asked_nobody_else(self) -> None:
        """See that the page asked nobody but this installation, and never broke the policy."""
        assert not [url for url in self.seen if not url.startswith((self.person.url, "blob:", "data:"))]
        assert not self.violations

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)
        self.person.save_artifacts(test)
