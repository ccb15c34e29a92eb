"""The files in ``environments/``: what they say is what the tool does."""

from __future__ import annotations

import re
import tomllib

import pytest

from llmchat_deploy.config import env_text
from llmchat_deploy.config.schema import ANY, POLICY, known_settings, lookup
from llmchat_deploy.config.variables import LLM_API_KEY, PRESET_MODELS, VARIABLES
from tests.unit.config.project import ENV_FILE, OWN_KEY, REPOSITORY, SHIPPED, FakeProject, load, problems

ENVIRONMENTS = REPOSITORY / "environments"


def test_three_profiles_are_shipped() -> None:
    assert SHIPPED.profiles() == ("development", "production", "staging")


def test_they_live_side_by_side_on_one_machine() -> None:
    everyone = [load(FakeProject(env={name: ENV_FILE}), name).environment for name in SHIPPED.profiles()]
    ports = [port for each in everyone for port in (each.server.web_port, each.server.api_port)]
    assert sorted(ports) == [3000, 3100, 3200, 8000, 8100, 8200]
    assert len({each.project for each in everyone}) == 3


def test_base_names_the_built_in_defaults_and_nothing_else() -> None:
    table = tomllib.loads((ENVIRONMENTS / "base.toml").read_text())
    written = {(section, key): value for section, keys in table.items() for key, value in keys.items()}
    expected = {
        path: known.default
        for path, known in known_settings().items()
        if len(path) == 2 and known.kind != "secret" and path != ("server", "address")
    }
    assert written == expected


def test_every_variable_sets_something_that_exists() -> None:
    assert all(lookup(path) for path in VARIABLES.values())
    assert not any(ANY in path for path in VARIABLES.values())
    assert all(lookup(path) for path in POLICY)


@pytest.mark.parametrize("name", ["production", "staging"])
def test_an_example_names_every_variable_and_is_incomplete_until_it_is_filled_in(name: str) -> None:
    text = (ENVIRONMENTS / f"{name}.env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE))
    assert named - {"LLM_API_KEY_CODEGEEX"} == {*VARIABLES, PRESET_MODELS}
    keys = [problem.key for problem in problems(FakeProject(env={name: text}), name)]
    assert keys == ["SERVER_IP", "LLM_API_URL", "LLM_MODEL", "SECRET_KEY", "LLM_API_KEY"]


@pytest.mark.parametrize("name", ["production", "staging"])
def test_an_example_works_with_all_its_comments_taken_away(name: str) -> None:
    text = (ENVIRONMENTS / f"{name}.env.example").read_text()
    text = re.sub(r"^# (?=[A-Z_]+=|  \"|\}')", "", text, flags=re.MULTILINE)
    values = {
        "SERVER_IP": "10.0.0.1",
        "LLM_API_URL": "http://127.0.0.1:11553/v1/chat/completions",
        "LLM_MODEL": "glm4_32B_chat",
        LLM_API_KEY: "our-own-4711-credential",
        "SECRET_KEY": OWN_KEY,
    }
    environment = load(FakeProject(env={name: env_text.with_variables(text, values)}), name).environment
    profile = load(FakeProject(env={name: ENV_FILE}), name).environment
    assert (environment.server.web_port, environment.server.api_port) == (
        profile.server.web_port,
        profile.server.api_port,
    )
    assert environment.models.presets["codegeex"].label == "CodeGeex"
