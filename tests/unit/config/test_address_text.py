"""Only a whole address is replaced, in any notation, and URLs keep their brackets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.address_text import names_address, replace_address, same_address

V6 = "2001:db8::1"


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("192.168.1.10", "192.168.1.10", "10.0.0.1", "10.0.0.1"),
        ("http://192.168.1.10:8000/x", "192.168.1.10", V6, f"http://[{V6}]:8000/x"),
        ("http://[2001:DB8:0::1]:80", V6, "chat.example.com", "http://chat.example.com:80"),
        ("http://user:word@chat.example.com/", "chat.example.com", V6, f"http://user:word@[{V6}]/"),
        ("Chat.Example.Com.", "chat.example.com", "192.168.1.10", "192.168.1.10"),
        ("localhost,192.168.1.10,10.0.0.0/8", "192.168.1.10", "10.0.0.9", "localhost,10.0.0.9,10.0.0.0/8"),
        (V6, "2001:0db8:0:0::1", "192.168.1.10", "192.168.1.10"),
        (f"[{V6}]:8000", V6, "2001:db8::2", "[2001:db8::2]:8000"),
    ],
)
def test_a_whole_address_is_replaced(text: str, old: str, new: str, after: str) -> None:
    assert replace_address(text, old, new) == after


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("192.168.1.100", "192.168.1.10"),
        ("1.192.168.1.10", "192.168.1.10"),
        ("http://192.168.1.10.nip.example/", "192.168.1.10"),
        ("https://api.chat.example.com", "chat.example.com"),
        ("chat.example.com.cn", "chat.example.com"),
        ("chat-example.com", "example.com"),
        ("ops@chat.example.com", "chat.example.com"),
        ("10.0.0.0/8", "10.0.0.0"),
        ("2001:db8::10", V6),
        ("::1", V6),
        ("::ffff:192.168.1.10", "192.168.1.10"),
    ],
)
def test_a_part_of_another_address_stays(text: str, old: str) -> None:
    assert replace_address(text, old, "moved.example") == text
    assert not names_address(text, old)


@given(st.ip_addresses(), st.ip_addresses(), st.ip_addresses())
def test_going_there_and_back_gives_the_same_url(old: object, new: object, other: object) -> None:
    host, target = str(old), str(new)
    url = replace_address("http://placeholder.invalid:8000/v1", "placeholder.invalid", host)

    assert replace_address(replace_address(url, host, target), target, host) == url
    if not same_address(str(other), host):
        assert replace_address(url, str(other), target) == url
