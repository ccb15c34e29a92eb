"""The signing key before the present one: whoever knows it can sign log-ins, too."""

from __future__ import annotations

import pytest

from tests.unit.config.project import only, problems, production


@pytest.mark.parametrize(
    ("value", "says"),
    [("shorter-than-it-should-be", "bytes long"), ("a1b2" * 16, "repeats"), ("your-super-secret-key-here", "guide")],
)
def test_a_previous_secret_key_is_held_to_the_same(value: str, says: str) -> None:
    problem = only(problems(production(f"SECRET_KEY_PREVIOUS={value}\n")))
    assert problem.key == "SECRET_KEY_PREVIOUS"
    assert says in problem.message
    assert value not in repr(problem)
