"""Files at the chat page: chosen, dropped and pasted, what the model gets of them, and what is refused."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import axe
from tests.e2e.model_server import Asked
from tests.e2e.page_story import PARIS, Chatroom, Story

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

MB = 1024 * 1024
COPY = """async (texts) => {
    const canvas = new OffscreenCanvas(4, 3);
    canvas.getContext("2d");
    const picture = await canvas.convertToBlob();
    const blobs = Object.entries(texts).map(([type, text]) => [type, new Blob([text], { type })]);
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture, ...Object.fromEntries(blobs) })]);
}"""
"""Copy a picture of 4 by 3 pixels, and texts by their types."""


@pytest.fixture(scope="module")
def story(chatroom: Chatroom) -> Iterator[Story]:
    with chatroom.visitor("qian") as story:
        story.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield story


@pytest.fixture
def desk(story: Story, tmp_path: Path) -> Desk:
    """A new chat, and a folder with a picture and a text."""
    story.new_chat()
    desk = Desk(story, tmp_path)
    desk.file("seine.png", png(4, 3))
    desk.file("notes.txt", "三个羊角面包\n".encode())
    return desk


class Desk:
    """Somebody's files, and the field for the next message."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story, self.folder = story, folder
        self.page = story.page
        self.field = self.page.get_by_label("Message", exact=True)
        self.form = self.page.locator("form").filter(has=self.field)
        self.desktop = self.page.context.new_cdp_session(self.page)
        self.send = self.form.get_by_role("button", name="Send")

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def choose(self, *names: str) -> None:
        """Attach files by the button."""
        with self.page.expect_file_chooser() as chooser:
            self.form.get_by_role("button", name="Attach a file").click()
        chooser.value.set_files([self.folder / name for name in names])

    def drag(self, event: str, *names: str) -> None:
        """Have the browser told what a desktop tells it of files: `dragEnter`, `dragOver`, `drop`."""
        files = [str(self.folder / name) for name in names]
        data = {"items": [], "files": files, "dragOperationsMask": 1}
        self.desktop.send("Input.dispatchDragEvent", {"type": event, "x": 640, "y": 300, "data": data})

    def paste(self, **texts: str) -> None:
        """Paste a picture, and what was copied with it."""
        self.page.evaluate(COPY, {f"text/{name}": text for name, text in texts.items()})
        self.field.press("Control+v")

    def chip(self, name: str) -> Locator:
        """A file that goes with the message, or says why not."""
        return self.form.get_by_role("listitem").filter(has_text=name)

    def remove(self, name: str) -> None:
        self.form.get_by_role("button", name=f"Remove {name}").click()

    def ask(self, question: str) -> Asked:
        """Send it all, and return what the model server got of it."""
        self.story.server.words, self.story.server.title = PARIS, "Files"
        answers = self.page.get_by_role("article", name="Answer")
        before = answers.count()
        self.field.fill(question)
        expect(self.send).to_be_enabled()
        self.field.press("Enter")
        expect(answers).to_have_count(before + 1)
        expect(self.story.answer).to_contain_text("Paris is the capital of France.")
        expect(self.form.get_by_role("listitem")).to_have_count(0)
        expect(self.field).to_have_value("")
        return self.story.server.asked[-1]


