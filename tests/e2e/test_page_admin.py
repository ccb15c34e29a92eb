"""Accounts at the page: from asking to be let in to what administrators see of it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Person, person
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

PROFILE = """
[auth]
registration = "approval"
"""
ADMIN = "admin-chosen-by-a-test"


@dataclass
class Place:
    """An installation where an administrator lets each one in, and a browser of somebody who wants in."""

    scenario: Scenario
    person: Person

    @property
    def page(self) -> Page:
        return self.person.page

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
    page.goto(f"{place.scenario.url}/auth")
    page.get_by_role("tab", name="Register").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Ask your administrator")
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.unroute("**/api/auth/policy")


def test_an_invitations_link_brings_its_code_into_the_form(place: Place) -> None:
    page = place.page
    with_policy(page, "invite")
    page.goto(f"{place.scenario.url}/auth?invite=a-code")
    expect(page.get_by_label("Invitation code")).to_have_value("a-code")
    page.unroute("**/api/auth/policy")


def test_whoever_registers_is_told_to_wait_and_so_at_the_log_in(place: Place) -> None:
    place.person.register("mei")
    expect(place.page.get_by_role("status")).to_contain_text("waits for an administrator's approval")
    place.person.screenshot("auth-approval")
    place.person.try_to_log_in()
    expect(place.page.get_by_role("alert").first).to_contain_text("waits for an administrator's approval")
