from __future__ import annotations

import pytest

from llmchat_deploy.host.base import SeenStream
from llmchat_deploy.operations.check import Check
from llmchat_deploy.operations.health import health
from llmchat_deploy.operations.streaming import judge, streaming_checks
from tests.fakes import FakeHost
from tests.unit.world import World, an_environment

PUBLIC = "https://chat.example.com/health/stream"
INSIDE = "http://127.0.0.1:8000/health/stream"
READY = "http://127.0.0.1:8000/health/ready"
BEHIND = an_environment(server__web_url="https://chat.example.com", server__bind="127.0.0.1")
SENT = (0.0, 0.15, 0.3, 0.45, 0.6)
FLOWS = SeenStream(200, SENT, (0.01, 0.16, 0.31, 0.46, 0.61))
GATHERED = SeenStream(200, SENT, (0.612, 0.612, 0.612, 0.613, 0.613))
GONE, REFUSED, FOREIGN, BUSY = SeenStream(0), SeenStream(502), SeenStream(200), SeenStream(429)


def checks(public: SeenStream, *then: SeenStream, inside: SeenStream = FLOWS) -> list[Check]:
    return streaming_checks(BEHIND, FakeHost(streams={PUBLIC: [public, *then], INSIDE: [inside]}), READY)


def test_a_proxy_that_lets_a_stream_flow_is_fine() -> None:
    assert checks(FLOWS) == [Check("streaming", "ok", "https://chat.example.com passes answers on as they come")]


def test_a_proxy_that_gathers_is_told_with_what_to_do() -> None:
    (check,) = checks(GATHERED)

    assert (check.name, check.level) == ("streaming", "warning")
    assert "https://chat.example.com shows answers only when they are complete" in check.detail
    assert "proxy_buffering off" in check.hint
    assert "llmchat-deploy proxy nginx --env test" in check.hint


@pytest.mark.parametrize(
    ("seen", "said"), [(GONE, "doesn't answer"), (REFUSED, "answers 502"), (FOREIGN, "answered by something else")]
)
def test_a_proxy_that_does_not_pass_it_on_is_told(seen: SeenStream, said: str) -> None:
    (check,) = checks(seen)

    assert check.level == "warning"
    assert said in check.detail


def test_once_or_twice_is_not_enough_to_blame_anything() -> None:
    assert [check.level for check in checks(GATHERED, GATHERED, FLOWS)] == ["ok"]


@pytest.mark.parametrize("inside", [GATHERED, GONE, SeenStream(404), BUSY])
def test_what_the_edge_itself_does_not_let_flow_is_no_proxy_s_fault(inside: SeenStream) -> None:
    """A machine too busy to tell, a service that is down, or one from before there was such a stream."""
    assert checks(GATHERED, inside=inside) == []
    assert checks(SeenStream(404), inside=inside) == []


def test_nothing_is_said_where_the_service_has_enough_to_do() -> None:
    assert checks(BUSY) == []


@pytest.mark.parametrize(
    ("sent", "arrived", "verdict"),
    [
        (SENT, (0.9, 0.91, 0.92, 0.93, 0.96), "flows"),  # late, yet not at once
        (SENT, (0.58, 0.58, 0.58, 0.58, 0.58), "unclear"),  # before the last was sent: a clock that can't be right
        ((0.0, 0.1, 0.2), (0.2, 0.2, 0.2), "unclear"),  # cut off too early to tell
        ((0.0,), (0.7,), "unclear"),
    ],
)
def test_a_stream_is_called_gathered_only_where_nothing_else_explains_it(sent, arrived, verdict) -> None:
    assert judge(SeenStream(200, sent, arrived)) == verdict


def test_an_api_under_a_name_of_its_own_is_what_is_looked_at() -> None:
    """The page asks it there."""
    environment = an_environment(server__api_url="https://api.example.com")
    host = FakeHost(streams={"https://api.example.com/health/stream": [GATHERED], INSIDE: [FLOWS]})

    assert [check.level for check in streaming_checks(environment, host, READY)] == ["warning"]


def test_without_a_public_address_there_is_nothing_in_front() -> None:
    assert streaming_checks(an_environment(), FakeHost(), READY) == []


def test_health_looks_at_it_and_goes_on_to_be_well() -> None:
    world = World()
    world.up(BEHIND)
    world.host.streams = {PUBLIC: [GATHERED], INSIDE: [FLOWS]}

    outcome = health(BEHIND, world.host, world.engine)

    assert [check.level for check in outcome.data.checks if check.name == "streaming"] == ["warning"]
    assert outcome.data.ok


def test_health_does_not_look_without_an_edge() -> None:
    world = World()
    world.host.streams = {PUBLIC: [GATHERED], INSIDE: [FLOWS]}

    assert "streaming" not in {check.name for check in health(BEHIND, world.host, world.engine).data.checks}
