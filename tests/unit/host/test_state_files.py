"""Files of the state folder that grow line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.errors import HostError
from llmchat_deploy.host.local import LocalHost


def test_lines_are_added_and_a_half_one_is_ended_first(tmp_path: Path) -> None:
    host = LocalHost(tmp_path, "p", state_root=tmp_path)
    host.append_state("log", "one")
    with Path(host.state_path("log")).open("a", encoding="utf-8") as file:
        file.write("ha")
    host.append_state("log", "two")
    host.rename_state("log", "older")

    assert host.read_state("older") == "one\nha\ntwo\n"
    assert host.read_state("log") is None


def test_a_file_that_cannot_be_renamed_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="can't be written"):
        LocalHost(tmp_path, "p", state_root=tmp_path).rename_state("nothing", "older")
