from __future__ import annotations

from llmchat_deploy.operations.address_proxy import ProxyNote, proxy_note
from tests.unit.world import an_environment

NOTHING = ProxyNote()


def test_a_proxy_is_left_where_its_names_or_its_way_to_the_edge_change() -> None:
    by_name = an_environment(server__web_url="http://chat.example.com")
    elsewhere = an_environment(server__web_url="http://chat.example.com", server__bind="192.168.1.7")
    renamed = an_environment(server__web_url="http://talk.example.com")

    for after in (elsewhere, renamed):
        note = proxy_note(by_name, after)
        assert len(note.warnings) == 1
        assert "proxy nginx --env test --out FILE" in note.next_steps[0]
    assert proxy_note(by_name, by_name) == NOTHING


def test_where_an_earlier_run_was_cut_it_is_left_though_nothing_differs() -> None:
    environment = an_environment(server__web_url="http://chat.example.com")

    assert proxy_note(environment, environment, cut=True).next_steps
    assert proxy_note(an_environment(), an_environment(), cut=True) == NOTHING


def test_names_that_https_did_not_serve_before_need_a_certificate() -> None:
    before = an_environment(server__web_url="https://chat.example.com", server__api_url="https://api.example.com")
    after = an_environment(server__web_url="https://talk.example.com", server__api_url="https://api.example.com")

    assert "talk.example.com, too" in proxy_note(before, after).warnings[1]
    assert "api.example.com" not in proxy_note(before, after).warnings[1]


def test_an_unknown_proxy_is_mentioned_where_the_address_changes() -> None:
    before = an_environment(server__trusted_proxies="10.0.0.5")
    after = an_environment(server__trusted_proxies="10.0.0.5", server__address="10.1.1.1")

    assert "names 192.168.1.100" in proxy_note(before, after).warnings[0]
    assert proxy_note(before, before) == NOTHING
