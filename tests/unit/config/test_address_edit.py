"""Files keep their comments, order, quotes and line ends; secrets stay out of sight and untouched."""

from __future__ import annotations

import tomllib

from llmchat_deploy.config.address_edit import edit_env, edit_profile, set_in_env, set_in_profile
from llmchat_deploy.config.address_text import replace_address
from llmchat_deploy.config.env_text import parse
from llmchat_deploy.config.sources import SourceText

OLD, NEW = "111.19.168.151", "192.168.1.100"
ENV = f"""\
# 服务器 {OLD}
export SERVER_IP="{OLD}"   # the server, {OLD}
NEXT_PUBLIC_API_URL='http://{OLD}:8000'
LLM_API_KEY={OLD}
SECRET_KEY=key-{OLD}
NO_PROXY=localhost,{OLD},{OLD}0\r
PRESET_MODELS='{{
  "a": {{"name": "{OLD}", "url": "http://{OLD}:1/v1", "model": "m", "key": "{OLD}"}}
}}'
BACKUP_WEBHOOK_URL=https://{OLD}/hook/token-77
HTTP_PROXY=http://me:hush@{OLD}:3128
"""
PROFILE = f"""\
# production of {OLD}
[server]
address = '{OLD}'   # typed by users
web_port = 3000

[models.presets.glm]
url = "http://{OLD}:11553/v1/chat/completions"
name = "glm"
"""


def there(_key: str, value: str) -> str:
    return replace_address(value, OLD, NEW)


def test_only_values_change_in_an_env_file() -> None:
    edited = edit_env(SourceText(".env.production", ENV), there)

    before, after = ENV.splitlines(keepends=True), edited.text.splitlines(keepends=True)
    assert after[0] == before[0]
    assert after[1] == f'export SERVER_IP="{NEW}"   # the server, {OLD}\n'
    assert after[2] == f"NEXT_PUBLIC_API_URL='http://{NEW}:8000'\n"
    assert after[3:5] == before[3:5], "secrets are opaque"
    assert after[5] == f"NO_PROXY=localhost,{NEW},{OLD}0\r\n"
    assert after[7] == f'  "a": {{"name": "{OLD}", "url": "http://{NEW}:1/v1", "model": "m", "key": "{OLD}"}}\n'
    assert [each.name for each in parse(edited.text).variables] == [each.name for each in parse(ENV).variables]


def test_a_change_tells_line_and_values_and_no_secret() -> None:
    changes = {change.key: change for change in edit_env(SourceText(".env.production", ENV), there).changes}

    assert (changes["SERVER_IP"].line, changes["SERVER_IP"].before, changes["SERVER_IP"].after) == (2, OLD, NEW)
    assert (changes["BACKUP_WEBHOOK_URL"].before, changes["BACKUP_WEBHOOK_URL"].secret) == ("***", True)
    assert changes["HTTP_PROXY"].after == f"http://***@{NEW}:3128"
    assert changes["PRESET_MODELS"].after == f"http://{NEW}:1/v1"
    assert not any(word in repr(changes) for word in ("hush", "token-77", "key-"))


def test_only_values_change_in_a_profile() -> None:
    edited = edit_profile(SourceText("environments/production.toml", PROFILE), there)

    assert tomllib.loads(edited.text)["server"]["address"] == NEW
    assert edited.text.startswith(f"# production of {OLD}\n[server]\naddress = ")
    assert "   # typed by users\nweb_port = 3000\n\n[models.presets.glm]\n" in edited.text
    assert [(change.line, change.key) for change in edited.changes] == [
        (3, "server.address"),
        (7, "models.presets.glm.url"),
    ]


def test_a_file_without_the_address_stays_byte_for_byte() -> None:
    for text in (ENV, ENV.replace("\n", "\r\n"), "A=1", ""):
        assert edit_env(SourceText(".env.x", text), lambda _key, value: value).text == text
    assert edit_profile(SourceText("x.toml", PROFILE), lambda _key, value: value).text == PROFILE


def test_one_setting_can_be_written_and_taken_away_again() -> None:
    env, profile = SourceText(".env.x", ENV), SourceText("x.toml", PROFILE)
    wrote, put = set_in_env(env, "OLD_SERVER_IPS", OLD), set_in_profile(profile, "server", "old_addresses", OLD)

    assert wrote.text == ENV + f"OLD_SERVER_IPS={OLD}\n"
    assert tomllib.loads(put.text)["server"]["old_addresses"] == OLD
    assert set_in_env(SourceText(".env.x", wrote.text), "OLD_SERVER_IPS", None).text == ENV
    assert tomllib.loads(set_in_profile(SourceText("x.toml", put.text), "server", "old_addresses", None).text) == (
        tomllib.loads(PROFILE)
    )
