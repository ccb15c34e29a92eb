"""The guide's scenario 3, with one's own values: a model server on this machine, presets, and keys nobody sees."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e import checks, facts, leaks
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario
from tests.paths import REPOSITORY

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

GUIDE = """\
# 服务器配置
SERVER_IP=127.0.0.1
HOST=127.0.0.1
PORT={scenario.api_port}
FRONTEND_PORT={scenario.web_port}

# 大模型配置
LLM_API_URL={server.url}
LLM_MODEL=glm4_32B_chat
LLM_API_KEY={keys[LLM_API_KEY]}

# 安全配置
SECRET_KEY={keys[SECRET_KEY]}

PRESET_MODELS='{presets}'
"""


@dataclass
class Guided:
    """A running environment made from the guide's file, and what was seen while it was started."""

    scenario: Scenario
    server: ModelServer
    second: ModelServer
    keys: dict[str, str]
    secrets: leaks.Secrets
    watch: leaks.ProcessWatch
    plan: Ran
    up: Ran

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guided]:
    keys = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LLM_API_KEY": f"sk-{secrets.token_urlsafe(24)}",
        "codegeex": f"cg-{secrets.token_urlsafe(24)}",
        "glm": f"glm-{secrets.token_urlsafe(24)}",
    }
    hidden = leaks.Secrets(**keys)
    with (
        ModelServer(keys=frozenset(keys.values())) as server,
        ModelServer() as second,
        Scenario(tmp_path_factory.mktemp("guide"), label="guide") as scenario,
    ):
        production = (REPOSITORY / "environments/production.toml").read_text()
        (scenario.folder / "environments" / f"{scenario.name}.toml").write_text(production)
        presets = {
            "codegeex": {"name": "CodeGeex", "url": second.url, "model": "codegeex4-all-9b", "key": keys["codegeex"]},
            "glm": {"name": "GLM-4", "url": server.url, "model": "glm4_32B", "key": keys["glm"]},
        }
        scenario.env_text(GUIDE.format(scenario=scenario, server=server, keys=keys, presets=json.dumps(presets)))
        plan = scenario.run("plan", "--json").check()
        with leaks.ProcessWatch(hidden) as watch:
            up = scenario.up("--json")
        password_file = Path(up.data["password_file"])
        hidden.add("the administrator's password", password_file.read_text().strip())
        yield Guided(scenario, server, second, keys, hidden, watch, plan, up)


def test_a_chat_reaches_the_model_server_of_this_machine_with_the_key_as_bearer(guided: Guided) -> None:
    user = guided.scenario.chat.register("zhang")
    checks.is_streamed(user.ask("请用中文回答 法国的首都在哪里"))
    asked = guided.server.asked[-1]
    assert asked.authorization == f"Bearer {guided.keys['LLM_API_KEY']}"
    assert (asked.model, asked.question) == ("glm4_32B_chat", "请用中文回答 法国的首都在哪里")


def test_a_loopback_model_puts_the_backend_on_the_hosts_network(guided: Guided) -> None:
    backend = facts.container(guided.scenario.project, "backend")
    assert backend.attrs["HostConfig"]["NetworkMode"] == "host"


def test_the_picker_offers_the_default_and_every_preset_by_its_label(guided: Guided) -> None:
    models = guided.scenario.chat.register("picker").models()
    assert [(item["id"], item["label"]) for item in models] == [
        ("default", "glm4_32B_chat"),
        ("codegeex", "CodeGeex"),
        ("glm", "GLM-4"),
    ]
    assert [item["id"] for item in models if item["default"]] == ["default"]


@pytest.mark.parametrize(("preset", "model"), [("codegeex", "codegeex4-all-9b"), ("glm", "glm4_32B")])
def test_each_preset_is_asked_at_its_own_address_with_its_own_key(guided: Guided, preset: str, model: str) -> None:
    user = guided.scenario.chat.register(f"asks-{preset}")
    checks.is_streamed(user.ask("Hello", model=preset))
    server = guided.server if preset == "glm" else guided.second
    asked = server.asked[-1]
    assert (asked.model, asked.authorization) == (model, f"Bearer {guided.keys[preset]}")


