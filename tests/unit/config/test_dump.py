"""An environment that is written down and read again is the same one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.dump import profile_text, secrets_text
from llmchat_deploy.config.env_text import with_variables
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import InvalidConfig
from tests.unit.config.project import ENV_FILE, OWN_KEY, FakeProject, load, production
from tests.unit.config.test_backup import HOOK, KEY, PRIVATE, S3, S3_KEYS, SFTP

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
ODD = "a$b 'c' \"d\" #e \\n ${F} 密钥 é=\t;"

EVERYTHING = f"""\
project = "chat"
[server]
bind = "127.0.0.1"
web_port = 4000
[auth]
registration = "closed"
[models.presets.glm]
url = "http://10.0.0.1/v1/chat/completions"
name = '{ODD.replace("'", "")}'
[models.presets."g.lm"]
url = "http://10.0.0.1/v1/chat/completions"
name = "b"
[build]
no_proxy = "localhost,10.0.0.0/8"
[backup]
encryption = "on"
folder = "/srv/back ups"
schedule = "30 3 * * mon-fri"
timezone = "Asia/Shanghai"
keep_yearly = 2
keep_within = "14d"
{S3}prefix = "é/"
{SFTP}
"""
SECRETS = {
    "BACKUP_RECIPIENTS": f"{KEY} {KEY}",
    "BACKUP_WEBHOOK_URL": HOOK,
    "BACKUP_REMOTE_NAS_PRIVATE_KEY": PRIVATE,
    "HTTP_PROXY": "http://us:pw'd%40x@proxy.example.com:3128",
    "LLM_API_KEY": ODD,
    "SECRET_KEY_PREVIOUS": OWN_KEY[::-1],
    "PRESET_MODELS": json.dumps({"glm": {"key": ODD}, "g.lm": {"key": ""}}),
}


def again(environment: Environment) -> Environment:
    """Return the environment that another machine gets, which has neither this one's profile nor its env file."""
    project = FakeProject(
        env={environment.name: secrets_text(environment).reveal()},
        toml={environment.name: profile_text(environment)},
    )
    return load(project, environment.name).environment


def test_an_environment_with_everything_is_the_same_again() -> None:
    env = with_variables(ENV_FILE + S3_KEYS, SECRETS)
    environment = load(production(toml=EVERYTHING).with_env("production", env)).environment
    assert again(environment) == environment
    assert environment.backup.remotes["nas"].private_key.reveal() == PRIVATE


@pytest.mark.parametrize("name", ["development", "staging", "production"])
def test_the_shipped_environments_are_the_same_again(name: str) -> None:
    environment = load(FakeProject(env={} if name == "development" else {name: ENV_FILE}), name).environment
    assert again(environment) == environment.model_copy(update={"generated": ()})


def test_the_name_of_the_bundled_model_stays() -> None:
    environment = load(FakeProject(), "development", "models.default.label=Little").environment
    assert again(environment).models == environment.models


def test_a_development_with_the_guides_values_may_keep_them() -> None:
    env = {"SECRET_KEY": "production-secret-key-xyz123456789", "LLM_API_KEY": "glm432b"}
    project = FakeProject(env={"development": with_variables(ENV_FILE, env)})
    environment = load(project, "development").environment
    assert again(environment) == environment
    assert "placeholders_allowed" not in profile_text(load(production()).environment)


def test_presets_whose_keys_would_share_a_variable_keep_their_own() -> None:
    url = "http://10.0.0.1/v1/chat/completions"
    names = ("a-b", "a.b", "A_B")
    presets = {name: {"url": url, "model": "m", "key": f"4711-{name}", "vision": name == "a-b"} for name in names}
    presets["A_B"]["visible_to"] = "admins"
    environment = load(production(f"PRESET_MODELS='{json.dumps(presets)}'\n")).environment
    assert again(environment) == environment


def test_no_secret_is_in_the_profile() -> None:
    env = with_variables(ENV_FILE + S3_KEYS, SECRETS)
    environment = load(production(toml=EVERYTHING).with_env("production", env)).environment
    text = profile_text(environment)
    assert not [secret for secret in environment.secrets if secret.reveal() and secret.reveal() in text]
    assert OWN_KEY not in text


@given(st.dictionaries(st.sampled_from(["LLM_MODEL", "LLM_LABEL", "LLM_API_KEY", "NO_PROXY", "HTTP_PROXY"]), texts))
def test_any_values_arrive_as_they_were(values: dict[str, str]) -> None:
    project = FakeProject(env={"production": with_variables(ENV_FILE, values)})
    try:
        environment = load(project).environment
    except InvalidConfig:
        return
    assert again(environment) == environment
