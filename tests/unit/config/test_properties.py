"""What holds for any input."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.describe import describe
from llmchat_deploy.config.env_text import with_variables
from llmchat_deploy.config.strength import check_guessable, is_placeholder
from llmchat_deploy.config.variables import VARIABLES
from llmchat_deploy.errors import InvalidConfig
from llmchat_deploy.secret import Secret
from tests.unit.config.project import ENV_FILE, OWN_KEY, FakeProject, load

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
# The sign in front keeps Hypothesis from finding a "secret" that a message holds anyway, such as a file's name.
secrets = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=31, max_size=80).map("§{}".format)
junk_lines = st.lists(st.text(max_size=30) | st.sampled_from(ENV_FILE.splitlines())).map("\n".join)
keys = st.sampled_from(["server", "models.default", "models.presets.a", "a", "bind", "url", "web_port", "''"])
junk_toml = st.text(max_size=60) | st.lists(
    st.tuples(
        keys, st.sampled_from(["1", '"x"', "true", "[]", "{}", "{url=1}", "1.5", "1979-05-27", '"http://x"'])
    ).map(" = ".join)
    | keys.map("[{}]".format)
).map("\n".join)


def shown(project: FakeProject, *options: str) -> str:
    """Return everything a person may get to see of an environment."""
    try:
        loaded = load(project, "production", *options)
    except InvalidConfig as error:
        return repr((error, error.args, error.message, error.hint, error.details, error.problems))
    environment = loaded.environment
    dumps = (environment.model_dump(), environment.model_dump_json(), environment, describe(loaded), loaded)
    return "".join(map(repr, dumps)) + str(environment) + "".join(loaded.warnings)


@given(junk_lines, junk_toml, st.lists(st.text(max_size=30) | st.tuples(keys, texts).map(".x=".join), max_size=2))
def test_junk_is_refused_as_invalid_and_never_crashes(env: str, toml: str, options: list[str]) -> None:
    shown(FakeProject(env={"production": env}, toml={"production": toml}), *options)


@given(st.dictionaries(st.sampled_from([*VARIABLES, "PRESET_MODELS"]), texts))
def test_any_values_of_the_guides_variables_are_judged(values: dict[str, str]) -> None:
    shown(FakeProject(env={"production": with_variables("", values)}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "url", "model", "key", "a"]), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_json_of_preset_models_is_judged(value: object) -> None:
    shown(FakeProject(env={"production": with_variables(ENV_FILE, {"PRESET_MODELS": json.dumps(value)})}))


@given(secrets, secrets, secrets)
def test_secrets_arrive_byte_for_byte_and_are_never_shown(signing: str, key: str, preset_key: str) -> None:
    preset = {"a": {"url": "https://x.example.com/v1/chat/completions", "model": "m", "key": preset_key}}
    values = {"SECRET_KEY": signing, "LLM_API_KEY": key, "PRESET_MODELS": json.dumps(preset)}
    project = FakeProject(env={"production": with_variables(ENV_FILE, values)})
    text = shown(project)
    assert not any(secret in text or repr(secret)[1:-1] in text for secret in values.values())
    assert preset_key not in text
    candidates = [Secret(signing), Secret(key), Secret(preset_key)]
    if check_guessable(candidates[0]) or any(is_placeholder(candidate) for candidate in candidates):
        return
    environment = load(project).environment
    assert environment.secret_key == Secret(signing)
    assert environment.models.default.key == Secret(key)
    assert environment.models.presets["a"].key == Secret(preset_key)
    assert set(candidates) <= set(environment.secrets)


@given(texts.filter(bool))
def test_a_models_name_arrives_byte_for_byte(name: str) -> None:
    project = FakeProject(env={"production": with_variables(ENV_FILE, {"LLM_MODEL": name})})
    assert load(project).environment.models.default.name == name


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=20).map("pw-{}".format))
def test_a_proxys_password_is_used_and_never_shown(password: str) -> None:
    url = f"http://us:{password}@proxy.example.com:3128"
    project = FakeProject(env={"production": f"{ENV_FILE}HTTP_PROXY={url}\n"})
    assert load(project).environment.build.http_proxy == url
    assert Secret(password) in load(project).environment.secrets
    assert password not in shown(project)


def test_the_same_input_gives_the_same_environment() -> None:
    project = FakeProject(env={"production": ENV_FILE})
    assert load(project) == load(project)
    assert OWN_KEY not in shown(project)
