"""Another answer to the last question; other words for a question."""

from __future__ import annotations

from typing import Any

import pytest
from backend_process import Backend
from client import Client, Event, names, text_of
from model_server import DONE, ModelServer, chunk


def say(model: ModelServer, text: str) -> None:
    model.behaviour.chunks = (chunk({"content": text}, finish_reason="stop"), DONE)


def messages(user: Client, conversation: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.get(f"/api/conversations/{conversation}").json["messages"]
    return found


def said(user: Client, conversation: str) -> list[str]:
    return [message["content"] for message in messages(user, conversation)]


def again(user: Client, message_id: str, **body: Any) -> list[Event]:
    with user.stream_of(f"/api/messages/{message_id}/regenerate", body or None) as stream:
        return list(stream.events())


def edit(user: Client, message_id: str, content: str) -> list[Event]:
    with user.stream_of(f"/api/messages/{message_id}/edit", {"content": content}) as stream:
        return list(stream.events())


def test_the_last_answer_is_given_anew_and_the_old_one_stays_as_a_version(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    say(model, "first")
    old = user.ask(conversation, "Why?")[0].data
    say(model, "second")
    events = again(user, old["message_id"])
    say(model, "third")
    last = again(user, events[0].data["message_id"])[0].data["message_id"]

    assert text_of(events) == "second"
    assert events[0].data["user_message_id"] == old["user_message_id"]
    assert model.requests[-1]["messages"] == [{"role": "user", "content": "Why?"}]
    question, answer = messages(user, conversation)
    assert (question["content"], answer["content"], answer["id"]) == ("Why?", "third", last)
    assert (question["earlier"], answer["earlier"]) == (0, 2)
    versions = user.get(f"/api/messages/{last}/versions").json["answers"]
    assert [version["content"] for version in versions] == ["first", "second"]
    assert versions[0]["id"] == old["message_id"]


def test_an_answer_that_failed_without_a_word_leaves_no_version(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    model.behaviour.status = 500
    failed = user.ask(conversation, "Why?")[0].data["message_id"]
    model.reset()
    again(user, failed)
    assert said(user, conversation) == ["Why?", "Hello, 世界"]
    assert messages(user, conversation)[1]["earlier"] == 0


def test_a_failing_model_server_loses_neither_question_nor_earlier_answer(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    old = user.ask(conversation, "Why?")[0].data["message_id"]
    model.behaviour.status = 503
    events = again(user, old)
    assert names(events) == ["start", "error", "done"]
    question, answer = messages(user, conversation)
    assert (question["content"], answer["status"], answer["retryable"]) == ("Why?", "error", True)
    version = user.get(f"/api/messages/{answer['id']}/versions").json["answers"][0]
    assert (version["content"], version["usage"]) == ("Hello, 世界", {"prompt_tokens": 5, "completion_tokens": 2})


def test_only_the_last_answer_is_given_anew(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    first = user.ask(conversation, "one")[0].data
    user.ask(conversation, "two")
    refused = user.post(f"/api/messages/{first['message_id']}/regenerate")
    assert (refused.status, refused.json["code"]) == (409, "not_last_answer")
    assert user.post(f"/api/messages/{first['user_message_id']}/regenerate").status == 404
    assert said(user, conversation) == ["one", "Hello, 世界", "two", "Hello, 世界"]


def test_another_model_must_be_one_that_is_configured(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    answer = user.ask(conversation)[0].data["message_id"]
    assert again(user, answer, model_id="default")[-1].data["status"] == "complete"
    last = messages(user, conversation)[1]["id"]
    refused = user.post(f"/api/messages/{last}/regenerate", {"model_id": "none"})
    assert refused.json["code"] == "model_not_configured"
    assert messages(user, conversation)[1]["id"] == last


def test_an_edited_question_is_answered_and_what_followed_is_gone(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    first = user.ask(conversation, "one")[0].data
    user.ask(conversation, "two")
    say(model, "new")
    events = edit(user, first["user_message_id"], "three")
    assert text_of(events) == "new"
    assert events[0].data["title"] == "three"
    assert model.requests[-1]["messages"] == [{"role": "user", "content": "three"}]
    assert said(user, conversation) == ["three", "new"]
    assert messages(user, conversation)[0]["id"] == first["user_message_id"]
    assert user.get(f"/api/messages/{first['message_id']}/stream").status == 404


def test_an_edit_in_the_middle_keeps_what_was_before_and_a_title_somebody_chose(
    user: Client, model: ModelServer
) -> None:
    conversation = user.new_conversation()
    user.ask(conversation, "one")
    second = user.ask(conversation, "two")[0].data
    again(user, second["message_id"])
    user.request("PATCH", f"/api/conversations/{conversation}", {"title": "Mine"})
    assert edit(user, second["user_message_id"], "deux")[0].data["title"] == "Mine"
    assert said(user, conversation) == ["one", "Hello, 世界", "deux", "Hello, 世界"]
    assert messages(user, conversation)[3]["earlier"] == 0  # they answered another question


def test_attachments_stay_with_an_edited_question_and_go_with_what_followed(
    backend: Backend, user: Client, model: ModelServer
) -> None:
    kept, cut = (user.upload(name, name.encode(), "text/plain").json["id"] for name in ("kept.txt", "cut.txt"))
    conversation = user.new_conversation()
    first = user.ask(conversation, "one", attachment_ids=[kept])[0].data
    user.ask(conversation, "two", attachment_ids=[cut])
    assert edit(user, first["user_message_id"], "")[-1].data["status"] == "complete"
    assert model.requests[-1]["messages"] == [{"role": "user", "content": "kept.txt:\n```\nkept.txt\n```"}]
    assert user.get(f"/api/attachments/{kept}").status == 200
    assert user.get(f"/api/attachments/{cut}").status == 404
    assert not (backend.folder / "db" / "attachments" / cut[:2] / cut).exists()


def test_an_edit_to_nothing_is_refused(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    question = user.ask(conversation, "one")[0].data["user_message_id"]
    refused = user.post(f"/api/messages/{question}/edit", {"content": " \n"})
    assert (refused.status, refused.json["code"]) == (422, "empty_question")
    assert said(user, conversation) == ["one", "Hello, 世界"]


def test_both_wait_while_an_answer_is_written(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    old = user.ask(conversation, "one")[0].data
    model.behaviour.hang_after, model.behaviour.chunks = True, (chunk({"content": "slow"}),)
    with user.stream(conversation, "two") as stream:
        start = next(stream.events()).data
        for path, body in (
            (f"/api/messages/{start['message_id']}/regenerate", None),
            (f"/api/messages/{start['user_message_id']}/edit", {"content": "x"}),
            (f"/api/messages/{old['user_message_id']}/edit", {"content": "x"}),
        ):
            refused = user.post(path, body)
            assert (refused.status, refused.json["code"]) == (409, "answer_running")
        user.post(f"/api/messages/{start['message_id']}/stop")
        list(stream.events())
    assert said(user, conversation) == ["one", "Hello, 世界", "two", "slow"]


@pytest.mark.parametrize("which", ["regenerate", "edit", "versions"])
def test_another_s_messages_do_not_exist(user: Client, other_user: Client, model: ModelServer, which: str) -> None:
    conversation = user.new_conversation()
    ids = user.ask(conversation, "one")[0].data
    for message_id in (ids["message_id"], ids["user_message_id"]):
        method, body = ("GET", None) if which == "versions" else ("POST", {"content": "x"} if which == "edit" else None)
        refused = other_user.request(method, f"/api/messages/{message_id}/{which}", body)
        assert (refused.status, refused.json["code"]) == (404, "message_not_found")
    assert said(user, conversation) == ["one", "Hello, 世界"]
