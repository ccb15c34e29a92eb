from __future__ import annotations

from llmchat_deploy.operations.config_show import show
from llmchat_deploy.operations.config_validate import validate
from llmchat_deploy.secret import Secret
from tests.unit.config.project import GENERATED, FakeProject, load, production


def test_each_setting_has_its_value_and_its_source() -> None:
    toml = "[server]\nweb_port = 3001\n"
    rows = {row.key: (row.value, row.source) for row in show(load(production(toml=toml))).data.rows}
    assert rows["server.address"] == ("111.19.168.151", ".env.production:2")
    assert rows["server.web_port"] == ("3001", "environments/production.toml:2")
    assert rows["models.bundled"][0] == "false"
    assert rows["models.default.key"] == ("***", ".env.production:7")
    assert rows["secret_key"] == ("***", ".env.production:10")
    assert rows["project"] == ("llmchat-production", "default")
    assert "name" not in rows


def test_an_unset_secret_is_empty_and_a_generated_one_masked() -> None:
    data = show(load(FakeProject(), "development")).data
    rows = {row.key: (row.value, row.source) for row in data.rows}
    assert rows["models.default.key"] == ("", "bundled model")
    assert rows["secret_key"] == ("***", "generated")


def test_warnings_are_passed_on() -> None:
    loaded = load(production("LLM_MODEL=other\n"))
    assert show(loaded).warnings == loaded.warnings != ()


def test_a_valid_environment_is_counted() -> None:
    outcome = validate("production", production(), new_secret=lambda: Secret(GENERATED))
    assert outcome.data.environment == "production"
    assert outcome.data.settings > 30
