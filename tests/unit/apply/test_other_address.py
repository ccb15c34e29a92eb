"""A model server that listens on another address of this machine than its URL names."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.other_address import look_around
from llmchat_deploy.config.chat_model import BUNDLED_MODEL
from llmchat_deploy.config.model import Environment
from tests.fakes import FakeHost
from tests.unit.world import LOOPBACK, an_environment

OWN = "192.168.1.100"
PORT = 11553
BY_OWN = an_environment()
BY_LOOPBACK = an_environment(models__default=LOOPBACK)
FORCED = an_environment(network__backend="bridge")


def answer(asked: str, port: int | None = PORT, reason: str = "nothing_listens") -> dict[str, object]:
    said = {
        "ok": False,
        "model": "default",
        "reason": reason,
        "detail": f"Nothing answers at {asked}.",
        "hint": "Start.",
    }
    return said | {"host": asked, "port": port}


def listening(*addresses: str) -> FakeHost:
    return FakeHost(
        listeners={PORT: dict.fromkeys(addresses, "vllm")},
        own_addresses={"127.0.0.1", "127.0.1.1", OWN, "fd00::2"},
        names={"gpu-box": ("127.0.1.1",), "far": ("192.0.2.9",), "both": (OWN, "192.0.2.9")},
    )


@pytest.mark.parametrize(
    ("environment", "asked", "listens"),
    [
        (BY_OWN, OWN, "127.0.0.1"),
        (BY_OWN, "host.docker.internal", "127.0.0.1"),
        (BY_OWN, "gpu-box", OWN),
        (BY_LOOPBACK, "127.0.0.1", OWN),
        (BY_LOOPBACK, "localhost", OWN),
        (BY_LOOPBACK, "model.localhost", OWN),
    ],
)
def test_the_address_at_which_it_listens_is_named(environment: Environment, asked: str, listens: str) -> None:
    found = look_around(answer(asked), environment, listening(listens))

    assert found["reason"] == "other_address"
    assert found["detail"] == f"Nothing answers at {asked}:{PORT}, but something listens at {listens}:{PORT} only."
    assert found["hint"] == f"Use {listens} in the model's URL, or start the model server with --host 0.0.0.0."
    assert (found["model"], found["ok"]) == ("default", False)


def test_of_several_one_is_used_that_a_backend_on_a_bridge_reaches():
    found = look_around(answer("fd00::2"), BY_OWN, listening("127.0.0.1", OWN, "fd00::7"))

    assert found["detail"] == (
        f"Nothing answers at [fd00::2]:{PORT}, but something listens at "
        f"{OWN}:{PORT} and [fd00::7]:{PORT} and 127.0.0.1:{PORT} only."
    )
    assert found["hint"].startswith(f"Use {OWN} in")


def test_an_ipv6_address_is_named_as_a_url_takes_it():
    found = look_around(answer(OWN), BY_OWN, listening("fd00::2"))

    assert found["hint"] == "Use [fd00::2] in the model's URL, or start the model server with --host 0.0.0.0."


@pytest.mark.parametrize("environment", [FORCED, an_environment(models__bundled=True, models__default=BUNDLED_MODEL)])
def test_a_loopback_address_is_not_proposed_to_a_backend_that_has_to_be_on_a_bridge(environment):
    hint = look_around(answer(OWN), environment, listening("127.0.0.1"))["hint"]

    assert hint == "Start the model server with --host 0.0.0.0: a backend on a bridge network can't reach 127.0.0.1."


@pytest.mark.parametrize(
    ("listens", "hint"),
    [
        ("127.0.0.1", "On a bridge network, 127.0.0.1 is the backend's own container: leave network.backend at auto."),
        (OWN, f"On a bridge network, 127.0.0.1 is the backend's own container: use {OWN} in the model's URL."),
    ],
)
def test_on_a_bridge_the_loopback_address_is_the_containers_own(listens, hint):
    forced = an_environment(models__default=LOOPBACK, network__backend="bridge")
    found = look_around(answer("127.0.0.1"), forced, listening(listens))

    assert found["detail"] == (
        f"Nothing answers at 127.0.0.1:{PORT} inside the backend's container, "
        f"but something listens at {listens}:{PORT} only."
    )
    assert found["hint"] == hint


@pytest.mark.parametrize(
    ("said", "listens"),
    [
        (answer(OWN), ()),
        (answer(OWN), ("0.0.0.0",)),  # noqa: S104 - compared
        (answer(OWN), ("::", "127.0.0.1")),
        (answer(OWN), (OWN,)),
        (answer("far"), ("127.0.0.1",)),
        (answer("both"), ("127.0.0.1",)),
        (answer("unknown"), ("127.0.0.1",)),
        (answer("192.0.2.9"), ("127.0.0.1",)),
        (answer(OWN, reason="wrong_path"), ("127.0.0.1",)),
        (answer(OWN, port=None), ("127.0.0.1",)),
        ({"ok": True, "model": "default", "first_token_ms": 12}, ("127.0.0.1",)),
        ({"ok": False, "reason": "nothing_listens"}, ("127.0.0.1",)),
    ],
    ids=[
        "nobody", "everywhere", "everywhere by IPv6", "there by now", "another machine's name",
        "a name of two machines", "an unknown name", "another machine", "another reason", "no port", "it answers",
        "a backend that doesn't say where",
    ],
)  # fmt: skip
def test_nothing_else_is_changed(said, listens):
    assert look_around(said, BY_OWN, listening(*listens)) == said
