"""The whole walk with the model that comes along: from registering to a quota, a phone, and a log-out elsewhere.

The tests go on where the one before ended, and the last of them keeps pictures of the main pages in both languages, in
``tests/artifacts`` as ``walk-LANGUAGE-PAGE.png``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e.accounts_page import ADMIN, change_password, choose
from tests.e2e.browser import LONG, WINDOW, Person, person
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

PHONE: ViewportSize = {"width": 390, "height": 844}
LONG_TASK = "Tell me a long story about a ship, a storm, an island and the way home."
POEM = "请解释李白的诗句「举头望明月」"
CHANGED = "another horse battery"
PAGES = {
    "new-chat": "/chat",
    "account": "/settings",
    "usage": "/settings/usage",
    "keys": "/settings/keys",
    "admin-users": "/admin",
    "admin-approvals": "/admin/approvals",
    "admin-invitations": "/admin/invitations",
    "admin-usage": "/admin/usage",
    "admin-models": "/admin/models",
    "admin-audit": "/admin/audit",
}


@dataclass
class Walk:
    """Somebody on the way, and the administrator in a browser of their own."""

    scenario: Scenario
    person: Person
    administrator: Person

    @property
    def page(self) -> Page:
        return self.person.page

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.page.get_by_role("article", name="Answer").last

    def send(self, question: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(question)
        self.page.keyboard.press("Enter")

    def limit_answers(self, tokens: str) -> None:
        self.page.get_by_role("button", name="Conversation settings").click()
        self.page.get_by_label("Longest answer").fill(tokens)
        self.page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def stop_once_it_has_begun(self) -> None:
        """Wait for the answer's first words and end it: a small model goes on for long on a busy machine."""
        expect(self.answer.locator(".markdown")).not_to_be_empty(timeout=LONG)
        self.page.get_by_label("Message", exact=True).press("Escape")
        expect(self.answer).to_have_attribute("aria-busy", "false", timeout=LONG)

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)
        self.person.save_artifacts(test)
        self.administrator.save_artifacts(f"{test}-administrator")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with Scenario(tmp_path_factory.mktemp("walk"), label="walk") as scenario:
        scenario.profile(bundled=True).up()
        scenario.run("admin", "create", "--username", "chief", "--password-stdin", stdin=ADMIN).check()
        with person(scenario.url) as someone:
            yield Walk(scenario, someone, someone.elsewhere())


def test_registering_succeeds_and_says_so(walk: Walk) -> None:
    walk.person.register("wang")
    expect(walk.page.get_by_role("status")).to_contain_text("Please log in")
    walk.person.screenshot("walk-registered")


def test_whoever_registered_logs_in(walk: Walk) -> None:
    walk.person.log_in()
    expect(walk.page.get_by_text("what can I help you with?")).to_be_visible()
    expect(walk.page.get_by_label("Message", exact=True)).to_be_focused()


def test_the_bundled_models_answer_grows_on_the_page(walk: Walk) -> None:
    walk.limit_answers("120")
    assert len(walk.person.ask("Tell me about Paris in two sentences.")) > 1
    assert len(walk.person.seen) > 2, f"the answer came in one piece: {walk.person.seen}"


def test_an_answer_is_stopped_and_keeps_what_had_come(walk: Walk) -> None:
    walk.limit_answers("")  # the answer must not end before it is stopped
    walk.send(LONG_TASK)
    expect(walk.page.get_by_role("article", name="Answer")).to_have_count(2)
    expect(walk.answer.locator(".markdown")).not_to_be_empty(timeout=LONG)
    walk.page.get_by_role("button", name="Stop the answer").click()
    expect(walk.answer).to_have_attribute("aria-busy", "false")
    expect(walk.answer).to_contain_text("Stopped.")
    expect(walk.answer.locator(".markdown")).not_to_be_empty()


def test_another_answer_stands_beside_the_first(walk: Walk) -> None:
    walk.answer.get_by_role("button", name="Another answer").click()
    expect(walk.page.get_by_label("Message", exact=True)).to_be_focused()
    walk.stop_once_it_has_begun()
    expect(walk.answer.get_by_role("status")).to_contain_text("Answer 2 of 2")


def test_a_question_is_asked_in_other_words(walk: Walk) -> None:
    question = walk.page.get_by_role("article", name="You").last
    question.hover()
    question.get_by_role("button", name="Edit question").click()
    walk.page.get_by_label("Edited question").fill(POEM)
    walk.page.keyboard.press("Enter")
    expect(walk.page.get_by_role("article", name="You").last).to_contain_text("举头望明月")
    walk.stop_once_it_has_begun()
    expect(walk.page.get_by_text(LONG_TASK)).to_have_count(0)


@pytest.mark.parametrize("words", ["Paris", "明月"])
def test_what_was_said_is_found_again(walk: Walk, words: str) -> None:
    page = walk.page
    page.keyboard.press("Control+Shift+O")
    walk.person.until_found(words)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill(words)
    hit = page.get_by_role("option").filter(has=page.locator("mark", has_text=words)).filter(has_text="You: ")
    hit.first.click()
    found = page.get_by_role("listitem").filter(has=page.get_by_role("article", name="You")).filter(has_text=words)
    expect(found).to_be_focused()
    expect(found).to_be_in_viewport()


