"""The README's story: one command, register, log in, chat; and everything outlives a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.e2e import checks, facts
from tests.e2e.browser import Person, person
from tests.e2e.chat import Chat
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

QUESTION = "Tell me about Paris in two sentences."


@dataclass
class Story:
    """What the first `up` and the first chat left, for the tests to look at."""

    scenario: Scenario
    up: Ran
    person: Person
    notice: str
    path_after_register: str
    answer: str

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)
        self.person.save_artifacts(test)

    def conversation_is_still_there(self) -> None:
        """Reload the page: the same person is logged in and reads the same answer."""
        page = self.person.page
        page.reload()
        expect(page.get_by_role("article", name="Answer").last).to_contain_text(self.answer[:20])
        assert "/chat/" in page.url


@pytest.fixture(scope="module")
def story(demo: Scenario, first_up: Ran) -> Iterator[Story]:
    """Go the whole way once."""
    with person(demo.url) as someone:
        someone.register("wang")
        notice = someone.page.get_by_text("Please log in").inner_text()
        path = someone.page.url.removeprefix(demo.url)
        someone.screenshot("auth")
        someone.log_in()
        answer = someone.ask(QUESTION)
        someone.screenshot("chat")
        # The footer below the answer counts tokens and is not part of it.
        yield Story(demo, first_up, someone, notice, path, answer.splitlines()[0])


def test_up_prints_where_it_is_and_the_password_once(story: Story) -> None:
    assert story.scenario.url in story.up.stdout
    (line,) = [line for line in story.up.stdout.splitlines() if line.strip().startswith("Password")]
    password = line.split()[1]
    assert len(password) >= 16
    assert story.up.output.count(password) == 1
    assert story.scenario.chat.log_in("admin", password).token


def test_registering_says_that_it_worked_and_asks_to_log_in(story: Story) -> None:
    assert "wang" in story.notice
    assert story.path_after_register == "/auth"


def test_the_bundled_models_answer_grows_on_the_page(story: Story) -> None:
    assert len(story.answer) > 1
    assert len(story.person.seen) > 2, f"the answer came in one piece: {story.person.seen}"


def test_the_api_streams_an_answer_in_pieces(story: Story) -> None:
    checks.is_streamed(story.scenario.chat.register("streamer").ask(QUESTION))


def test_a_program_uses_openai_s_protocol_at_both_addresses_with_a_key(story: Story) -> None:
    scenario = story.scenario
    key = scenario.chat.register("programmer").call("POST", "/api/keys", {"name": "editor"}, expect=201)["key"]
    for port in (scenario.web_port, scenario.api_port):
        program = Chat(port, token=key)
        model = program.call("GET", "/v1/models")["data"][0]["id"]
        body = {"model": model, "messages": [{"role": "user", "content": QUESTION}], "max_tokens": 8}
        assert program.call("POST", "/v1/chat/completions", body)["choices"][0]["message"]["content"]
        assert program.call("POST", "/v1/chat/completions", {**body, "stream": True}).endswith("data: [DONE]\n\n")


def test_a_second_up_has_nothing_to_do_and_touches_nothing(story: Story) -> None:
    before = facts.identities(story.scenario.project)
    again = story.scenario.run("up").check()
    assert again.stdout.startswith("Nothing to do")
    assert again.stdout.count("\n") == 1
    assert facts.identities(story.scenario.project) == before


def test_a_restart_keeps_the_conversation_and_the_log_in(story: Story) -> None:
    project = story.scenario.project
    before = facts.identities(project)
    story.scenario.run("restart").check()
    after = facts.identities(project)
    slots = {f"{project}-backend-b", f"{project}-frontend-b"}
    assert set(after) == slots | {f"{project}-edge", f"{project}-model"}
    assert after[f"{project}-edge"] == before[f"{project}-edge"], "it has a new worker, in the same container"
    assert after[f"{project}-model"][1] != before[f"{project}-model"][1]
    story.conversation_is_still_there()


def test_down_keeps_the_data_and_up_brings_it_back(story: Story) -> None:
    scenario = story.scenario
    scenario.run("down").check()
    assert facts.containers(scenario.project) == []
    assert f"{scenario.project}_backend-db" in facts.volumes(scenario.project)
    back = scenario.up()
    assert "Password  " not in back.stdout, "a second administrator was made"
    story.conversation_is_still_there()
    checks.runs_exactly_once(scenario, "backend", "edge", "frontend", "model")


def test_the_story_goes_on_after_the_way_back(story: Story) -> None:
    assert story.person.ask("And about Rome?")
    assert len(story.person.page.get_by_role("article", name="Answer").all()) == 2
