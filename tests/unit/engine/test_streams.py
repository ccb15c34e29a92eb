"""Usage and logs from the engine's raw answers."""

from __future__ import annotations

import pytest

from llmchat_deploy.engine.base import Container, LogLine
from llmchat_deploy.engine.streams import merged_logs, usage_from

STATS = {
    "memory_stats": {"usage": 104857600, "stats": {"inactive_file": 4857600}, "limit": 1073741824},
    "cpu_stats": {"cpu_usage": {"total_usage": 3_000_000_000}, "system_cpu_usage": 20_000_000_000, "online_cpus": 2},
    "precpu_stats": {"cpu_usage": {"total_usage": 2_000_000_000}, "system_cpu_usage": 10_000_000_000},
}


def box(service: str, slot: str = "") -> Container:
    return Container(
        name=f"p-{service}", project="p", service=service, slot=slot, image="i", digest="d", state="running"
    )


def test_memory_is_what_docker_stats_shows():
    usage = usage_from(STATS)

    assert usage
    assert usage.memory == 100_000_000
    assert usage.cpu == pytest.approx(20.0)


def test_control_groups_of_version_1_name_the_cache_otherwise():
    memory = {"usage": 100, "stats": {"total_inactive_file": 40, "inactive_file": 1}}
    usage = usage_from({**STATS, "memory_stats": memory})

    assert usage
    assert usage.memory == 60


@pytest.mark.parametrize("memory", [{}, None, {"usage": 0}])
def test_a_stopped_container_uses_nothing(memory):
    assert usage_from({"memory_stats": memory}) is None


def test_the_first_reading_has_nothing_to_compare_with():
    usage = usage_from({**STATS, "precpu_stats": {}})

    assert usage
    assert usage.cpu == 0.0


class Logs:
    """The part of the SDK's API that reads logs."""

    def __init__(self, **chunks: list[bytes]) -> None:
        self.chunks = chunks
        self.asked: list[object] = []

    def logs(self, name: str, *, stream: bool, follow: bool, tail: object) -> list[bytes]:
        assert stream
        self.asked.append((follow, tail))
        return self.chunks[name.removeprefix("p-")]


def test_lines_are_put_together_from_whatever_pieces_come():
    api = Logs(backend=[b"on", b"e\ntw", "o 中".encode()[:3], "中".encode()[1:] + b"\r\n", b"\n", b"rest"])

    lines = list(merged_logs(api, (box("backend", "a"),), follow=False, tail=7))

    assert [line.text for line in lines] == ["one", "two 中", "", "rest"]
    assert {line.service for line in lines} == {"backend-a"}
    assert api.asked == [(False, 7)]


def test_logs_that_are_not_utf8_are_shown_as_well_as_can_be():
    api = Logs(edge=[b"a\xffb\n"])

    assert list(merged_logs(api, (box("edge"),), follow=False, tail=None)) == [
        LogLine("edge", "a\N{REPLACEMENT CHARACTER}b")
    ]
    assert api.asked == [(False, "all")]


def test_following_ends_when_every_container_has_ended():
    api = Logs(edge=[b"1\n", b"2\n"], backend=[b"3\n"])

    lines = list(merged_logs(api, (box("edge"), box("backend")), follow=True, tail=None))

    assert sorted(line.text for line in lines) == ["1", "2", "3"]
    assert [line.text for line in lines if line.service == "edge"] == ["1", "2"]
