from __future__ import annotations

import pytest

from llmchat_deploy.config.load import default_name
from llmchat_deploy.errors import ConfigError, EnvironmentNotFound
from llmchat_deploy.secret import Secret
from tests.unit.config.project import ENV_FILE, GENERATED, OWN_KEY, FakeProject, load, production


def test_the_guides_env_file_works_as_it_is() -> None:
    environment = load(production()).environment
    assert environment.server.address == "111.19.168.151"
    assert (environment.server.bind, environment.server.web_port, environment.server.api_port) == (
        "0.0.0.0",  # noqa: S104 - a text, nothing is bound
        3000,
        8000,
    )
    assert environment.models.default.url == "http://127.0.0.1:11553/v1/chat/completions"
    assert environment.models.default.name == "glm4_32B_chat"
    assert environment.models.default.key == Secret("our-own-4711-credential")
    assert environment.secret_key == Secret(OWN_KEY)
    assert environment.backend_network == "host"
    assert environment.project == "llmchat-production"


def test_every_variable_of_the_guide_sets_what_it_is_about() -> None:
    extra = (
        "HOST=192.168.1.5\nPORT=8001\nFRONTEND_PORT=3001\nNEXT_PUBLIC_API_URL=https://api.chat.example.com/\n"
        "ACCESS_TOKEN_EXPIRE_MINUTES=60\nLLM_LABEL=GLM-4\nHTTP_PROXY=http://proxy:3128\n"
    )
    environment = load(production(extra)).environment
    server = environment.server
    assert (server.bind, server.api_port, server.web_port) == ("192.168.1.5", 8001, 3001)
    assert server.api_url == "https://api.chat.example.com"
    assert environment.auth.token_minutes == 60
    assert environment.models.default.label == "GLM-4"
    assert environment.build.http_proxy == "http://proxy:3128"


def test_preset_models_come_in_the_guides_shape_with_keys_of_their_own() -> None:
    extra = """PRESET_MODELS='{
  "codegeex": {"name": "CodeGeex", "url": "http://127.0.0.1:11551/v1/chat/completions",
               "model": "codegeex4-all-9b", "key": "k$1#", "vision": false, "visible_to": "admins"},
  "gpt-4.1": {"name": "GPT", "url": "https://api.openai.com/v1/chat/completions", "model": "gpt-4.1", "key": ""}
}'
LLM_API_KEY_GPT_4_1=sk-4711
"""
    presets = load(production(extra)).environment.models.presets
    assert list(presets) == ["codegeex", "gpt-4.1"]
    assert (presets["codegeex"].label, presets["codegeex"].name) == ("CodeGeex", "codegeex4-all-9b")
    assert presets["codegeex"].key == Secret("k$1#")
    assert [preset.vision for preset in presets.values()] == [False, True]
    assert [preset.visible_to for preset in presets.values()] == ["admins", "everyone"]
    assert presets["gpt-4.1"].key == Secret("sk-4711")


def test_a_profiles_presets_get_their_keys_from_the_env_file() -> None:
    toml = '[models.presets.glm]\nurl = "https://a.example.com/v1/chat/completions"\nname = "glm-4"\n'
    loaded = load(production("LLM_API_KEY_GLM=4711-a\n", toml=toml))
    assert loaded.environment.models.presets["glm"].key == Secret("4711-a")
    assert str(loaded.provenance["models.presets.glm.url"]) == "environments/production.toml:2"
    assert str(loaded.provenance["models.presets.glm.key"]) == ".env.production:11"


def test_later_layers_win_and_the_provenance_says_which() -> None:
    toml = "[server]\nweb_port = 3001\napi_port = 8001\n\n[auth]\ntoken_minutes = 5\n"
    loaded = load(production("PORT=8002\n", toml=toml), "production", "auth.token_minutes=7")
    assert loaded.environment.server.web_port == 3001
    assert loaded.environment.server.api_port == 8002
    assert loaded.environment.auth.token_minutes == 7
    sources = {key: str(source) for key, source in loaded.provenance.items()}
    assert sources["server.web_port"] == "environments/production.toml:2"
    assert sources["server.api_port"] == ".env.production:11"
    assert sources["auth.token_minutes"] == "--set"
    assert sources["models.default.label"] == "default"
    assert sources["server.bind"].startswith("environments/base.toml:")


