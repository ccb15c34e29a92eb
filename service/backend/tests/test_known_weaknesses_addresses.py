"""Server-side request forgery: no address that somebody sends makes the service, or its model server, ask for it.

The service fetches nothing for its users. So a real socket listens where each address leads, and must see nobody.
Found in Open WebUI (CVE-2026-45401: a redirect that nobody looks at), LibreChat (CVE-2026-31943: 127.0.0.1 written as
an IPv6 address) and Chainlit (CVE-2026-22219: an address in an element of a message).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from client import Client, names
from model_server import ModelServer
from openai_client import MESSAGES, complete, error_of, program

pytestmark = pytest.mark.slow

SPELLINGS = {
    "ipv4": "http://127.0.0.1:{port}/x.png",
    "name": "http://localhost:{port}/x.png",
    "ipv4_mapped": "http://[::ffff:127.0.0.1]:{port}/x.png",
    "ipv4_mapped_hex": "http://[::ffff:7f00:1]:{port}/x.png",
    "number": "http://2130706433:{port}/x.png",
    "with_user": "http://example.com@127.0.0.1:{port}/x.png",
}


@dataclass
class Trap:
    """A socket that listens on loopback; whoever connects is seen, even if nobody answers."""

    listener: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def url(self, spelling: str) -> str:
        return SPELLINGS[spelling].format(port=self.port)

    def visitors(self) -> int:
        """Count those who came since the last look, a moment after the last chance to come."""
        time.sleep(0.2)
        count = 0
        with suppress(BlockingIOError):
            while True:
                self.listener.accept()[0].close()
                count += 1
        return count


@pytest.fixture
def trap() -> Iterator[Trap]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield Trap(listener)


@pytest.fixture(params=SPELLINGS)
def address(request: pytest.FixtureRequest, trap: Trap) -> str:
    return trap.url(request.param)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::ffff:127.0.0.1", "::ffff:7f00:1", "2130706433"])
def test_the_trap_sees_who_comes_by_any_of_these_names(trap: Trap, host: str) -> None:
    socket.create_connection((host, trap.port), timeout=5).close()
    assert trap.visitors() == 1


def test_ssrf_by_url(user: Client, model: ModelServer, trap: Trap, address: str) -> None:
    """An address in whatever field could be taken for something to fetch: CVE-2026-22219, CVE-2026-31943."""
    said = f"Look at ![this]({address}) and <img src='{address}'> and {address}"
    conversation = user.post("/api/conversations", {"system_prompt": said}).json["id"]
    assert names(user.ask(conversation, said))[-1] == "done"
    for body in (
        {"content": "x", "attachment_ids": [address]},
        {"content": "x", "model_id": address},
        {"content": "x", "image_url": address},
        {"content": "x", "attachments": [{"url": address}]},
        {"content": [{"type": "image_url", "image_url": {"url": address}}]},
    ):
        user.post(f"/api/conversations/{conversation}/messages", body)
    user.post("/api/attachments", {"url": address})
    user.upload(address, said.encode(), "text/html")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/></svg>'
    uploaded = user.upload("x.svg", svg.encode(), "image/svg+xml").json
    user.ask(conversation, "And this?", attachment_ids=[uploaded["id"]])
    user.request("PATCH", f"/api/conversations/{conversation}", {"title": address, "model_id": address})
    user.get("/api/conversations", Host=address.split("/")[2], X_Forwarded_Host=address, Referer=address)
    assert trap.visitors() == 0
    assert not any(isinstance(said["content"], list) for asked in model.requests for said in asked["messages"])


PARTS = (
    lambda url: {"type": "image_url", "image_url": {"url": url}},
    lambda url: {"type": "image_url", "image_url": url},
    lambda url: {"type": "image_url", "image_url": {"url": f" {url}"}},
    lambda url: {"type": "image_url", "image_url": {"URL": url}},
    lambda url: {"type": "image", "image": url},
    lambda url: {"type": "image", "source": {"type": "url", "url": url}},
    lambda url: {"type": "input_audio", "input_audio": {"data": url, "format": "wav"}},
    lambda url: {"type": "file", "file": {"file_id": url}},
    lambda url: {"type": "file", "file": {"file_data": url}},
    lambda url: {"type": "file", "file": {"file_uri": [url]}},
)


@pytest.mark.parametrize("part", PARTS, ids=range(len(PARTS)))
def test_ssrf_by_url_in_the_openai_protocol(
    editor: Client, model: ModelServer, trap: Trap, part: Callable[[str], object]
) -> None:
    """An address in a message's parts, which a model server would fetch with its place in the network."""
    for spelling in SPELLINGS:
        for url in (trap.url(spelling), trap.url(spelling).replace("http:", "HTTP:"), "file:///etc/passwd"):
            answer = complete(editor, messages=[*MESSAGES, {"role": "user", "content": [part(url)]}])
            assert error_of(answer) == (400, "invalid_request_error", "url_not_allowed")
    assert (trap.visitors(), model.requests) == (0, [])


def test_an_address_in_words_is_words(editor: Client, model: ModelServer) -> None:
    text = "http://127.0.0.1/ is an address"
    said = [{"role": "user", "content": [{"type": "text", "text": text}]}, {"role": "user", "content": text}]
    assert complete(editor, messages=said, stream=True).status == 200
    assert model.requests[-1]["messages"] == said


def test_ssrf_by_fields_for_gateways(editor: Client, model: ModelServer, trap: Trap, address: str) -> None:
    """An address in a field of the request itself, which gateways take for where to ask."""
    for name in ("api_base", "base_url", "webhook", "image_url", "extra_headers", "metadata"):
        assert complete(editor, **{name: address}).status == 400
    assert complete(editor, model=address).status == 404
    assert complete(editor, tools=[{"type": "mcp", "server_url": address}]).status == 400
    assert (trap.visitors(), model.requests) == (0, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_ssrf_by_redirect(fresh_user: Client, admin: Client, model: ModelServer, trap: Trap, status: int) -> None:
    """A redirect to where nobody may go: CVE-2026-45401. A model server that sends one is followed by nobody."""
    editor = program(fresh_user)
    for spelling in ("ipv4", "ipv4_mapped"):
        model.behaviour.status, model.behaviour.location = status, trap.url(spelling)
        answer = fresh_user.ask(fresh_user.new_conversation())
        assert names(answer) == ["start", "error", "done"]
        assert complete(editor).status >= 400
        assert complete(editor, stream=True).status >= 400
        assert admin.post("/api/admin/models/default/check").json["code"] is not None
    assert trap.visitors() == 0