def test_the_conversation_is_taken_away_as_a_file(walk: Walk) -> None:
    for option, ending in (("As Markdown", ".md"), ("As JSON", ".json")):
        walk.page.get_by_role("button", name="Export the conversation").click()
        with walk.page.expect_download() as download:
            walk.page.get_by_role("link", name=option).click()
        assert download.value.suggested_filename.endswith(ending)
        assert "举头望明月" in download.value.path().read_text(encoding="utf-8")


def test_the_page_turns_dark_and_stays_so(walk: Walk) -> None:
    page = walk.page
    page.get_by_role("button", name="Account: wang").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.keyboard.press("Escape")
    page.reload()
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert page.evaluate(brightness) < 60
    walk.person.screenshot("walk-dark")


def test_the_page_speaks_chinese_and_stays_so(walk: Walk) -> None:
    page = walk.page
    page.get_by_role("button", name="Account: wang").click()
    page.get_by_role("button", name="中文").click()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_label("消息", exact=True)).to_be_visible()
    walk.person.screenshot("walk-dark-zh")


def test_a_phone_has_room_for_all_of_it(walk: Walk) -> None:
    page = walk.page
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    walk.person.screenshot("walk-phone")
    page.get_by_role("button", name="打开对话历史").click()
    page.get_by_role("navigation", name="对话历史").get_by_role("link").first.click()
    expect(page.get_by_label("消息", exact=True)).to_be_in_viewport()
    page.get_by_role("button", name="打开对话历史").click()
    page.get_by_role("button", name=re.compile("账号.wang")).click()
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Light", exact=True).click()
    page.keyboard.press("Escape")
    page.set_viewport_size(WINDOW)
    page.goto(f"{walk.person.url}/chat")


def test_an_administrator_lets_in_whoever_waits(walk: Walk) -> None:
    walk.scenario.profile('[auth]\nregistration = "approval"\n', bundled=True).up()
    newcomer = walk.person.elsewhere()
    newcomer.register("mei")
    expect(newcomer.page.get_by_role("status")).to_contain_text("waits for an administrator's approval")
    walk.administrator.come_back("chief", ADMIN)
    page = walk.administrator.page
    page.goto(f"{walk.person.url}/admin/approvals")
    page.get_by_role("listitem").filter(has_text="mei").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("mei may log in now")).to_be_visible()
    newcomer.come_back("mei")
    newcomer.context.close()


def test_whoever_used_up_their_tokens_is_told_so_and_keeps_the_question(walk: Walk) -> None:
    page = walk.administrator.page
    page.goto(f"{walk.person.url}/admin")
    choose(page, "wang", "Limits")
    page.get_by_label("Tokens a day").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The limits of wang were changed.")).to_be_visible()
    walk.page.get_by_role("navigation", name="Conversations").get_by_role("link").first.click()
    walk.send("And of Rome?")
    expect(walk.page.get_by_role("alert").filter(has_text="Your tokens of today are used up")).to_be_visible()
    expect(walk.page.get_by_label("Message", exact=True)).to_have_value("And of Rome?")
    walk.person.screenshot("walk-quota")


def test_a_changed_password_logs_the_other_browser_out(walk: Walk) -> None:
    other = walk.person.elsewhere()
    other.come_back("wang")
    walk.page.goto(f"{walk.person.url}/settings")
    change_password(walk.page, "correct horse battery", CHANGED)
    expect(walk.page.get_by_role("status")).to_contain_text("Every other browser has been logged out")
    other.page.reload()
    other.page.wait_for_url("**/auth**")
    other.context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_of_the_main_pages_are_kept_in_both_languages(walk: Walk, language: Literal["en", "zh"]) -> None:
    url = walk.person.url
    for someone in (walk.person, walk.administrator):
        someone.context.add_cookies([{"name": "llmchat_locale", "value": language, "url": url}])
        someone.page.set_viewport_size(WINDOW)
    for name, path in PAGES.items():
        page = walk.administrator.page
        page.goto(f"{url}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        page.wait_for_load_state("networkidle")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if language == "zh" else "en")
        walk.administrator.screenshot(f"walk-{language}-{name}")
    page = walk.page
    page.goto(f"{url}/chat")
    page.locator("nav").get_by_role("link").first.click()
    page.wait_for_load_state("networkidle")
    walk.person.screenshot(f"walk-{language}-conversation")
    page.set_viewport_size(PHONE)
    walk.person.screenshot(f"walk-{language}-conversation-phone")
    guest = walk.person.elsewhere()
    guest.context.add_cookies([{"name": "llmchat_locale", "value": language, "url": url}])
    guest.page.goto(f"{url}/auth")
    guest.page.wait_for_load_state("networkidle")
    guest.screenshot(f"walk-{language}-log-in")
    guest.context.close()
