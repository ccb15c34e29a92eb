"""How far a long piece of work is."""

from __future__ import annotations

from llmchat_deploy.apply.meter import Meter
from tests.fakes import FakeHost


def test_a_stage_tells_amount_rate_and_time_left():
    host = FakeHost()
    meter = Meter(host)
    meter.line("write", 0, 500_000_000)
    host.sleep(2)

    assert meter.line("write", 200_000_000, 500_000_000) == "packing: 40 % of 500 MB, 100 MB/s, 3 s left"


def test_each_stage_is_measured_by_itself():
    host = FakeHost()
    meter = Meter(host)
    meter.line("snapshot", 500_000_000, 500_000_000)
    host.sleep(10)

    assert meter.line("verify", 1, 500_000_000) == "reading back: 0 % of 500 MB"


def test_an_unknown_amount_is_only_named():
    assert Meter(FakeHost()).line("start", 0, 5_000) == "starting the service on it"
    assert Meter(FakeHost()).line("write", 0, 0) == "packing"


def test_more_than_was_announced_is_not_more_than_all():
    host = FakeHost()
    meter = Meter(host)
    meter.line("upload", 0, 1_000_000)
    host.sleep(1)

    assert meter.line("upload", 2_000_000, 1_000_000) == "sending copies: 100 % of 1 MB, 2 MB/s, 0 s left"