def png(width: int, height: int) -> bytes:
    """Return a black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(height * (1 + width)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def is_drawn(image: Locator) -> None:
    """See that a picture is there and shows something: 4 pixels wide it was made."""
    expect(image).to_have_js_property("naturalWidth", 4)


def test_a_picture_and_a_text_are_chosen_shown_and_read_by_the_model(desk: Desk) -> None:
    desk.choose("seine.png", "notes.txt")
    is_drawn(desk.chip("seine.png").locator("img"))
    expect(desk.chip("notes.txt")).to_be_visible()
    asked = desk.ask("What do I need in Paris?")
    assert asked.model == "glm-4"
    assert asked.images == (data_url(png(4, 3)),)
    assert asked.question == "notes.txt:\n```\n三个羊角面包\n\n```\n\nWhat do I need in Paris?"
    is_drawn(desk.story.question.get_by_role("img", name="seine.png"))
    desk.page.reload()
    is_drawn(desk.story.question.get_by_role("img", name="seine.png"))
    with desk.page.expect_download() as download:
        desk.story.question.get_by_role("link", name="notes.txt").click()
    assert download.value.path().read_text(encoding="utf-8") == "三个羊角面包\n"


def test_files_are_dropped_anywhere_on_the_page(desk: Desk) -> None:
    desk.drag("dragEnter", "seine.png", "notes.txt")
    desk.drag("dragOver", "seine.png", "notes.txt")
    expect(desk.page.get_by_text("Drop files to attach them")).to_be_visible()
    desk.drag("drop", "seine.png", "notes.txt")
    expect(desk.page.get_by_text("Drop files to attach them")).to_have_count(0)
    is_drawn(desk.chip("seine.png").locator("img"))
    asked = desk.ask("What do I need in Paris?")
    assert asked.images == (data_url(png(4, 3)),)
    assert asked.question.startswith("notes.txt:\n```\n三个羊角面包\n")


def test_a_pasted_picture_is_a_question_of_its_own(desk: Desk) -> None:
    desk.paste()
    is_drawn(desk.chip("image.png").locator("img"))
    (image,) = desk.ask("").images
    content = base64.b64decode(image.removeprefix("data:image/png;base64,"))
    assert struct.unpack(">II", content[16:24]) == (4, 3)


def test_of_a_pasted_table_the_text_is_meant_and_not_its_picture(desk: Desk) -> None:
    desk.field.fill("Sort this: ")
    desk.paste(plain="Louvre 1793", html="<table><tr><td>Louvre<td>1793</table>")
    expect(desk.field).to_have_value("Sort this: Louvre 1793")
    expect(desk.form.get_by_role("listitem")).to_have_count(0)
    desk.field.fill("")


def test_a_file_that_was_removed_does_not_go_along(desk: Desk) -> None:
    desk.choose("seine.png", "notes.txt")
    is_drawn(desk.chip("seine.png").locator("img"))
    desk.remove("seine.png")
    expect(desk.field).to_be_focused()
    expect(desk.form.get_by_role("listitem")).to_have_count(1)
    asked = desk.ask("What do I need in Paris?")
    assert asked.images == ()
    assert "三个羊角面包" in asked.question


def test_a_file_that_cannot_be_read_says_why_and_the_rest_stays(desk: Desk) -> None:
    desk.field.fill("What do I need in Paris?")
    desk.file("program.bin", b"\x7fELF\0\0")
    desk.file("long.txt", b"x" * (MB + 1))
    with desk.file("film.png", png(4, 3)).open("ab") as film:
        film.truncate(20 * MB + 1)
    desk.choose("notes.txt", "program.bin", "long.txt", "film.png")
    for name, reason in {
        "program.bin": "Only texts and PNG, JPEG, GIF or WebP images can be attached.",
        "long.txt": "This text file is too large: at most 1 MB.",
        "film.png": "This file is too large: at most 20 MB.",
    }.items():
        expect(desk.chip(name).get_by_role("alert")).to_have_text(reason)
    expect(desk.chip("notes.txt").get_by_role("alert")).to_have_count(0)
    expect(desk.field).to_have_value("What do I need in Paris?")
    axe.finds_nothing(desk.page, "files that were refused")
    desk.story.person.screenshot("chat-files-refused")
    assert desk.ask("What do I need in Paris?").question.startswith("notes.txt:")


def test_files_that_are_too_large_together_come_back_with_the_question(desk: Desk) -> None:
    for name in ("first.txt", "second.txt"):
        desk.file(name, name.encode() + b"." * (MB * 2 // 3))
    desk.choose("first.txt", "second.txt")
    desk.field.fill("Compare them")
    expect(desk.send).to_be_enabled()
    desk.field.press("Enter")
    expect(desk.page.get_by_role("alert").filter(has_text="too large together")).to_be_visible()
    expect(desk.field).to_have_value("Compare them")
    expect(desk.form.get_by_role("listitem")).to_have_count(2)
    desk.remove("first.txt")
    asked = desk.ask("Only the second, then")
    assert asked.question.startswith("second.txt:")
    assert "first.txt" not in asked.question
    expect(desk.page.get_by_role("alert").filter(has_text="too large together")).to_have_count(0)


def test_more_than_ten_files_wait_until_some_are_removed(desk: Desk) -> None:
    names = [f"page-{number:02}.txt" for number in range(11)]
    for name in names:
        desk.file(name, name.encode())
    desk.choose(*names)
    desk.field.fill("Read this")
    expect(desk.form.get_by_role("status")).to_have_text("At most 10 files go with a message.")
    expect(desk.send).to_be_disabled()
    desk.remove("page-00.txt")
    asked = desk.ask("Read this")
    assert [name in asked.question for name in names] == [False] + [True] * 10


def test_a_model_that_sees_no_images_is_told_of_them_and_so_is_whoever_asks(desk: Desk) -> None:
    desk.page.get_by_role("combobox", name="Model").select_option("Blind")
    desk.choose("seine.png")
    expect(desk.form.get_by_role("status")).to_contain_text("This model does not see images")
    asked = desk.ask("What is this?")
    assert (asked.model, asked.images) == ("blind-1", ())
    assert "seine.png" in asked.question


def test_nothing_was_asked_of_anybody_else_and_nothing_broke_the_policy(story: Story) -> None:
    story.asked_nobody_else()
