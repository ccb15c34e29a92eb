from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.errors import ExitCode
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.output.envelope import dumps, jsonable, success
from llmchat_deploy.render.release import Slot
from llmchat_deploy.secret import Secret


@dataclass(frozen=True)
class Data:
    name: str
    key: Secret
    slot: Slot
    paths: tuple[Path, ...]


def test_values_become_what_json_has() -> None:
    data = Data("x", Secret("hidden"), Slot.A, (Path("a/b"),))
    assert jsonable(data) == {"name": "x", "key": "***", "slot": "a", "paths": ["a/b"]}


@given(st.text(min_size=4).filter(lambda text: text.strip("*")))
def test_no_secret_value_survives_however_it_is_escaped(text: str) -> None:
    outcome = Outcome("up", {"line": f"before {text} after", "nested": [{"deep": text}]})
    document = json.loads(dumps(success(outcome, (f"warning {text}",)), (Secret(text),)))
    assert document["data"]["nested"] == [{"deep": "***"}]
    assert document["data"]["line"] == f"before {text} after".replace(text, "***")
    assert document["warnings"] == [f"warning {text}".replace(text, "***")]


def test_the_status_follows_the_exit_code() -> None:
    for code, status in ((ExitCode.OK, "success"), (ExitCode.CHANGES_FOUND, "changes"), (ExitCode.UNHEALTHY, "error")):
        assert success(Outcome("x", None, exit_code=code), ())["status"] == status
