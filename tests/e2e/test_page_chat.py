"""A day at the chat page: ask, stop, have it anew, ask otherwise, search, take away; dark, Chinese, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Route, expect

from tests.e2e.browser import LONG, Person, person
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import ARTIFACTS, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

PARIS = ("Paris ", "is ", "the ", "capital ", "of ", "**France**.")
POEM = ("床前明月光。", "疑是地上霜。", "举头望明月。", "低头思故乡。")
MARKDOWN = (
    "Here is a **short** list:\n\n| Sight | Year |\n|---|---:|\n| Eiffel Tower | 1889 |\n| Louvre | 1793 |\n\n",
    "```python\ndef greet(name: str) -> str:\n    return f'Bonjour, {name}!'\n```\n\n",
    "1. Walk along the Seine\n2. Eat a croissant\n\n> 举头望明月 <b>not bold</b>\n",
)
FORMULAS = (
    "The roots of \\(ax^2 + bx + c = 0\\) are\n\n",
    "\\[ x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} \\]\n\n",
    "where $a \\ne 0$. It costs $5 and $10.\n",
)
ENDLESS = ("and so it goes on, ",) * 400

MOST_SCRIPT_KB = 250
IS_SCRIPT = "entry => new URL(entry.name).pathname.endsWith('.js')"


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

    def ask(self, question: str, words: tuple[str, ...]) -> None:
        """Ask and have the model say those words."""
        self.server.words, self.server.delay = words, 0.01
        self.person.ask(question)

    def new_chat(self) -> None:
        self.page.keyboard.press("Control+Shift+O")
        self.page.wait_for_url("**/chat")

    def choose(self, conversation: str | int, option: str) -> None:
        """Take an option of a conversation in the history, named or counted from the top."""
        history = self.page.get_by_role("navigation", name="Conversations")
        found = history.get_by_role("listitem")
        line = found.nth(conversation) if isinstance(conversation, int) else found.filter(has_text=conversation)
        line.hover()
        line.get_by_role("button", name="Options for").click()
        line.get_by_role("button", name=option, exact=True).click()

    def api(self, path: str, **query: str) -> Any:
        """Ask the API as this person."""
        return self.page.request.get(f"{self.person.url}{path}", params=query).json()

    def until_found(self, words: str) -> None:
        """Wait for the index, which follows what is written by a second or two."""
        deadline = monotonic() + 20
        while not self.api("/api/search", q=words)["items"]:
            assert monotonic() < deadline, f"{words} is not found"
            sleep(0.2)

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)
        self.person.save_artifacts(test)


def arrive(someone: Person) -> None:
    """Register and log in."""
    someone.register("wang")
    expect(someone.page.get_by_text("Please log in")).to_be_visible(timeout=20_000)
    someone.log_in()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with ModelServer() as server, Scenario(tmp_path_factory.mktemp("page"), label="page") as scenario:
        scenario.profile().env_file(LLM_API_URL=server.url, LLM_MODEL="m", LLM_API_KEY="k").up()
        with person(scenario.url) as someone:
            arrive(someone)
            yield Story(scenario, server, someone)


def test_an_answer_is_streamed_and_a_stop_keeps_what_had_come(story: Story) -> None:
    story.ask("What is the capital of France?", PARIS)
    expect(story.answer).to_contain_text("Paris is the capital of France.")
    story.server.words, story.server.delay = ENDLESS, 0.05
    story.page.get_by_label("Message", exact=True).fill("Go on for ever")
    story.page.keyboard.press("Enter")
    expect(story.answer).to_contain_text("and so it goes on, and so")
    story.page.get_by_role("button", name="Stop the answer").click()
    expect(story.answer).to_have_attribute("aria-busy", "false")
    expect(story.answer).to_contain_text("Stopped.")


def test_another_answer_keeps_the_one_before_to_flip_back_to(story: Story) -> None:
    story.server.words, story.server.delay = ("A second answer.",), 0.01
    story.answer.get_by_role("button", name="Another answer").click()
    expect(story.answer).to_contain_text("A second answer.")
    expect(story.page.get_by_label("Message", exact=True)).to_be_focused()
    expect(story.answer.get_by_role("status")).to_contain_text("Answer 2 of 2")
    story.answer.get_by_role("button", name="Answer before this").press("Enter")
    expect(story.answer).to_contain_text("and so it goes on")
    expect(story.answer).to_contain_text("Stopped.")
    story.answer.get_by_role("button", name="Answer after this").press("Enter")
    expect(story.answer).to_contain_text("A second answer.")


def test_a_question_is_asked_in_other_words_and_what_followed_goes(story: Story) -> None:
    first = story.page.get_by_role("article", name="You").first
    first.hover()
    first.get_by_role("button", name="Edit question").click()
    field = story.page.get_by_label("Edited question")
    expect(field).to_be_focused()
    story.page.keyboard.press("Escape")
    expect(first.get_by_role("button", name="Edit question")).to_be_focused()
    story.page.keyboard.press("Enter")
    story.server.words = POEM
    field.fill("Recite a poem of Li Bai")
    story.page.keyboard.press("Enter")
    expect(story.answer).to_contain_text("低头思故乡")
    expect(story.page.get_by_role("article", name="You")).to_have_count(1)
    expect(story.question).to_contain_text("Recite a poem of Li Bai")


def test_an_answer_goes_on_where_it_was_after_a_reload_and_after_a_broken_connection(story: Story) -> None:
    story.server.words, story.server.delay = tuple(f"word{number} " for number in range(120)), 0.05
    story.page.get_by_label("Message", exact=True).fill("Count, please")
    story.page.keyboard.press("Enter")
    expect(story.answer).to_contain_text("word10")
    broken: list[str] = []

    def break_first(route: Route) -> None:
        broken.append(route.request.url)
        route.abort("connectionreset") if len(broken) == 1 else route.continue_()

    story.page.route("**/stream?after=*", break_first)
    story.page.reload()
    expect(story.answer).to_have_attribute("aria-busy", "false", timeout=LONG)
    story.page.unroute("**/stream?after=*")
    assert len(broken) == 2
    text = story.answer.inner_text().split()
    assert text[:120] == [f"word{number}" for number in range(120)]


def test_the_palette_finds_chinese_words_and_goes_to_the_message(story: Story) -> None:
    page = story.page
    page.keyboard.press("Control+Shift+O")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    story.ask("What is the capital of France?", PARIS)
    story.until_found("明月")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search and go to")
    expect(field).to_be_focused()
    field.fill("明月")
    hit = page.get_by_role("listbox").get_by_role("option").filter(has_text="Answer: ")
    expect(hit.locator("mark").first).to_have_text("明月")
    page.keyboard.press("ArrowUp")  # to the last one: the poem's title may be found, too
    expect(hit).to_have_attribute("aria-selected", "true")
    story.person.screenshot("chat-search")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    found = page.get_by_role("listitem").filter(has=page.get_by_role("article", name="Answer")).first
    expect(found).to_be_focused()
    expect(found).to_contain_text("举头望明月")
    expect(found).to_be_in_viewport()


def test_the_keyboard_reaches_everything_and_says_how(story: Story) -> None:
    page = story.page
    page.keyboard.press("Shift+Escape")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Ctrl")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill("nothing holds these words")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Nothing found.")
    page.get_by_role("combobox", name="Search").fill("new chat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_the_history_pins_archives_renames_and_deletes_really(story: Story) -> None:
    page = story.page
    story.new_chat()
    story.ask("Which river runs through Paris?", PARIS)
    history = page.get_by_role("navigation", name="Conversations")
    story.choose(0, "Rename")
    page.get_by_role("dialog").get_by_label("Title").fill("The river")
    page.keyboard.press("Enter")
    expect(history.get_by_role("link").first).to_have_text("The river")

    story.choose("The river", "Pin")
    expect(history.get_by_role("region", name="Pinned").get_by_role("link")).to_have_text("The river")

    story.choose("The river", "Archive")
    expect(history.get_by_role("link", name="The river")).to_have_count(0)
    expect(page.get_by_text("This conversation is archived.")).to_be_visible()
    page.get_by_role("button", name="Archived conversations").click()
    archive = page.get_by_role("dialog", name="Archived conversations")
    archive.get_by_role("button", name="Take back “The river”").click()
    expect(archive).to_contain_text("Nothing is archived.")
    archive.get_by_role("button", name="Close").click()
    expect(page.get_by_text("This conversation is archived.")).to_have_count(0)

    address = page.url
    story.choose("The river", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/chat")
    expect(history.get_by_role("link", name="The river")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_text("This conversation does not exist or is not yours.")).to_be_visible()


def test_a_conversation_has_instructions_and_parameters_of_its_own(story: Story) -> None:
    page = story.page
    story.new_chat()
    page.get_by_role("button", name="Conversation settings").click()
    dialog = page.get_by_role("dialog", name="Conversation settings")
    dialog.get_by_label("Instructions").fill("Answer like a pirate.")
    dialog.get_by_label("Temperature").fill("3")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Temperature")).to_be_focused()
    expect(dialog).to_contain_text("Use a number from 0 to 2.")
    dialog.get_by_label("Temperature").fill("0,3")
    story.person.screenshot("chat-settings")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Conversation settings: changed")).to_be_focused()
    story.ask("Where is the treasure?", PARIS)
    stored = story.api(f"/api/conversations/{page.url.rpartition('/')[2]}")
    assert (stored["system_prompt"], stored["temperature"]) == ("Answer like a pirate.", 0.3)


def test_a_conversation_is_taken_away_as_markdown_and_as_json(story: Story) -> None:
    page = story.page
    for option, ending, holds in (("As Markdown", ".md", "Where is the treasure?"), ("As JSON", ".json", '"messages"')):
        page.get_by_role("button", name="Export the conversation").click()
        with page.expect_download() as download:
            page.get_by_role("link", name=option).click()
        assert download.value.suggested_filename.endswith(ending)
        assert holds in download.value.path().read_text(encoding="utf-8")


def test_what_was_begun_is_still_there_after_a_reload_and_in_its_own_conversation(story: Story) -> None:
    page = story.page
    field = page.get_by_label("Message", exact=True)
    address = page.url
    field.fill("half a question")
    story.new_chat()
    expect(field).to_have_value("")
    page.goto(address)
    expect(field).to_have_value("half a question")
    field.fill("")


def test_formulas_are_set_with_fonts_of_the_installation_and_only_then_fetched(story: Story) -> None:
    story.new_chat()
    story.requests.clear()
    story.ask("Markdown, please", MARKDOWN)
    expect(story.answer.get_by_role("table")).to_contain_text("Louvre")
    story.person.screenshot("chat-markdown")
    assert not [url for url in story.requests if "KaTeX" in url]
    story.ask("And the roots of a quadratic?", FORMULAS)
    expect(story.answer.locator("math")).to_have_count(3)
    expect(story.answer).to_contain_text("It costs $5 and $10.")
    story.page.wait_for_function("document.fonts.check('16px KaTeX_Main')")
    assert [url for url in story.requests if "KaTeX" in url]
    story.person.screenshot("chat-formulas")


def test_a_page_costs_at_most_250_kb_of_scripts_before_the_first_message(story: Story) -> None:
    sizes = f"performance.getEntriesByType('resource').filter({IS_SCRIPT}).map(entry => entry.encodedBodySize)"
    page = story.page.context.new_page()
    page.goto(f"{story.person.url}/chat")
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    kilobytes = sum(page.evaluate(sizes)) / 1000
    page.close()
    (ARTIFACTS / "page-size.txt").write_text(f"scripts of the chat page: {kilobytes:.0f} kB gzipped\n")
    assert 50 < kilobytes <= MOST_SCRIPT_KB


def test_nothing_was_asked_of_anybody_else_and_nothing_broke_the_policy(story: Story) -> None:
    assert not [url for url in story.seen if not url.startswith((story.person.url, "blob:", "data:"))]
    assert not story.violations
