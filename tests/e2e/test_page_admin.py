"""Accounts at the page: from asking to be let in to what administrators see of it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Person, person
from tests.e2e.chat import PASSWORD, Chat
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

PROFILE = """
[auth]
registration = "approval"
"""
ADMIN = "admin-chosen-by-a-test"
CHANGED = "another horse battery"
CHOSEN = "a third horse battery"


@dataclass
class Place:
    """An installation where an administrator lets each one in, and a browser of somebody who wants in."""

    scenario: Scenario
    person: Person

    @property
    def chief(self) -> Chat:
        """The administrator as a program."""
        return self.scenario.chat.log_in("chief", ADMIN)

    def id_of(self, username: str) -> str:
        (found,) = self.chief.call("GET", f"/api/admin/users?search={username}")["items"]
        return str(found["id"])

    @property
    def page(self) -> Page:
        return self.person.page

    def url(self, path: str) -> str:
        return f"{self.scenario.url}{path}"

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)
        self.person.save_artifacts(test)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Place]:
    with Scenario(tmp_path_factory.mktemp("page"), label="page") as scenario:
        scenario.profile(PROFILE).env_file(LLM_API_URL=model_server.url, LLM_MODEL="glm-4", LLM_API_KEY="")
        scenario.up()
        scenario.run("admin", "create", "--username", "chief", "--password-stdin", stdin=ADMIN).check()
        with person(scenario.url) as someone:
            yield Place(scenario, someone)


def with_policy(page: Page, policy: str) -> None:
    """Have the page believe in another policy; what the API enforces is tested with the API."""
    body = f'{{"registration": "{policy}", "min_password_characters": 8, "max_password_bytes": 72}}'
    page.route("**/api/auth/policy", lambda route: route.fulfill(content_type="application/json", body=body))


def test_where_registration_is_closed_there_is_no_form_but_whom_to_ask(place: Place) -> None:
    page = place.page
    with_policy(page, "closed")
    page.goto(place.url("/auth"))
    page.get_by_role("tab", name="Register").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Ask your administrator")
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.unroute("**/api/auth/policy")


def test_an_invitations_link_brings_its_code_into_the_form(place: Place) -> None:
    page = place.page
    with_policy(page, "invite")
    page.goto(place.url("/auth?invite=a-code"))
    expect(page.get_by_label("Invitation code")).to_have_value("a-code")
    page.unroute("**/api/auth/policy")


def test_whoever_registers_is_told_to_wait_and_so_at_the_log_in(place: Place) -> None:
    place.person.register("mei")
    expect(place.page.get_by_role("status")).to_contain_text("waits for an administrator's approval")
    place.person.screenshot("auth-approval")
    place.person.try_to_log_in()
    expect(place.page.get_by_role("alert").first).to_contain_text("waits for an administrator's approval")


def test_a_changed_password_logs_the_other_browser_out_and_says_so(place: Place) -> None:
    place.chief.call("POST", f"/api/admin/users/{place.id_of('mei')}/approve")
    place.person.come_back("mei")
    other = place.person.elsewhere()
    other.come_back("mei")
    page = place.page
    page.get_by_role("button", name="Account: mei").click()
    page.get_by_role("link", name="Settings").click()
    change_password(page, PASSWORD, CHANGED)
    expect(page.get_by_role("status")).to_contain_text("Every other browser has been logged out")
    page.reload()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    other.page.reload()
    other.page.wait_for_url("**/auth")


def test_a_password_that_was_made_by_somebody_else_must_be_replaced_first(place: Place) -> None:
    made = place.chief.call("POST", f"/api/admin/users/{place.id_of('mei')}/reset-password")["password"]
    place.page.goto(place.url("/settings"))
    place.page.wait_for_url("**/auth")
    place.person.come_back("mei", made)
    expect(place.page.get_by_role("heading", name="Please choose your own password")).to_be_visible()
    expect(place.page.get_by_label("Message", exact=True)).to_have_count(0)
    place.person.screenshot("password-required")
    change_password(place.page, made, CHOSEN)
    expect(place.page.get_by_label("Message", exact=True)).to_be_visible()


def test_ones_own_usage_is_shown_with_its_limits(place: Place) -> None:
    assert "Paris" in place.person.ask("What is the capital of France?")
    place.page.goto(place.url("/settings/usage"))
    expect(place.page.get_by_role("row")).to_have_count(2)
    expect(place.page.get_by_role("img", name="Bar chart")).to_be_visible()
    place.person.screenshot("own-usage")


def change_password(page: Page, current: str, new: str) -> None:
    page.get_by_label("Current password").fill(current)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("Repeat new password").fill(new)
    page.get_by_role("button", name="Change password").click()
