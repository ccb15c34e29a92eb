"""Who listens on a port of this machine, with real sockets."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from llmchat_deploy.errors import PrerequisiteError
from llmchat_deploy.host.local import LocalHost


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "project", "llmchat-test", state_root=tmp_path / "state")


def test_a_free_port_has_no_holder_and_a_taken_one_names_the_process(host):
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", 0))
        port = mine.getsockname()[1]
        mine.listen()

        named = re.fullmatch(r"(.+) \(process (\d+)\)", host.port_holder("127.0.0.1", port) or "")
        assert named
        assert int(named[2]) == os.getpid()
        assert host.port_holder("0.0.0.0", port) is not None  # noqa: S104 - compared
    assert host.port_holder("127.0.0.1", port) is None


def test_all_addresses_at_which_somebody_listens_are_found(host):
    with socket.create_server(("127.0.0.2", 0)) as one:
        port = one.getsockname()[1]
        assert host.listening_on(port) == ("127.0.0.2",)
        with socket.create_server(("127.0.0.3", port)):
            assert host.listening_on(port) == ("127.0.0.2", "127.0.0.3")
    assert host.listening_on(port) == ()


def test_an_address_with_a_zone_or_written_as_an_ipv6_one_is_found_as_what_it_is(host, monkeypatch):
    def connections(kind: str) -> list[SimpleNamespace]:
        seen = (("::ffff:127.0.0.2", psutil.CONN_LISTEN), ("fe80::1%eth0", psutil.CONN_LISTEN))
        seen += (("127.0.0.3", psutil.CONN_ESTABLISHED),)
        return [SimpleNamespace(status=status, laddr=SimpleNamespace(ip=ip, port=80)) for ip, status in seen]

    monkeypatch.setattr(psutil, "net_connections", connections)
    assert host.listening_on(80) == ("127.0.0.2", "fe80::1")


@pytest.mark.parametrize("refusal", [psutil.AccessDenied(), PermissionError(13, "Permission denied")])
def test_where_nobody_may_look_nobody_is_found(host, monkeypatch, refusal):
    def denied(kind: str) -> None:
        raise refusal

    monkeypatch.setattr(psutil, "net_connections", denied)
    assert host.listening_on(80) == ()


def test_a_holder_that_gives_its_port_up_does_not_hide_another_on_another_address(host):
    ours = frozenset({"127.0.0.1"})
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        assert host.port_holder("0.0.0.0", port, besides=ours) is None  # noqa: S104 - compared
        assert host.port_holder("127.0.0.1", port, besides=ours) is None
        with socket.create_server(("127.0.0.2", port)):
            assert f"process {os.getpid()}" in (host.port_holder("0.0.0.0", port, besides=ours) or "")  # noqa: S104
            assert host.port_holder("127.0.0.3", port, besides=ours) is None


@pytest.mark.parametrize("dual", [True, False])
def test_one_who_listens_on_every_ipv6_address_may_hold_the_older_ones_too(host, dual):
    ours = frozenset({"127.0.0.1"})
    with socket.socket(socket.AF_INET6) as theirs:
        theirs.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not dual))
        try:
            theirs.bind(("::", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        theirs.listen()
        port = theirs.getsockname()[1]
        assert (host.port_holder("127.0.0.1", port) is not None) is dual
        if not dual:
            with socket.create_server(("127.0.0.1", port)):
                assert host.port_holder("0.0.0.0", port, besides=ours) is None  # noqa: S104 - compared


def test_a_port_taken_on_ipv6_is_found(host):
    try:
        mine = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with mine:
        port = mine.getsockname()[1]
        assert f"process {os.getpid()}" in (host.port_holder("::1", port) or "")
        assert host.port_holder("127.0.0.1", port) is None


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_an_address_that_this_machine_has_not_is_named_before_anything_changes(host, address):
    with pytest.raises(PrerequisiteError, match=f"This machine has no address {address} to listen on"):
        host.port_holder(address, 3000)
