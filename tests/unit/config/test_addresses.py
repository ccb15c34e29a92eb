from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.addresses import check_address, check_bind, check_url
from llmchat_deploy.config.wrong import Wrong


@pytest.mark.parametrize(
    "text",
    ["111.19.168.151", "::1", "2001:db8::5", "chat.example.com", "server", "xn--fiq228c.cn", "a-b.c.", "127.0.0.1"],
)
def test_addresses_and_host_names_are_taken(text: str) -> None:
    assert check_address(text) is None


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("http://10.0.0.1:8000/x", "has a scheme", "10.0.0.1"),
        ("https://user:pw@chat.example.com", "has a scheme", "chat.example.com"),
        ("http://[2001:db8::5]:80", "has a scheme", "2001:db8::5"),
        ("10.0.0.1/24", "has a path", "10.0.0.1"),
        ("10.0.0.1:8000", "has a port", "10.0.0.1"),
        ("chat.example.com:8000", "has a port", "chat.example.com"),
        ("[::1]", "has brackets", "::1"),
        ("fe80::1%eth0", "has a zone", "fe80::1"),
        ("0.0.0.0", "no address that a browser", "HOST"),  # noqa: S104 - a text, nothing is bound
        ("::", "no address that a browser", "HOST"),
        ("999.1.1.1", "neither an IP address nor a host name", "four numbers"),
        ("1.2.3", "neither an IP address nor a host name", "four numbers"),
        ("my server", "neither an IP address nor a host name", "192.168.1.100"),
        ("my_server", "neither an IP address nor a host name", "192.168.1.100"),
        ("-x.example.com", "neither an IP address nor a host name", "192.168.1.100"),
        ("a" * 300, "neither an IP address nor a host name", "192.168.1.100"),
        ("聊天.example.com", "neither an IP address nor a host name", "xn--"),
        ("$SERVER_IP", "holds a '$'", "replaced"),
    ],
)
def test_what_is_no_address_gets_a_remedy(text: str, says: str, hint: str) -> None:
    wrong = check_address(text)
    assert wrong is not None
    assert says in wrong.message
    assert hint in wrong.hint
    assert "pw@" not in wrong.hint


@pytest.mark.parametrize("text", ["0.0.0.0", "127.0.0.1", "::", "192.168.1.5"])  # noqa: S104 - a text, nothing is bound
def test_a_bind_address_is_an_ip_address(text: str) -> None:
    assert check_bind(text) is None


@pytest.mark.parametrize("text", ["localhost", "", "eth0", "10.0.0.1:80", "http://0.0.0.0"])
def test_other_bind_addresses_are_refused(text: str) -> None:
    assert check_bind(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "ftp://x/",
        "http://",
        "http:///x",
        "http://x:99999/",
        "http://x:port/",
        "http://x:0/",
        "http://x/#y",
        "x",
        "http://a b/",
        "http://x.999/",
        "http://[::1/",
        "http://宿主机IP:11553/",
    ],
)
def test_what_is_no_url_is_refused(text: str) -> None:
    assert isinstance(check_url(text, example="http://x"), Wrong)


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for check in (check_address, check_bind, lambda url: check_url(url, example="http://x")):
        check(text)
        check(f"http://{text}")
