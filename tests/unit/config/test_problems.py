"""Bad input: each thing that can be wrong is one problem, at its place, with a remedy."""

from __future__ import annotations

import pytest

from llmchat_deploy.config.strength import PRINTED_IN_THE_GUIDE
from tests.unit.config.project import ENV_FILE, OWN_KEY, FakeProject, only, problems, production

TOML = "environments/production.toml"


@pytest.mark.parametrize(
    ("toml", "line", "key", "says", "hint"),
    [
        ("[server]\nweb_prot = 1\n", 2, "server.web_prot", "not a known setting", "'server.web_port'"),
        ("web_port = 1\n", 1, "web_port", "not a known setting", "'server.web_port'"),
        ("[modls]\nx = 1\n", 2, "modls.x", "not a known setting", "Did you mean the section [models]?"),
        ("[models]\nx = 1\n", 2, "models.x", "not a known setting", "llmchat-deploy config show lists the known"),
        ("[sever]\nbind = '::'\n", 2, "sever.bind", "not a known setting", "'server.bind'"),
        ("[server]\nSERVER_IP = 'x'\n", 2, "server.SERVER_IP", "env file's variable", "server.address"),
        ("PRESET_MODELS = '{}'\n", 1, "PRESET_MODELS", "env file's variable", "[models.presets.ID]"),
        ("[models.presets.a]\nurll = 'x'\n", 2, "models.presets.a.urll", "not a known setting", "models.presets.a.url"),
        ("qqq = 1\n", 1, "qqq", "not a known setting", "config show"),
        ("[server]\nweb_port = '3001'\n", 2, "server.web_port", "is the text '3001'", "without quotes: 3001"),
        ("[server]\nweb_port = 'x'\n", 2, "server.web_port", "is the text 'x'", "whole number"),
        ("[server]\nweb_port = true\n", 2, "server.web_port", "is the switch true", "whole number"),
        ("[server]\nweb_port = 3000.5\n", 2, "server.web_port", "is the number 3000.5", "whole number"),
        ("[server]\nbind = 1\n", 2, "server.bind", "is the number 1", "in quotes"),
        ("[server]\nbind = []\n", 2, "server.bind", "is a list", "in quotes"),
        ("server = 1\n", 1, "server", "is a section", "[server]"),
        ("[servers]\n", 1, "servers", "not a known setting", "Did you mean the section [server]?"),
        ("[server.bind]\n", 1, "server.bind", "is a table", "in quotes"),
        ("[models]\nbundled = 'yes'\n", 2, "models.bundled", "is the text 'yes'", "true or false"),
        ("[network]\nbackend = 'hots'\n", 2, "network.backend", "is the text 'hots'", "Did you mean 'host'?"),
        ("[auth]\nregistration = 1\n", 2, "auth.registration", "is the number 1", "open, approval, invite, closed"),
        ("[server]\nweb_port = 0\n", 2, "server.web_port", "out of range", "from 1 to 65535"),
        ("[server]\nweb_port = 65536\n", 2, "server.web_port", "out of range", "from 1 to 65535"),
        ("[models]\nidle_timeout = 0\n", 2, "models.idle_timeout", "out of range", "at least 1"),
        ("[server]\nweb_port = 8000\n", 2, "server.web_port", "of the page and of the API", "FRONTEND_PORT"),
        ("[server]\nmetrics_port = 8000\n", 2, "server.metrics_port", "which is server.api_port", "port of its own"),
        ("[server]\nmetrics_port = -1\n", 2, "server.metrics_port", "out of range", "from 0 to 65535"),
        ("[server]\nbind = 'localhost'\n", 2, "server.bind", "is a name", "127.0.0.1"),
        ("[resources]\nedge_memory = '1 GB'\n", 2, "resources.edge_memory", "no amount of memory", "512m or 2g"),
        ("[resources]\nedge_memory = '512'\n", 2, "resources.edge_memory", "no amount of memory", "512m or 2g"),
        ("[resources]\nedge_memory = '4m'\n", 2, "resources.edge_memory", "too little", "32m"),
        ("[build]\nca_bundle = 'no.pem'\n", 2, "build.ca_bundle", "there is no file 'no.pem'", "PEM"),
        ("[build]\nca_bundle = 'der.crt'\n", 2, "build.ca_bundle", "is no PEM file", "openssl x509"),
        ("[build]\npip_index = 'mirror.example.com/simple'\n", 2, "build.pip_index", "no scheme", "https://mirror"),
        ("[build]\nnpm_registry = 'https://u:hunter2@m/'\n", 2, "build.npm_registry", "a password", "mirror"),
        ("[build]\nhttp_proxy = 'http://u:hunter2@p:1'\n", 2, "build.http_proxy", "a password", "HTTP_PROXY"),
        ("[build]\nregistry_prefix = 'https://m.cn/x'\n", 2, "build.registry_prefix", "has a scheme", "m.cn/x"),
        ("[build]\nregistry_prefix = 'm cn'\n", 2, "build.registry_prefix", "no prefix", "mirror.example.com"),
        ("[build]\nbase_image = 'Debian 13'\n", 2, "build.base_image", "no image reference", "debian:13-slim"),
        ("project = 'My Chat'\n", 1, "project", "no project name", "llmchat-production"),
        ("[auth]\nadmin = ' '\n", 2, "auth.admin", "no user name", "admin"),
        ("[models.presets.default]\nurl = 'x'\n", 2, "models.presets.default", "default model", "another id"),
        ("[models.presets.'a b']\nurl = 'x'\n", 2, "models.presets.a b", "is no id", "letters"),
    ],
)  # fmt: skip
def test_a_profiles_mistake_has_its_line_and_a_remedy(toml: str, line: int, key: str, says: str, hint: str) -> None:
    project = FakeProject(
        env={"production": ENV_FILE}, toml={"production": toml}, files={"der.crt": "", "ok.pem": "-----BEGIN CERT"}
    )
    problem = only(problems(project))
    assert (problem.source, problem.key) == (f"{TOML}:{line}", key)
    assert says in problem.message
    assert hint in problem.hint
    assert "hunter2" not in repr(problem)


