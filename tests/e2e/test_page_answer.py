"""What one does with an answer: copy from it, and try again where it failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.e2e import axe
from tests.e2e.browser import without_clipboard_api
from tests.e2e.page_story import MARKDOWN, PARIS, Chatroom, Story

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

CODE = "# Say hello\ndef greet(name: str) -> str:\n    return f'Bonjour, {name}!'"
QUESTION = "What is the capital of France?"


@pytest.fixture(scope="module")
def story(chatroom: Chatroom) -> Iterator[Story]:
    with chatroom.visitor("zhao") as story:
        yield story


@pytest.fixture(autouse=True)
def well(story: Story) -> Iterator[None]:
    """Begin with a new chat; leave the model server well and no other tab."""
    story.new_chat()
    yield
    story.server.failing = story.server.cut_off = False
    for other in story.page.context.pages[1:]:
        other.close()


def test_the_code_of_an_answer_is_copied_as_it_is(story: Story) -> None:
    field = story.page.get_by_label("Message", exact=True)
    story.ask("How do I greet somebody?", MARKDOWN)
    story.answer.get_by_role("button", name="Copy code").click()
    expect(story.answer.locator(".code-block").get_by_role("button", name="Copied")).to_be_visible()
    field.press("Control+v")
    expect(field).to_have_value(CODE)

    without_clipboard_api(story.page)
    story.answer.get_by_role("button", name="Copy answer").click()
    field.fill("")
    field.press("Control+v")
    expect(field).to_have_value("".join(MARKDOWN))
    field.fill("")


def test_an_answer_that_failed_is_tried_again_and_the_question_stays(story: Story) -> None:
    page = story.page
    story.server.failing = True
    story.ask(QUESTION, PARIS)
    expect(story.answer.get_by_role("alert")).to_contain_text("The model server reported an error.")
    expect(story.answer.get_by_role("alert")).to_contain_text("out of memory")
    axe.finds_nothing(page, "an answer that failed")
    page.reload()
    expect(story.question).to_contain_text(QUESTION)
    story.answer.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    expect(story.answer.get_by_role("button", name="Try again")).to_be_visible()  # it still fails

    story.server.failing = False
    story.answer.get_by_role("button", name="Try again").click()
    expect(story.answer).to_contain_text("Paris is the capital of France.")
    expect(page.get_by_role("alert").filter(has_text="error")).to_have_count(0)
    expect(story.question).to_contain_text(QUESTION)
    expect(page.get_by_role("article")).to_have_count(2)
    assert [asked.question for asked in story.server.asked[-3:]] == [QUESTION] * 3


def test_an_answer_that_was_cut_off_keeps_what_had_come_beside_the_next(story: Story) -> None:
    story.server.cut_off = True
    story.ask(QUESTION, ("Paris ", "is"))
    expect(story.answer).to_contain_text("Paris is")
    expect(story.answer.get_by_role("alert")).to_contain_text("The model server ended its answer early.")
    story.server.cut_off, story.server.words = False, PARIS
    story.answer.get_by_role("button", name="Try again").click()
    expect(story.answer).to_contain_text("Paris is the capital of France.")
    story.answer.get_by_role("button", name="Answer before this").click()
    expect(story.answer).to_contain_text("The model server ended its answer early.")


def test_no_word_is_lost_where_a_question_is_sent_in_vain(story: Story) -> None:
    page, field = story.page, story.page.get_by_label("Message", exact=True)
    story.ask(QUESTION, PARIS)
    page.route("**/edit", lambda route: route.abort())
    story.question.hover()
    story.question.get_by_role("button", name="Edit question").click()
    edited = page.get_by_label("Edited question")
    edited.fill("And of Italy?")
    edited.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="can't be reached")).to_be_visible()
    expect(edited).to_have_value("And of Italy?")
    edited.press("Escape")
    page.route("**/messages", lambda route: route.abort())
    field.fill("And of Spain?")
    field.press("Enter")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.reload()
    expect(field).to_have_value("And of Spain?")
    page.unroute_all()
    field.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_have_count(2)
    expect(story.answer).to_have_attribute("aria-busy", "false")
    page.reload()
    expect(page.get_by_text("And of Spain?")).to_be_visible()
    expect(field).to_have_value("")


def test_a_question_that_a_session_outlived_is_back_after_the_log_in(story: Story) -> None:
    page, field = story.page, story.page.get_by_label("Message", exact=True)
    story.ask(QUESTION, PARIS)
    address = page.url
    page.context.clear_cookies()
    field.fill("And of Portugal?")
    field.press("Enter")
    page.wait_for_url("**/auth*")
    page.get_by_label("Username").fill("zhao")
    story.person.log_in()
    expect(page).to_have_url(address)
    expect(field).to_have_value("And of Portugal?")
    field.fill("")


def test_a_tab_that_one_comes_back_to_shows_what_was_asked_in_another(story: Story) -> None:
    page = story.page
    story.ask(QUESTION, PARIS)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Message", exact=True).fill("And of Greece?")
    other.keyboard.press("Enter")
    expect(other.get_by_role("article", name="Answer")).to_have_count(2)
    expect(other.get_by_role("article", name="Answer").last).to_have_attribute("aria-busy", "false")
    expect(page.get_by_text("And of Greece?")).to_have_count(0)
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # somebody comes back to that tab
    expect(page.get_by_text("And of Greece?")).to_be_visible()


def test_a_question_is_not_lost_that_was_asked_before_its_conversation_was_there(story: Story) -> None:
    page, field = story.page, story.page.get_by_label("Message", exact=True)
    story.ask(QUESTION, PARIS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/conversations/*", hold)
    with page.expect_request("**/api/conversations/*"):
        page.reload()
    field.fill("And of Greece?")
    field.press("Enter")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    expect(field).to_have_value("And of Greece?")
    asked = len(story.server.asked)
    held.pop().continue_()
    page.unroute("**/api/conversations/*", hold)
    expect(page.get_by_role("article", name="Answer")).to_have_count(2)
    expect(story.answer).to_contain_text("Paris is the capital of France.")
    expect(page.get_by_text("And of Greece?")).to_be_visible()
    expect(field).to_have_value("")
    assert [it.question for it in story.server.asked[asked:]].count("And of Greece?") == 1


def test_words_that_run_from_the_right_begin_there(story: Story) -> None:
    story.ask("מהי בירת צרפת?", ("פריז ", "Paris.\n\n", "```\nתמר\n```\n\n", "In English."))
    direction = "element => getComputedStyle(element).direction"
    history = story.page.get_by_role("navigation", name="Conversations")
    for words in (story.question, history):
        assert words.get_by_text("מהי בירת צרפת?").evaluate(direction) == "rtl"
    parts = story.answer.locator(".markdown p, .markdown pre").all()
    assert [part.evaluate(direction) for part in parts] == ["rtl", "ltr", "ltr"]


def test_nothing_was_asked_of_anybody_else_and_nothing_broke_the_policy(story: Story) -> None:
    story.asked_nobody_else()
