"""Accounts at the page: from asking to be let in to what administrators see of it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.e2e import axe
from tests.e2e.accounts_page import ADMIN, Place, change_password, choose, with_policy
from tests.e2e.browser import WINDOW, person, without_clipboard_api
from tests.e2e.chat import PASSWORD
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]

PROFILE = """
[auth]
registration = "approval"
"""
PAGES = (
    "/admin",
    "/admin/approvals",
    "/admin/invitations",
    "/admin/usage",
    "/admin/models",
    "/admin/audit",
    "/settings",
    "/settings/usage",
    "/settings/keys",
)
LOOKS: dict[str, tuple[str, str, ViewportSize]] = {
    "en": ("en", "light", WINDOW),
    "zh": ("zh", "light", WINDOW),
    "zh-dark-phone": ("zh", "dark", {"width": 390, "height": 844}),
}
CHANGED = "another horse battery"
CHOSEN = "a third horse battery"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Place]:
    with Scenario(tmp_path_factory.mktemp("page"), label="page") as scenario:
        costly = {"name": "Costly", "url": model_server.url, "model": "costly-1", "visible_to": "admins"}
        models = {"LLM_API_URL": model_server.url, "LLM_MODEL": "glm-4", "LLM_API_KEY": ""}
        scenario.profile(PROFILE).env_file(**models, PRESET_MODELS=json.dumps({"costly": costly}))
        scenario.up()
        scenario.run("admin", "create", "--username", "chief", "--password-stdin", stdin=ADMIN).check()
        with person(scenario.url) as someone:
            yield Place(scenario, someone, someone.elsewhere())


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


def test_an_administrator_sees_who_waits_and_lets_them_in(place: Place) -> None:
    place.scenario.chat.call("POST", "/api/auth/register", {"username": "spam", "password": PASSWORD}, expect=201)
    page = place.chief_at("/admin/approvals")
    expect(page.get_by_role("link", name="Approvals 2 waiting")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="mei").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("mei may log in now")).to_be_visible()
    expect(page.get_by_role("link", name="Approvals 1 waiting")).to_be_visible()
    place.person.come_back("mei")


def test_a_changed_password_logs_the_other_browser_out_and_says_so(place: Place) -> None:
    other = place.person.elsewhere()
    other.come_back("mei")
    page = place.page
    page.get_by_role("button", name="Account: mei").click()
    page.get_by_role("link", name="Settings").click()
    change_password(page, PASSWORD, CHANGED)
    expect(page.get_by_role("status")).to_contain_text("Every other browser has been logged out")
    page.reload()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    other.page.evaluate("window.dispatchEvent(new Event('focus'))")  # somebody comes back to that tab
    other.page.wait_for_url("**/auth*")


def test_a_session_that_ended_is_noticed_within_a_minute_of_doing_nothing(place: Place) -> None:
    other = place.person.elsewhere()
    other.page.clock.install()
    other.come_back("mei", CHANGED)
    place.scenario.chat.log_in("mei", CHANGED).call(
        "POST",
        "/api/auth/change-password",
        {"current_password": CHANGED, "new_password": CHANGED + "!"},
        expect=HTTPStatus.NO_CONTENT,
    )
    other.page.clock.fast_forward(61_000)
    other.page.wait_for_url("**/auth*")


def test_a_password_that_was_made_by_somebody_else_must_be_replaced_first(place: Place) -> None:
    made = place.chief.call("POST", f"/api/admin/users/{place.id_of('mei')}/reset-password")["password"]
    place.page.goto(place.url("/settings"))
    place.page.wait_for_url("**/auth*")
    place.person.come_back("mei", made)
    expect(place.page.get_by_role("heading", name="Please choose your own password")).to_be_visible()
    expect(place.page.get_by_label("Message", exact=True)).to_have_count(0)
    place.person.screenshot("password-required")
    change_password(place.page, made, CHOSEN)
    expect(place.page.get_by_label("Message", exact=True)).to_be_visible()


def test_a_reached_limit_says_how_long_to_wait_and_keeps_the_question(place: Place) -> None:
    page = place.chief_at("/admin")
    choose(page, "mei", "Limits")
    page.get_by_label("Messages a minute").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The limits of mei were changed.")).to_be_visible()
    assert "Paris" in place.person.ask("What is the capital of France?")
    field = place.page.get_by_label("Message", exact=True)
    field.fill("And of Italy?")
    field.press("Enter")
    notice = place.page.get_by_role("alert").filter(has_text="as many messages as you may")
    expect(notice).to_contain_text(re.compile(r"You can go on in \d+ s"))
    expect(field).to_have_value("And of Italy?")
    expect(place.page.get_by_role("article", name="Answer")).to_have_count(1)
    place.person.screenshot("limit-reached")
    choose(page, "mei", "Limits")
    page.get_by_label("Messages a minute").fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    field.press("Enter")
    expect(place.page.get_by_role("article", name="Answer")).to_have_count(2)
    expect(field).to_have_value("")


def test_ones_own_usage_is_shown_with_its_limits(place: Place) -> None:
    place.page.goto(place.url("/settings/usage"))
    expect(place.page.get_by_role("row")).to_have_count(2)
    expect(place.page.get_by_role("img", name="Bar chart")).to_be_visible()
    place.person.screenshot("own-usage")


def test_users_are_told_that_these_pages_are_for_administrators(place: Place) -> None:
    place.page.goto(place.url("/admin"))
    expect(place.page.get_by_role("heading", name="For administrators")).to_be_visible()
    expect(place.page.get_by_role("table")).to_have_count(0)


def test_administrators_find_an_account_and_reset_its_password(place: Place) -> None:
    page = place.chief_at("/admin")
    expect(page.get_by_role("row")).to_have_count(5)
    page.get_by_label("Search by name").fill("ME")
    expect(page.get_by_role("row")).to_have_count(2)
    choose(page, "mei", "Reset password")
    page.get_by_role("dialog").get_by_role("button", name="Reset password").click()
    password = page.get_by_label("Password", exact=True).input_value()
    place.administrator.screenshot("admin-password")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text(password)).to_have_count(0)
    expect(page.get_by_role("button", name="Options for mei")).to_be_focused()
    assert place.scenario.chat.log_in("mei", password).token


def test_a_deletion_wants_the_name_typed(place: Place) -> None:
    page = place.chief_at("/admin")
    choose(page, "spam", "Approve")
    choose(page, "spam", "Delete")
    delete = page.get_by_role("dialog").get_by_role("button", name="Delete")
    page.get_by_label("To confirm, type the name: spam").fill("spa")
    expect(delete).to_be_disabled()
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The account spam and all its data were deleted.")).to_be_visible()
    expect(page.get_by_role("row", name="spam")).to_have_count(0)


def test_an_invitation_is_made_copied_and_revoked(place: Place) -> None:
    page = place.chief_at("/admin/invitations")
    page.get_by_role("button", name="New invitation").click()
    page.get_by_label("For whom").fill("design team")
    page.get_by_label("How many may use it").fill("0")
    page.keyboard.press("Enter")
    expect(page.get_by_label("How many may use it")).to_be_focused()
    page.get_by_label("How many may use it").fill("3")
    page.keyboard.press("Enter")
    link = page.get_by_label("Link", exact=True).input_value()
    assert link == place.url(f"/auth?invite={page.get_by_label('Code', exact=True).input_value()}")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Revoke the invitation: design team").click()
    expect(page.get_by_role("row", name="design team")).to_contain_text("Revoked")


def test_the_audit_says_who_did_what(place: Place) -> None:
    page = place.chief_at("/admin/audit")
    expect(page.get_by_role("row", name="deleted the account spam")).to_contain_text("chief")
    expect(page.get_by_role("row", name="created the account chief")).to_contain_text("Operator")


def test_the_usage_of_all_is_drawn_and_said_in_figures(place: Place) -> None:
    page = place.chief_at("/admin/usage")
    expect(page.get_by_role("img", name="Bar chart")).to_be_visible()
    expect(page.get_by_role("region", name="By user").get_by_role("row", name="mei")).to_be_visible()


def test_the_models_health_is_asked_for_and_shown(place: Place, model_server: ModelServer) -> None:
    page = place.chief_at("/admin/models")
    expect(page.get_by_role("listitem").filter(has_text="glm-4")).to_contain_text("First word after")
    model_server.keys = frozenset({"another-key"})
    try:
        page.get_by_role("button", name="Check again").click()
        model = page.get_by_role("listitem").filter(has_text="glm-4")
        expect(model).to_contain_text("refused the key")
        expect(model).to_contain_text("Failing since")
        page.goto(place.url("/chat"))
        expect(page.get_by_role("combobox", name="Model")).to_contain_text("⚠ glm-4 (not answering)")
        expect(page.get_by_role("status").filter(has_text="refused the key")).to_be_visible()
        axe.finds_nothing(page, "/chat while a model fails")
    finally:
        model_server.keys = frozenset()
    page.get_by_label("Message", exact=True).fill("Are you back?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("France.")
    expect(page.get_by_role("combobox", name="Model").locator("option:checked")).to_have_text("glm-4")


@pytest.mark.parametrize(("language", "words"), [("zh", "仅管理员可见"), ("en", "Administrators only")])
def test_a_model_for_administrators_only_says_so(place: Place, language: str, words: str) -> None:
    place.administrator.context.add_cookies([{"name": "llmchat_locale", "value": language, "url": place.url("/")}])
    page = place.chief_at("/admin/models")
    expect(page.get_by_role("listitem").filter(has_text="Costly")).to_contain_text(words)
    expect(page.get_by_role("listitem").filter(has_text="glm-4")).not_to_contain_text(words)


def test_a_key_is_shown_once_works_for_programs_and_can_be_revoked(place: Place) -> None:
    page = place.chief_at("/settings/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What it is for").fill("my editor")
    page.keyboard.press("Enter")
    key = page.get_by_label("Key", exact=True).input_value()
    without_clipboard_api(page)
    page.get_by_role("button", name="Copy the key").click()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What it is for").press("Control+v")
    expect(page.get_by_label("What it is for")).to_have_value(key)
    page.keyboard.press("Escape")
    row = page.get_by_role("row", name="my editor")
    expect(row).to_contain_text(key[:16])
    expect(page.get_by_text(key)).to_have_count(0)
    program = replace(place.scenario.chat, token=key)
    models = program.call("GET", "/v1/models")["data"]
    assert models[0]["id"] in page.get_by_label("Command", exact=True).inner_text()
    page.get_by_role("button", name="Revoke the key: my editor").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The key “my editor” does not work any more.")).to_be_visible()
    assert program.status("/v1/models") == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", PAGES)
def test_the_pages_are_kept_as_pictures_and_shut_nobody_out(place: Place, path: str, look: str) -> None:
    language, colours, size = LOOKS[look]
    someone = place.administrator
    choices = {"llmchat_locale": language, "llmchat_theme": colours}
    someone.context.add_cookies(
        [{"name": key, "value": value, "url": place.url("/")} for key, value in choices.items()]
    )
    someone.page.set_viewport_size(size)
    page = place.chief_at(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    axe.finds_nothing(page, f"{path} {look}")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "it is wider than the window"
    someone.screenshot(f"{path.strip('/').replace('/', '-')}-{look}")
