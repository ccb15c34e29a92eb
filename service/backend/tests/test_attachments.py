from __future__ import annotations

from collections.abc import Callable

import pytest
from backend_process import Backend
from client import Client
from conftest import new_user
from model_server import ModelServer

TEXT_LIMIT = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


def test_a_text_is_inlined_in_what_the_model_reads(user: Client, model: ModelServer) -> None:
    uploaded = user.upload("notes.txt", "床前明月光".encode("gb18030"), "text/plain").json
    assert uploaded["media_type"] == "text/plain"
    conversation = user.new_conversation()
    user.ask(conversation, "Read it", attachment_ids=[uploaded["id"]])
    asked = model.requests[-1]["messages"][0]["content"]
    assert asked == "notes.txt:\n```\n床前明月光\n```\n\nRead it"
    stored = user.get(f"/api/conversations/{conversation}").json["messages"][0]
    assert stored["attachments"] == [uploaded]


def test_an_image_reaches_the_model_as_a_data_url(user: Client, model: ModelServer) -> None:
    uploaded = user.upload("dot.png", PNG, "application/x-lies").json
    user.ask(user.new_conversation(), "What is it?", attachment_ids=[uploaded["id"]])
    text, image = model.requests[-1]["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is it?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def test_a_file_comes_back_to_its_owner_only(user: Client, other_user: Client) -> None:
    image = user.upload("dot.png", PNG, "image/png").json["id"]
    page = user.upload("../../evil 世.html", b"<script>alert(1)</script>", "text/html").json
    shown = user.get(f"/api/attachments/{image}")
    assert (shown.status, shown.body) == (200, PNG)
    assert shown.headers["Content-Disposition"].startswith("inline")
    saved = user.get(f"/api/attachments/{page['id']}")
    assert page["filename"] == "evil 世.html"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert other_user.get(f"/api/attachments/{image}").status == 404
    assert Client(user.socket_path).get(f"/api/attachments/{image}").status == 401


@pytest.mark.parametrize("content", [b"MZ\0\0binary", b"\xff\xfe\xff\xff\xff", b"%PDF-1.4\0"])
def test_what_no_model_can_read_is_refused(user: Client, content: bytes) -> None:
    answer = user.upload("file.bin", content, "text/plain")
    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


def test_an_attachment_of_another_or_sent_already_is_refused(
    user: Client, other_user: Client, model: ModelServer
) -> None:
    uploaded = user.upload("a.txt", b"a", "text/plain").json["id"]
    body = {"content": "x", "attachment_ids": [uploaded]}
    path = f"/api/conversations/{other_user.new_conversation()}/messages"
    assert other_user.post(path, body).json["code"] == "unknown_attachment"
    conversation = user.new_conversation()
    user.ask(conversation, **body)
    assert user.post(f"/api/conversations/{conversation}/messages", body).json["code"] == "unknown_attachment"


def test_files_go_with_their_conversation(backend: Backend, user: Client, model: ModelServer) -> None:
    uploaded = user.upload("a.txt", b"a", "text/plain").json["id"]
    file = backend.folder / "db" / "attachments" / uploaded[:2] / uploaded
    assert file.read_bytes() == b"a"
    conversation = user.new_conversation()
    user.ask(conversation, attachment_ids=[uploaded])
    assert user.request("DELETE", f"/api/conversations/{conversation}").status == 204
    assert not file.exists()


def test_an_image_of_20_mb_and_a_text_of_1_mb_are_enough_and_more_is_too_large(user: Client) -> None:
    limit = 20 * 1024 * 1024
    assert user.upload("full.png", PNG.ljust(limit), "image/png").json["size"] == limit
    assert user.upload("more.png", PNG.ljust(limit + 1), "image/png").status == 413
    assert user.upload("most.png", PNG.ljust(limit + 100_000), "image/png").status == 413
    assert user.upload("full.txt", b"a" * TEXT_LIMIT, "text/plain").json["size"] == TEXT_LIMIT
    refused = user.upload("more.txt", b"a" * (TEXT_LIMIT + 1), "text/plain")
    assert (refused.status, refused.json["code"]) == (413, "text_too_large")


@pytest.mark.parametrize(
    "files",
    [
        [("a.txt", b"a" * TEXT_LIMIT), ("b.txt", b"b")],
        [("a.png", PNG.ljust(11 * 1024 * 1024)), ("b.png", PNG.ljust(10 * 1024 * 1024))],
    ],
    ids=["texts", "images"],
)
def test_files_that_are_too_large_together_are_refused_and_can_be_sent_apart(
    user: Client, model: ModelServer, files: list[tuple[str, bytes]]
) -> None:
    ids = [user.upload(name, content, "text/plain").json["id"] for name, content in files]
    conversation = user.new_conversation()
    path = f"/api/conversations/{conversation}/messages"
    refused = user.post(path, {"content": "Read", "attachment_ids": ids})
    assert (refused.status, refused.json["code"]) == (413, "attachments_too_large")
    assert user.get(f"/api/conversations/{conversation}").json["messages"] == []
    assert user.ask(conversation, "Read", attachment_ids=ids[1:])[-1].data["status"] == "complete"


@pytest.mark.slow
def test_of_many_images_the_newest_are_sent(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    for number in range(3):
        image = user.upload(f"{number}.png", PNG.ljust(9 * 1024 * 1024), "image/png").json["id"]
        user.ask(conversation, f"Look at {number}", attachment_ids=[image])
    first, second, third = (m["content"] for m in model.requests[-1]["messages"] if m["role"] == "user")
    assert first == "[The attached file 0.png is left out here.]\n\nLook at 0"
    assert [part["type"] for part in second] == [part["type"] for part in third] == ["text", "image_url"]


@pytest.mark.slow
def test_a_model_without_eyes_is_told_that_there_was_an_image(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    user = new_user(make_backend(LLM_VISION="false").start(), "ann")
    assert user.get("/api/models").json["models"][0]["vision"] is False
    image = user.upload("dot.png", PNG, "image/png").json["id"]
    text = user.upload("a.txt", b"words", "text/plain").json["id"]
    user.ask(user.new_conversation(), "What is it?", attachment_ids=[text, image])
    asked = model.requests[-1]["messages"][0]["content"]
    assert "a.txt:\n```\nwords\n```" in asked
    assert "[The attached file dot.png is left out here.]" in asked
    assert asked.endswith("What is it?")
