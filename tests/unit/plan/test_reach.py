"""Addresses: those people type, those this machine asks itself, and who reaches them."""

from __future__ import annotations

import pytest

from llmchat_deploy.plan.reach import Urls, local_urls, public_urls, reach_notes
from tests.unit.world import an_environment

ANY, ANY_6 = "0.0.0.0", "::"  # noqa: S104 - compared, not bound


@pytest.mark.parametrize(
    ("settings", "web", "api"),
    [
        ({"server__address": "192.168.1.100"}, "http://192.168.1.100:3000", "http://192.168.1.100:8000"),
        ({"server__address": "2001:db8::7"}, "http://[2001:db8::7]:3000", "http://[2001:db8::7]:8000"),
        ({"server__address": "", "server__bind": ANY}, "http://127.0.0.1:3000", "http://127.0.0.1:8000"),
        ({"server__address": "", "server__bind": ANY_6}, "http://[::1]:3000", "http://[::1]:8000"),
        ({"server__address": "", "server__bind": "10.0.0.7"}, "http://10.0.0.7:3000", "http://10.0.0.7:8000"),
        (
            {"server__address": "chat.example.com", "server__api_url": "https://api.example.com/"},
            "http://chat.example.com:3000",
            "https://api.example.com",
        ),
    ],
)
def test_what_people_type(settings, web, api):
    assert public_urls(an_environment(**settings)) == Urls(web, api, f"{api}/docs")


@pytest.mark.parametrize(
    ("bind", "host"), [(ANY, "127.0.0.1"), (ANY_6, "[::1]"), ("127.0.0.1", "127.0.0.1"), ("10.0.0.7", "10.0.0.7")]
)
def test_what_this_machine_asks_itself(bind, host):
    assert local_urls(an_environment(server__bind=bind)) == (
        f"http://{host}:3000/auth",
        f"http://{host}:8000/health/ready",
    )


@pytest.mark.parametrize(
    ("bind", "who"),
    [
        ("127.0.0.1", "this machine only (127.0.0.1)."),
        ("::1", "this machine only (::1)."),
        (ANY, "everybody who reaches this machine; ufw doesn't filter them."),
        (ANY_6, "everybody who reaches this machine; ufw doesn't filter them."),
        ("10.0.0.7", "everybody who reaches 10.0.0.7; ufw doesn't filter them."),
    ],
)
def test_what_is_open_to_whom_is_said_before_anybody_agrees(bind, who):
    assert reach_notes(an_environment(server__bind=bind)) == (f"Ports 3000 (page) and 8000 (API) are open to {who}",)


def test_a_port_for_figures_is_this_machines_whatever_the_others_are() -> None:
    environment = an_environment(server__bind=ANY, server__metrics_port=9100)
    assert reach_notes(environment)[1:] == ("Port 9100 (metrics) is open to this machine only (127.0.0.1).",)