def test_development_needs_nothing_and_generates_its_secret() -> None:
    loaded = load(FakeProject(), "development")
    environment = loaded.environment
    assert environment.models.bundled
    assert environment.models.default.url == "http://model:8080/v1/chat/completions"
    assert environment.server.bind == "127.0.0.1"
    assert environment.generated == ("SECRET_KEY",)
    assert environment.secret_key == Secret(GENERATED)
    assert environment.backend_network == "bridge"
    assert str(loaded.provenance["secret_key"]) == "generated"
    assert str(loaded.provenance["models.default.url"]) == "bundled model"
    assert loaded.warnings == ()


def test_a_kept_secret_is_not_generated_again() -> None:
    environment = load(FakeProject(env={"development": f"SECRET_KEY={OWN_KEY}\n"}), "development").environment
    assert environment.generated == ()
    assert environment.secret_key == Secret(OWN_KEY)


def test_a_model_of_ones_own_takes_the_place_of_the_bundled_one() -> None:
    loaded = load(FakeProject(env={"development": ENV_FILE}), "development")
    assert not loaded.environment.models.bundled
    assert loaded.environment.models.default.name == "glm4_32B_chat"
    assert str(loaded.provenance["models.bundled"]) == ".env.development:5"


def test_an_option_brings_the_bundled_model_back() -> None:
    environment = load(production(without="LLM_MODEL"), "production", "models.bundled=true").environment
    assert environment.models.bundled
    assert environment.models.default.url == "http://model:8080/v1/chat/completions"
    assert not environment.models.default.key


def test_placeholders_are_allowed_in_development() -> None:
    text = ENV_FILE.replace("our-own-4711-credential", "glm432b").replace(OWN_KEY, "production-secret-key-xyz123456789")
    assert load(FakeProject(env={"development": text}), "development").environment.secret_key


def test_an_empty_api_key_says_that_the_server_needs_none() -> None:
    assert not load(production("LLM_API_KEY=\n", without="LLM_API_KEY")).environment.models.default.key


def test_white_space_around_a_number_is_no_matter() -> None:
    assert load(production("PORT=' 8001\x1f'\n")).environment.server.api_port == 8001


def test_an_environment_of_ones_own_stands_on_base() -> None:
    project = FakeProject(env={"team-b": ENV_FILE}, toml={"team-b": "[server]\nweb_port = 3300\napi_port = 8300\n"})
    environment = load(project, "team-b").environment
    assert (environment.project, environment.server.web_port) == ("llmchat-team-b", 3300)
    assert environment.auth.registration == "open"


def test_a_ca_bundle_is_found_and_made_absolute() -> None:
    project = FakeProject(
        env={"production": ENV_FILE},
        toml={"production": '[build]\nca_bundle = "ca.pem"\n'},
        files={"ca.pem": "-----BEGIN CERTIFICATE-----\n"},
    )
    assert load(project).environment.build.ca_bundle == "/project/ca.pem"


@pytest.mark.parametrize(
    ("project", "says"),
    [
        (FakeProject(env={"production": ENV_FILE}, toml={}, mode=0o644), "chmod 600 .env.production"),
        (production("LLM_MODEL=other\n"), "set in line 6 already"),
        (production(toml='[network]\nbackend = "bridge"\n'), "loopback address"),
        (FakeProject(env={"development": "LLM_MODEL=x\n"}), "no effect beside the bundled model"),
    ],
)
def test_what_is_unlikely_to_be_meant_is_warned_about(project: FakeProject, says: str) -> None:
    (warning,) = load(project, next(iter(project.env))).warnings
    assert says in warning


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("prodction", "--env production"),
        ("Production", "--env production"),
        ("dev", "init --env dev"),
        ("customer-7", "init --env customer-7"),
        ("base", "small letters"),
        ("../x", "small letters"),
        ("", "small letters"),
        ("a" * 32, "small letters"),
    ],
)
def test_an_unknown_environment_names_the_nearest_or_the_way_to_make_it(name: str, hint: str) -> None:
    with pytest.raises(EnvironmentNotFound) as caught:
        load(FakeProject(), name)
    assert hint in caught.value.hint
    assert "development, production, staging" in caught.value.message


def test_the_default_environment_is_the_only_one_in_use() -> None:
    assert default_name(production()) == "production"
    with pytest.raises(ConfigError) as caught:
        default_name(FakeProject())
    assert "development, production, staging" in caught.value.message
    with pytest.raises(ConfigError) as caught:
        default_name(FakeProject(env={"staging": "", "production": ""}))
    assert "production, staging" in caught.value.message
    assert "--env" in caught.value.hint


def test_env_files_without_a_profile_are_not_in_use() -> None:
    assert default_name(FakeProject(env={"local": "", "staging": ""})) == "staging"
