"""``PRESET_MODELS``, the guide's object of further models: how it is read, and what is said where it can't be."""

from __future__ import annotations

import pytest

from tests.unit.config.project import load, only, problems, production


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000], ids=["a number too long", "a nest too deep"])
def test_presets_that_no_reader_reads_are_told_how_to_be_written(text: str) -> None:
    problem = only(problems(production(f"PRESET_MODELS={text}\n")))
    assert (problem.key, problem.message) == ("PRESET_MODELS", "is not JSON that can be read")
    assert 'in single quotes, such as \'{"glm": {"name": "GLM-4", "url": ' in problem.hint


def test_the_example_of_a_preset_that_a_hint_shows_is_taken_as_it_is() -> None:
    hint = only(problems(production("PRESET_MODELS={\n"))).hint
    example = hint.removeprefix("Write an object in single quotes, such as ").replace("...", "an-own-key")
    glm = load(production(f"PRESET_MODELS={example}\n")).environment.models.presets["glm"]
    assert (glm.label, glm.name, glm.url) == ("GLM-4", "glm4_32B_chat", "http://127.0.0.1:11553/v1/chat/completions")


def test_each_field_of_a_preset_is_checked() -> None:
    found = problems(
        production('PRESET_MODELS=\'{"a": {"nme": "A", "url": "http://x/v1", "key": 4711, "model": "m"}}\'\n')
    )
    assert [(problem.key, problem.message) for problem in found] == [
        ("PRESET_MODELS.a.nme", "is not a known field"),
        ("PRESET_MODELS.a.key", "is no text"),
        ("PRESET_MODELS.a.url", "the path '/v1' is not chat completions"),
    ]
    assert found[0].hint == "Did you mean 'name'?"
    assert found[2].hint == "Write http://x/v1/chat/completions"


def test_a_preset_needs_an_address_a_name_and_a_key() -> None:
    found = problems(production('PRESET_MODELS={"glm": {}}\nPRESET_MODELS={"glm": {"name": "GLM"}}\n'))
    assert [(problem.source, problem.key) for problem in found] == [
        (".env.production", "PRESET_MODELS.glm.url"),
        (".env.production", "PRESET_MODELS.glm.model"),
        (".env.production", "LLM_API_KEY_GLM"),
    ]