@pytest.mark.parametrize(
    ("line", "key", "says", "hint"),
    [
        ("LLM_API_KY=x", "LLM_API_KY", "not a known variable", "LLM_API_KEY?"),
        ("QQQQ=x", "QQQQ", "not a known variable", "SERVER_IP"),
        ("PORT=80a", "PORT", "is the text '80a'", "whole number"),
        ("PORT=", "PORT", "is empty", "whole number"),
        ("PORT=99999", "PORT", "out of range", "65535"),
        ("PORT=99999999999999999999999", "PORT", "is the text", "whole number"),
        ("PORT=3000", "PORT", "of the page and of the API", "a port each"),
        ("HOST=eth0", "HOST", "no IP address", "0.0.0.0"),  # noqa: S104 - a text, nothing is bound
        ("NEXT_PUBLIC_API_URL=111.19.168.151:8000", "NEXT_PUBLIC_API_URL", "no scheme", "http://111.19.168.151:8000"),
        ("NEXT_PUBLIC_API_URL=http://YOUR_SERVER_IP:8000", "NEXT_PUBLIC_API_URL", "guide's placeholder", "http://"),
        ("NEXT_PUBLIC_API_URL=http://${SERVER_IP}:8000", "NEXT_PUBLIC_API_URL", "holds a '$'", "write the address"),
        ("NEXT_PUBLIC_API_URL=http://x:8000/api", "NEXT_PUBLIC_API_URL", "more than", "Write http://x:8000"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES=0", "ACCESS_TOKEN_EXPIRE_MINUTES", "out of range", "at least 1"),
        ("HTTP_PROXY=proxy:3128", "HTTP_PROXY", "no scheme", "http://proxy:3128"),
        ("LLM_API_KEY_GLM=x", "LLM_API_KEY_GLM", "doesn't exist", "PRESET_MODELS"),
        ("LLM_LABEL='open", "LLM_LABEL", "can't be read", "quote"),
        ("LLM_LABEL", "", "has no '='", "NAME=value"),
        ("PRESET_MODELS={", "PRESET_MODELS", "not valid JSON, line 1, column 2", "single quotes"),
        ("PRESET_MODELS=[]", "PRESET_MODELS", "no JSON object", "object"),
        ('PRESET_MODELS={"a": 1}', "PRESET_MODELS.a", "no JSON object", "name, url, model, key"),
        ('PRESET_MODELS={"a/b": {}}', "PRESET_MODELS.a/b", "is no id", "letters"),
    ],
)
def test_an_env_files_mistake_has_its_line_and_a_remedy(line: str, key: str, says: str, hint: str) -> None:
    problem = only(problems(production(f"{line}\n")))
    assert (problem.source, problem.key) == (".env.production:11", key)
    assert says in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("variable", ["SERVER_IP", "LLM_API_URL", "LLM_MODEL", "LLM_API_KEY", "SECRET_KEY"])
def test_what_production_needs_is_asked_for_by_the_guides_name(variable: str) -> None:
    problem = only(problems(production(without=variable)))
    assert (problem.source, problem.key, problem.message) == (".env.production", variable, "is missing")
    assert variable in problem.hint or "init --env production" in problem.hint


@pytest.mark.parametrize("variable", ["SERVER_IP", "LLM_API_URL", "LLM_MODEL", "SECRET_KEY"])
def test_an_empty_value_is_as_good_as_none(variable: str) -> None:
    problem = only(problems(production(f"{variable}=\n", without=variable)))
    assert (problem.source, problem.key, problem.message) == (".env.production:10", variable, "is empty")


def test_without_an_env_file_everything_missing_is_named_at_once() -> None:
    keys = [problem.key for problem in problems(FakeProject(), "staging")]
    assert keys == ["SERVER_IP", "LLM_API_URL", "LLM_MODEL", "SECRET_KEY", "LLM_API_KEY"]


def test_what_cannot_be_read_is_not_called_missing_too() -> None:
    problem = only(problems(production("SECRET_KEY='open\n", without="SECRET_KEY")))
    assert (problem.source, problem.key) == (".env.production:10", "SECRET_KEY")


@pytest.mark.parametrize("value", sorted(PRINTED_IN_THE_GUIDE))
@pytest.mark.parametrize("variable", ["SECRET_KEY", "LLM_API_KEY"])
def test_secrets_printed_in_the_guide_are_refused_and_not_repeated(variable: str, value: str) -> None:
    problem = only(problems(production(f"{variable}={value!r}\n", without=variable)))
    assert (problem.source, problem.key) == (".env.production:10", variable)
    assert "printed in the guide" in problem.message
    assert value not in problem.message + problem.hint or value == "openssl rand -hex 32"


@pytest.mark.parametrize("value", ["codegeex", "glm432b"])
def test_keys_of_presets_printed_in_the_guide_are_refused(value: str) -> None:
    preset = f'{{"a": {{"url": "http://x/v1/chat/completions", "model": "m", "key": "{value}"}}}}'
    problem = only(problems(production(f"PRESET_MODELS='{preset}'\n")))
    assert problem.key == "PRESET_MODELS.a.key"
    assert "printed in the guide" in problem.message


@pytest.mark.parametrize(
    ("value", "says"),
    [("shorter-than-it-should-be", "bytes long"), ("a1b2" * 16, "repeats itself"), ("0123456789" * 4, "repeats")],
)
def test_weak_secret_keys_are_refused_and_not_repeated(value: str, says: str) -> None:
    problem = only(problems(production(f"SECRET_KEY={value}\n", without="SECRET_KEY")))
    assert says in problem.message
    assert value not in repr(problem)


@pytest.mark.parametrize(
    ("toml", "key", "variable"),
    [
        ("secret_key = 'hunter2'\n", "secret_key", "SECRET_KEY"),
        ("previous_secret_key = 'hunter2'\n", "previous_secret_key", "SECRET_KEY_PREVIOUS"),
        ("SECRET_KEY_PREVIOUS = 'hunter2'\n", "SECRET_KEY_PREVIOUS", "SECRET_KEY_PREVIOUS"),
        ("SECRET_KEY = 'hunter2'\n", "SECRET_KEY", "SECRET_KEY"),
        ("[models.default]\nkey = 'hunter2'\n", "models.default.key", "LLM_API_KEY"),
        ("LLM_API_KEY = 'hunter2'\n", "LLM_API_KEY", "LLM_API_KEY"),
        ("LLM_API_KEY_GLM = 'hunter2'\n", "LLM_API_KEY_GLM", "LLM_API_KEY_GLM"),
        ("[models.presets.glm]\nkey = 'hunter2'\n", "models.presets.glm.key", "LLM_API_KEY_GLM"),
    ],
)
def test_secrets_in_a_profile_are_refused_and_not_repeated(toml: str, key: str, variable: str) -> None:
    problem = problems(production(toml=toml))[0]
    assert problem.key == key
    assert "is a secret" in problem.message
    assert f".env.production as {variable}=" in problem.hint
    assert "hunter2" not in repr(problem)


@pytest.mark.parametrize(
    ("option", "key", "says", "hint"),
    [
        ("server.web_prt=1", "server.web_prt", "not a known setting", "server.web_port"),
        ("web_port=1", "web_port", "not a known setting", "server.web_port"),
        ("server.web_port=x", "server.web_port", "is the text 'x'", "whole number"),
        ("models.bundled=yes", "models.bundled", "is the text 'yes'", "true or false"),
        ("secret_key=hunter2", "secret_key", "is a secret", ".env.production"),
        ("models.default.key=hunter2", "models.default.key", "is a secret", "LLM_API_KEY"),
        ("SERVER_IP=1.2.3.4", "SERVER_IP", "env file's variable", "server.address"),
        ("placeholders_allowed=true", "placeholders_allowed", "only be set in a profile", "production.toml"),
    ],
)
def test_an_options_mistake_is_named(option: str, key: str, says: str, hint: str) -> None:
    problem = only(problems(production(), "production", option))
    assert (problem.source, problem.key) == ("--set", key)
    assert says in problem.message
    assert hint in problem.hint
    assert "hunter2" not in repr(problem)


def test_a_model_server_on_a_port_of_ours_is_noticed() -> None:
    url = "http://127.0.0.1:8000/v1/chat/completions"  # where vLLM listens, unless told otherwise
    problem = only(problems(production(f"LLM_API_URL={url}\n", without="LLM_API_URL")))
    assert "port 8000" in problem.message
    assert "PORT=8001" in problem.hint
    assert not problems(production(f"LLM_API_URL={url}\nHOST=192.168.1.5\n", without="LLM_API_URL"))


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[models]\nbundled = true\n[network]\nbackend = 'host'\n", "can't be reached"),
        (
            "[models]\nbundled = true\n[models.presets.a]\nurl = 'http://[::1]:1/v1/chat/completions'\nname = 'a'\n",
            "out of reach beside the bundled model",
        ),
        (
            "[models]\nbundled = true\n[models.default]\nurl = 'http://x/v1/chat/completions'\nname = 'a'\n",
            "beside the bundled one",
        ),
    ],
)
def test_the_bundled_model_goes_with_no_loopback_and_no_host_network(toml: str, says: str) -> None:
    env = f"SERVER_IP=10.0.0.1\nSECRET_KEY={OWN_KEY}\n" + ("LLM_API_KEY_A=\n" if "presets" in toml else "")
    problem = only(problems(FakeProject(env={"production": env}, toml={"production": toml})))
    assert says in problem.message