def test_no_process_shows_a_secret_while_up_runs(guided: Guided) -> None:
    assert guided.watch.samples > 20
    assert "docker" in guided.watch.programs, "the watch saw nothing of the deploy"
    assert guided.watch.leaks == set()


def test_nothing_docker_tells_holds_a_secret(guided: Guided) -> None:
    user = guided.scenario.chat.register("talker")
    user.ask("Hello")
    files = (guided.scenario.state / guided.scenario.project).glob("releases/*/*.yaml")
    for where, text in (*leaks.docker_answers(guided.scenario.project), *leaks.composed(files)):
        assert guided.secrets.found_in(text) == [], where


def test_no_layer_of_an_image_holds_a_secret(guided: Guided) -> None:
    image = facts.container(guided.scenario.project, "edge").attrs["Config"]["Image"]
    for where, content in leaks.image_layers(image):
        assert guided.secrets.found_in(content) == [], where


def test_no_output_holds_a_secret(guided: Guided) -> None:
    scenario = guided.scenario
    for argv in (("config", "show"), ("config", "show", "--json"), ("plan", "--set", "models.default.name=x", "--json"),
                 ("status", "--json"), ("health", "--json"), ("logs",), ("admin", "list", "--json")):  # fmt: skip
        assert guided.secrets.found_in(scenario.run(*argv).check().output) == [], argv
    for ran in (guided.plan, guided.up):
        assert guided.secrets.found_in(ran.output) == [], ran.argv


def test_the_state_folder_holds_no_secret_but_the_password_that_was_asked_for(guided: Guided) -> None:
    password_file = guided.up.data["password_file"]
    for path in guided.scenario.state.rglob("*"):
        if path.is_file() and str(path) != password_file:
            assert guided.secrets.found_in(path.read_bytes()) == [], path
        elif path.is_file():
            assert path.stat().st_mode & 0o777 == 0o600


def test_rendered_files_hold_no_secret(guided: Guided, tmp_path: Path) -> None:
    guided.scenario.run("config", "render", "--out", str(tmp_path)).check()
    done = subprocess.run(["grep", "-rlF", *(f"-e{value}" for value in guided.keys.values()), str(tmp_path)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stdout == ""


def test_key_files_are_readable_by_the_backend_alone(guided: Guided) -> None:
    (volume,) = [name for name in facts.volumes(guided.scenario.project) if "_keys-" in name]
    backend = facts.container(guided.scenario.project, "backend")
    files = [f"/run/llmchat/{name}" for name in ("SECRET_KEY", "LLM_API_KEY", "PRESET_MODEL_KEYS")]
    listing = facts.output_of(backend, "stat", "-c", "%a %u", *files).decode()
    assert listing.splitlines() == ["400 10001"] * 3
    mounts = {mount["Name"]: mount["RW"] for mount in backend.attrs["Mounts"] if mount["Type"] == "volume"}
    assert mounts[volume] is False
    others = [item for item in facts.containers(guided.scenario.project) if item.name != backend.name]
    assert not any(mount.get("Name") == volume for item in others for mount in item.attrs["Mounts"])


def test_keys_reach_the_container_without_a_byte_more(guided: Guided) -> None:
    backend = facts.container(guided.scenario.project, "backend")
    assert facts.output_of(backend, "cat", "/run/llmchat/SECRET_KEY") == guided.keys["SECRET_KEY"].encode()
    assert facts.output_of(backend, "cat", "/run/llmchat/LLM_API_KEY") == guided.keys["LLM_API_KEY"].encode()


def test_down_with_volumes_needs_the_name_and_then_leaves_nothing(guided: Guided) -> None:
    scenario = guided.scenario
    before = facts.everything(scenario.project)
    refused = scenario.run("down", "--volumes", "--yes").check(6)
    assert "conversations" in refused.output
    scenario.run("down", "--volumes", "--confirm", "another").check(6)
    assert facts.everything(scenario.project) == before

    scenario.run("down", "--volumes", "--confirm", scenario.name).check()
    assert facts.everything(scenario.project) == set()
