"""The page after years: a history of 10,000 conversations, and one of them of 2,000 messages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import axe, facts, years_of_chats
from tests.e2e.browser import Person, person
from tests.e2e.frames import elements, turn_wheel
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

CONVERSATIONS, MESSAGES = 10_000, 2_000
MOST_ELEMENTS = {"history": 1_000, "conversation": 12_000}
"""Of either side; all of it drawn in full would be 110,000 and 80,000."""
DRAWN = 60_000
"""Milliseconds until what came into view is drawn in full, on a busy machine; until then it is mere text."""
NUMBERS = "(links) => links.map((link) => Number(/^Conversation (\\d+)/.exec(link.textContent)?.[1] ?? 0))"


@dataclass
class Years:
    """Somebody with a long past, at the page."""

    scenario: Scenario
    person: Person
    tab: Page | None = None
    """Another one than the person's first."""

    @property
    def page(self) -> Page:
        return self.tab or self.person.page

    @property
    def history(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversations")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("list", name="Conversation", exact=True)

    @property
    def frame(self) -> Locator:
        """What scrolls the conversation."""
        return self.messages.locator("xpath=ancestor::div[contains(@class, 'overflow-y-auto')]")

    def open_the_long_one(self, added: int = 0) -> None:
        """Go to the long conversation, to which so many messages were added meanwhile, and wait for all of it."""
        self.page.goto(f"{self.person.url}/chat/{years_of_chats.identifier('c', 0)}")
        expect(self.messages.get_by_role("article")).to_have_count(MESSAGES + added, timeout=DRAWN)
        expect(self.messages.get_by_role("article").last).to_be_in_viewport(timeout=DRAWN)

    def find_the_needle(self) -> Locator:
        """Search for the question that search knows, and return its line."""
        self.page.keyboard.press("Control+k")
        self.page.get_by_role("combobox", name="Search").fill("needle")
        self.page.get_by_role("option").filter(has_text="the needle is here").click()
        found = self.messages.get_by_role("listitem").filter(has_text="the needle is here")
        expect(found).to_be_focused()
        return found

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)
        self.person.save_artifacts(test)


def seed(scenario: Scenario, username: str, conversations: int = CONVERSATIONS, messages: int = MESSAGES) -> None:
    """Give somebody a long past, behind the service's back."""
    source = Path(years_of_chats.__file__).read_text(encoding="utf-8")
    counts = (str(conversations), str(messages))
    argv = ("/opt/venv/bin/python", "-c", source, "/app/db/llmchat.db", username, *counts)
    facts.output_of(facts.container(scenario.project, "backend"), *argv)


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Years]:
    with Scenario(tmp_path_factory.mktemp("years"), label="years") as scenario:
        scenario.profile().env_file(LLM_API_URL=model_server.url, LLM_MODEL="glm-4", LLM_API_KEY="").up()
        with person(scenario.url) as someone:
            someone.register("wang")
            expect(someone.page.get_by_text("Please log in")).to_be_visible()
            seed(scenario, "wang")
            someone.log_in()
            yield Years(scenario, someone)


def numbers_shown(years: Years) -> list[int]:
    """Return the numbers of the conversations that are elements of the page, from the top."""
    return list(years.history.get_by_role("link").evaluate_all(NUMBERS))


def moved_by_a_notch(line: Locator, notch: int) -> float:
    """Turn the wheel by so many pixels and return by how much a line of the page has moved, once it rests again."""
    top = "(line) => line.getBoundingClientRect().top"
    before = at = line.evaluate(top)
    line.page.mouse.wheel(0, notch)
    for _ in range(100):
        line.page.wait_for_timeout(60)
        now = line.evaluate(top)
        if now == at != before:
            break
        at = now
    return float(at - before)


def test_all_conversations_are_reached_and_only_those_in_view_are_elements_of_the_page(years: Years) -> None:
    expect(years.history.get_by_role("link").first).to_have_text(years_of_chats.LONG_TITLE)
    frame = years.history.locator("div.overflow-y-auto")
    last = years.history.get_by_role("link", name=f"Conversation {CONVERSATIONS - 1}:")
    deadline = time.monotonic() + 120
    while not last.count():
        assert time.monotonic() < deadline
        frame.evaluate("(frame) => { frame.scrollTop = frame.scrollHeight; }")
        years.page.wait_for_timeout(60)
    expect(last).to_be_in_viewport()
    assert elements(years.history) < MOST_ELEMENTS["history"]
    shown = numbers_shown(years)
    assert shown[-1] == CONVERSATIONS - 1
    for place in (0.0, 0.37, 0.8):
        frame.evaluate("(frame, place) => { frame.scrollTop = place * frame.scrollHeight; }", place)
        deadline = time.monotonic() + 60
        shown = []
        while not shown or abs(shown[0] - place * CONVERSATIONS) >= 200:
            assert time.monotonic() < deadline, shown
            years.page.wait_for_timeout(60)
            # What has the focus, or would get it by Tab, stays an element: the first one here.
            shown = [number for number in numbers_shown(years) if number or place == 0]
        assert shown == list(range(shown[0], shown[0] + len(shown))), "lines are missing or in disorder"
    axe.finds_nothing(years.page, "a long history")