@pytest.mark.parametrize(
    ("reason", "hint"),
    [("line 3 is not UTF-8 text", "Save it as UTF-8"), ("Is a directory", "ls -ld .env.production")],
)
def test_files_that_cannot_be_read_are_problems(reason: str, hint: str) -> None:
    problem = only(problems(FakeProject(unreadable={"production": reason})))
    assert problem.source == ".env.production"
    assert reason in problem.message
    assert hint in problem.hint


def test_all_problems_of_all_files_come_at_once_and_in_order() -> None:
    project = FakeProject(
        env={"production": "SERVER_IP=http://x\nPORT=eighty\nLLM_API_URL=127.0.0.1:1/v1\nLLM_MODLE=x\nbroken\n"},
        toml={"production": "[server]\nweb_port = '3000'\n\n[auth]\nregistration = 'oepn'\n"},
    )
    found = problems(project, "production", "server.apiport=1")
    assert [(problem.source, problem.key) for problem in found] == [
        (f"{TOML}:2", "server.web_port"),
        (f"{TOML}:5", "auth.registration"),
        (".env.production:5", ""),
        (".env.production:2", "PORT"),
        (".env.production:4", "LLM_MODLE"),
        ("--set", "server.apiport"),
        (".env.production:1", "SERVER_IP"),
        (".env.production", "LLM_MODEL"),
        (".env.production:3", "LLM_API_URL"),
        (".env.production", "SECRET_KEY"),
        (".env.production", "LLM_API_KEY"),
    ]


def test_an_unparsable_profile_is_one_problem_with_its_line() -> None:
    problem = only(problems(production(toml="[server]\nweb_port = \n")))
    assert problem.source == f"{TOML}:2"
    assert "not valid TOML" in problem.message


def test_the_guides_own_file_with_the_guides_values_is_refused_for_its_secrets_alone() -> None:
    text = ENV_FILE.replace("our-own-4711-credential", "production-api-key").replace(
        OWN_KEY, "production-secret-key-xyz123456789"
    )
    found = problems(FakeProject(env={"production": text}))
    assert [problem.key for problem in found] == ["SECRET_KEY", "LLM_API_KEY"]


def test_two_presets_do_not_share_a_variable() -> None:
    toml = "".join(
        f"[models.presets.{name}]\nurl = 'https://x.example.com/v1/chat/completions'\nname = 'm'\n"
        for name in ("gpt-4", "gpt_4")
    )
    found = problems(production("LLM_API_KEY_GPT_4=4711-a\n", toml=toml))
    assert (found[0].source, found[0].key) == (".env.production:11", "LLM_API_KEY_GPT_4")
    assert "gpt-4 and gpt_4" in found[0].message
