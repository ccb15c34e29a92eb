"""Browsers at the pages of accounts, and what people do there."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.e2e.browser import Person
from tests.e2e.chat import Chat
from tests.e2e.scenario import Scenario

ADMIN = "admin-chosen-by-a-test"


@dataclass
class Place:
    """An installation where an administrator lets each one in, and a browser of somebody who wants in."""

    scenario: Scenario
    person: Person
    administrator: Person

    @property
    def chief(self) -> Chat:
        """The administrator as a program."""
        return self.scenario.chat.log_in("chief", ADMIN)

    def chief_at(self, path: str) -> Page:
        """The administrator's browser, logged in, at a page."""
        page = self.administrator.page
        if page.url == "about:blank":
            self.administrator.come_back("chief", ADMIN)
        page.goto(self.url(path))
        return page

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
        self.administrator.save_artifacts(f"{test}-administrator")


def with_policy(page: Page, policy: str) -> None:
    """Have the page believe in another policy; what the API enforces is tested with the API."""
    body = f'{{"registration": "{policy}", "min_password_characters": 8, "max_password_bytes": 72}}'
    page.route("**/api/auth/policy", lambda route: route.fulfill(content_type="application/json", body=body))


def choose(page: Page, username: str, act: str) -> None:
    """Choose an act in the menu of an account."""
    page.get_by_role("button", name=f"Options for {username}").click()
    page.get_by_role("button", name=act, exact=True).click()


def change_password(page: Page, current: str, new: str) -> None:
    page.get_by_label("Current password").fill(current)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("Repeat new password").fill(new)
    page.get_by_role("button", name="Change password").click()
