from __future__ import annotations

import pytest
from backend_process import Backend
from client import Client
from model_server import ModelServer

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


def test_20_mb_is_enough_and_more_is_too_large(user: Client) -> None:
    limit = 20 * 1024 * 1024
    assert user.upload("full.txt", b"a" * limit, "text/plain").json["size"] == limit
    assert user.upload("more.txt", b"a" * (limit + 1), "text/plain").status == 413
    assert user.upload("most.txt", b"a" * (limit + 100_000), "text/plain").status == 413
