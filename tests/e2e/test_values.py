"""Any text a person may write in an env file reaches the container byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.e2e import facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

BATCH = 120
"""Models per deploy: one deploy takes seconds, whatever it carries."""

SIGNS = r"""$ $$ ${HOME} $(id) `id` # ' " \ \n \' %s {{ {% }} & * ! - : = ~ | > @ , [ } ; << yes null 0x1f é 汉字 🐳"""
SPACES = ("\n", "\r\n", "\t", " ", "  ", " # ", ": ", "\u2028", "\u0085", "\ufeff", "\x01", "\x1b[31m", "\x7f")
NASTY = st.sampled_from((*SIGNS.split(), *SPACES))
WILD = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.lists(st.one_of(NASTY, WILD), min_size=1, max_size=12).map("".join).filter(lambda text: text.strip())
"""Texts that mean something to a shell, to Compose, to YAML, to Jinja or to an env file, in every mixture."""

READ = """
import json, os, pathlib
secrets = {path.name: path.read_bytes().decode() for path in pathlib.Path("/run/llmchat").iterdir() if path.is_file()}
print(json.dumps({"variables": dict(os.environ), "secrets": secrets}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Scenario]:
    with Scenario(tmp_path_factory.mktemp("values"), label="values") as scenario:
        yield scenario.profile()


def arrives(scenario: Scenario, server: ModelServer, models: list[tuple[str, str, str]]) -> None:
    """Deploy the models and compare what stands in the backend's container, character for character."""
    (label, name, key), *others = models
    presets = {
        f"p{index}": {"name": label, "url": server.url, "model": name, "key": key}
        for index, (label, name, key) in enumerate(others)
    }
    scenario.env_file(
        SECRET_KEY=key + "0123456789" * 4,
        LLM_API_URL=server.url,
        LLM_LABEL=label,
        LLM_MODEL=name,
        LLM_API_KEY=key,
        PRESET_MODELS=json.dumps(presets, ensure_ascii=False),
    ).up()

    backend = facts.container(scenario.project, "backend")
    found = json.loads(facts.output_of(backend, "python3", "-c", READ))
    assert found["variables"]["LLM_LABEL"] == label
    assert found["variables"]["LLM_MODEL"] == name
    assert found["secrets"]["LLM_API_KEY"] == key
    assert found["secrets"]["SECRET_KEY"] == key + "0123456789" * 4
    wanted = {
        name: {"name": preset["name"], "url": preset["url"], "model": preset["model"], "vision": True}
        for name, preset in presets.items()
    }
    assert json.loads(found["variables"]["PRESET_MODELS"]) == wanted
    assert json.loads(found["secrets"]["PRESET_MODEL_KEYS"]) == {
        name: preset["key"] for name, preset in presets.items()
    }


def batch(number: int) -> list[tuple[str, str, str]]:
    """Return what Hypothesis thinks of: the same for the same number."""
    found: list[tuple[str, str, str]] = []

    @seed(number)
    @settings(max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate])
    @given(TEXTS, TEXTS, TEXTS)
    def collect(label: str, name: str, key: str) -> None:
        found.append((label, name, key))

    collect()
    return found


def test_known_traps_reach_the_container_byte_for_byte(environment: Scenario, model_server: ModelServer) -> None:
    traps = [
        *("corr3ct$battery", "P@$$w0rd", '"$HOME"', "${LLM_MODEL:-x}", "{{ secret }}", "it's # no comment", "'''"),
        *("ends with \\", "\\u0041 \\n", "a\nb\r\nc", "  spaces  ", "tab\there", "é\u2028\u0085", "汉字 🐳"),
    ]
    arrives(environment, model_server, [(text, text, text) for text in traps])


@pytest.mark.parametrize("number", [1, 2])
def test_any_text_reaches_the_container_byte_for_byte(
    environment: Scenario, model_server: ModelServer, number: int
) -> None:
    arrives(environment, model_server, batch(number))


@pytest.mark.full
def test_many_texts_reach_the_container_byte_for_byte(environment: Scenario, model_server: ModelServer) -> None:
    for number in range(3, 40):
        arrives(environment, model_server, batch(number))
