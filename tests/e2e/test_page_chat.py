"""A day at the chat page: ask, stop, have it anew, ask otherwise, search, take away; dark, Chinese, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.e2e import axe
from tests.e2e.browser import LONG
from tests.e2e.page_story import ENDLESS, FORMULAS, MARKDOWN, PARIS, POEM, Chatroom, Story

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

MOST_SCRIPT_KB = 250


@pytest.fixture(scope="module")
def story(chatroom: Chatroom) -> Iterator[Story]:
    with chatroom.visitor("wang") as story:
        yield story


def test_an_answer_is_streamed_and_a_stop_keeps_what_had_come(story: Story) -> None:
    story.ask("What is the capital of France?", PARIS, title="The capital of France")
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
    story.server.words, story.server.delay = tuple(f"word{number} " for number in range(600)), 0.05
    story.page.get_by_label("Message", exact=True).fill("Count, please")
    story.page.keyboard.press("Enter")
    expect(story.answer).to_contain_text("word10")
    story.page.route("**/stream?after=*", lambda route: route.abort("connectionreset"), times=1)
    story.requests.clear()
    with story.page.expect_request("**/stream?after=*"):
        story.page.reload()
    story.server.delay = 0.001
    expect(story.answer).to_have_attribute("aria-busy", "false", timeout=LONG)
    assert sum("/stream?after=" in url for url in story.requests) == 2
    text = story.answer.inner_text().split()
    assert text[:600] == [f"word{number}" for number in range(600)]


def test_the_palette_finds_chinese_words_and_goes_to_the_message(story: Story) -> None:
    page = story.page
    page.keyboard.press("Control+Shift+O")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    story.ask("What is the capital of France?", PARIS)
    story.person.until_found("明月")
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
    stored = story.person.api(f"/api/conversations/{page.url.rpartition('/')[2]}")
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


def test_formulas_have_the_installation_s_fonts_fetched_only_then_and_no_answer_scripts(story: Story) -> None:
    story.new_chat()
    story.requests.clear()
    story.ask("What should I see in Paris?", MARKDOWN, title="A weekend in Paris")
    expect(story.answer.get_by_role("table")).to_contain_text("Louvre")
    story.person.screenshot("chat-markdown")
    assert not [url for url in story.requests if "KaTeX" in url]
    story.ask("And the roots of a quadratic?", FORMULAS)
    expect(story.answer.locator("math")).to_have_count(3)
    expect(story.answer).to_contain_text("It costs $5 and $10.")
    assert story.page.evaluate("document.fonts.load('16px KaTeX_Main').then((faces) => faces.length)") == 1
    assert [url for url in story.requests if "KaTeX" in url]
    story.goes_to_a_footnote_and_back()
    story.person.screenshot("chat-formulas")
    story.cannot_be_scripted()


def test_a_page_costs_at_most_250_kb_of_scripts_before_the_first_message(story: Story) -> None:
    assert 50 < story.script_kilobytes() <= MOST_SCRIPT_KB


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_wrong(story: Story, theme: str) -> None:
    page = story.page
    story.new_chat()
    page.get_by_role("button", name="Account: wang").click()
    page.get_by_role("button", name=theme, exact=True).click()
    page.keyboard.press("Escape")
    axe.finds_nothing(page, "a new chat")
    story.ask("What should I see in Paris?", MARKDOWN, title="A weekend in Paris")
    story.ask("And the roots of a quadratic?", FORMULAS)
    story.question.hover()
    axe.finds_nothing(page, "a conversation")
    story.person.screenshot(f"chat-{theme.lower()}")
    for keys, name in (("Control+k", "the palette"), ("Control+/", "the shortcuts")):
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog")).to_be_visible()
        axe.finds_nothing(page, name)
        page.keyboard.press("Escape")
    for button in ("Conversation settings", "Archived conversations"):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        axe.finds_nothing(page, button)
        page.keyboard.press("Escape")
    story.question.get_by_role("button", name="Edit question").click()
    axe.finds_nothing(page, "a question that is edited")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_way_in(story: Story, theme: Literal["light", "dark"]) -> None:
    context = story.page.context.browser.new_context(color_scheme=theme) if story.page.context.browser else None
    assert context
    page = context.new_page()
    page.goto(f"{story.person.url}/auth")
    expect(page.get_by_label("Username")).to_be_visible()
    axe.finds_nothing(page, "logging in")
    page.get_by_role("tab", name="Register").click()
    page.get_by_role("tabpanel").get_by_role("button", name="Register").click()
    axe.finds_nothing(page, "registering, with mistakes")
    context.close()


def test_on_a_phone_in_chinese_and_in_the_dark_everything_is_within_reach(story: Story) -> None:
    page = story.page
    page.get_by_role("button", name="Account: wang").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.get_by_role("button", name="中文").click()
    page.keyboard.press("Escape")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="新对话").first.click()
    expect(page.get_by_text("有什么可以帮您")).to_be_visible()
    story.server.words, story.server.title = POEM, "李白的静夜思"
    page.get_by_label("消息", exact=True).fill("请背诵李白的《静夜思》")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="李白的静夜思")).to_be_visible()
    story.person.screenshot("chat-dark-zh")
    page.set_viewport_size({"width": 375, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    axe.finds_nothing(page, "a conversation")
    story.person.screenshot("chat-phone")
    page.get_by_role("button", name="打开对话历史").click()
    page.get_by_role("button", name="搜索").wait_for()
    page.wait_for_timeout(400)
    axe.finds_nothing(page, "the drawer")
    story.person.screenshot("chat-phone-history")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("combobox", name="搜索与跳转").fill("明月")
    expect(page.get_by_role("option").filter(has_text="举头望").first).to_be_visible()
    axe.finds_nothing(page, "the palette")
    story.person.screenshot("chat-phone-search")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="打开对话历史")).to_be_visible()


def test_nothing_was_asked_of_anybody_else_and_nothing_broke_the_policy(story: Story) -> None:
    story.asked_nobody_else()