def test_the_history_is_one_stop_for_tab_and_walked_by_the_arrow_keys(years: Years) -> None:
    page = years.page
    page.reload()
    years.history.get_by_role("link").first.focus()
    for _ in range(45):
        page.keyboard.press("ArrowDown")
    walked_to = years.history.get_by_role("link", name="Conversation 45:")
    expect(walked_to).to_be_focused()
    expect(walked_to).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(years.history.get_by_role("button", name="Options for “Conversation 45:")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    expect(years.history.get_by_role("link").first).to_be_focused()
    turn_wheel(page, years.history, by=600, turns=20)
    page.keyboard.press("ArrowDown")
    expect(years.history.get_by_role("link", name="Conversation 1:")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/chat/{years_of_chats.identifier('c', 1)}")


def test_a_long_conversation_is_there_whole_and_in_order_but_drawn_only_where_one_looks(years: Years) -> None:
    years.open_the_long_one()
    expect(years.page.get_by_text(f"Go on with step {MESSAGES // 2 - 1} + 1.")).to_be_in_viewport()
    texts = years.messages.get_by_role("article").evaluate_all("(all) => all.map((each) => each.textContent)")
    for number, text in enumerate(texts):
        assert f"{'Step' if number % 2 else 'Question'} {number // 2}" in text
    expect(years.messages.get_by_role("article").last.get_by_role("table")).to_be_visible(timeout=DRAWN)
    expect(years.messages.get_by_role("article").nth(1)).to_contain_text("## Step 0")
    assert elements(years.messages) < MOST_ELEMENTS["conversation"]
    axe.finds_nothing(years.page, "a long conversation")


def test_what_is_far_away_is_open_to_the_browsers_own_search_and_drawn_when_that_goes_there(years: Years) -> None:
    years.open_the_long_one()
    far = years.messages.get_by_role("article").nth(25)
    expect(far).to_contain_text("## Step 12")
    # The one way to leave out what is not in view that the browser's own search and a screen reader see through.
    visibility = "(element) => getComputedStyle(element.closest('[role=listitem]').parentElement).contentVisibility"
    assert far.evaluate(visibility) == "auto"
    far.evaluate("(element) => element.scrollIntoView()")
    expect(far.get_by_role("table")).to_be_visible(timeout=DRAWN)


def test_reading_upwards_moves_what_is_read_by_just_as_much_as_the_wheel(years: Years) -> None:
    years.open_the_long_one()
    found = years.find_the_needle()
    expect(found).to_be_in_viewport()
    answer = years.messages.get_by_role("article").nth(years_of_chats.NEEDLE + 1)
    expect(answer.get_by_role("table")).to_be_visible(timeout=DRAWN)
    years.page.wait_for_timeout(1_500)
    years.frame.hover()
    for _ in range(12):
        assert abs(moved_by_a_notch(found, -50) - 50) < 3


def test_nothing_jumps_in_a_browser_that_does_not_keep_the_place_by_itself(years: Years) -> None:
    page = years.page.context.new_page()
    page.add_init_script("CSS.supports = () => false")
    elsewhere = Years(years.scenario, years.person, page)
    elsewhere.open_the_long_one()
    elsewhere.frame.evaluate("(frame) => { frame.style.overflowAnchor = 'none'; }")
    for way_up in (1, 51, 101):  # so many messages stay as they are, once they are drawn
        drawn = elsewhere.messages.get_by_role("article").nth(MESSAGES - way_up).get_by_role("table")
        expect(drawn).to_be_visible(timeout=DRAWN)
    last = elsewhere.messages.get_by_role("article").last
    elsewhere.frame.hover()
    for _ in range(40):
        assert abs(moved_by_a_notch(last, -200) - 200) < 3
    page.close()


def test_what_is_seen_on_the_way_is_drawn_and_what_is_left_behind_is_not(years: Years) -> None:
    years.open_the_long_one()
    for _ in range(4):
        turn_wheel(years.page, years.frame, by=-1_500, turns=20)
        expect(years.messages.get_by_role("table").filter(visible=True).first).to_be_attached(timeout=DRAWN)
        assert elements(years.messages) < MOST_ELEMENTS["conversation"]
    expect(years.messages.get_by_role("article").last).to_contain_text("## Step", timeout=DRAWN)
    years.page.get_by_role("button", name="Go to the latest message").click()
    expect(years.messages.get_by_role("article").last).to_be_in_viewport()
    expect(years.messages.get_by_role("article").last.get_by_role("table")).to_be_visible(timeout=DRAWN)


def test_a_question_being_edited_keeps_its_words_while_one_looks_elsewhere(years: Years) -> None:
    years.open_the_long_one()
    question = years.messages.get_by_role("article", name="You").last
    question.hover()
    question.get_by_role("button", name="Edit question").click()
    years.page.get_by_label("Edited question").fill("half a thought")
    years.find_the_needle()
    years.page.wait_for_timeout(500)
    expect(years.page.get_by_label("Edited question")).to_have_value("half a thought")


def test_an_answer_is_streamed_at_the_end_and_a_reader_who_went_up_is_left_alone(years: Years) -> None:
    years.open_the_long_one()
    years.person.ask("And now?")
    expect(years.messages.get_by_role("article").last).to_be_in_viewport()
    turn_wheel(years.page, years.frame, by=-200, turns=10)
    years.page.wait_for_timeout(500)
    below = "(frame) => frame.scrollHeight - frame.scrollTop - frame.clientHeight"
    assert years.frame.evaluate(below) > 400
