"""A project folder in memory, and values that are nobody's secrets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from llmchat_deploy.config.files import ProjectFiles
from llmchat_deploy.config.load import Loaded, load_environment
from llmchat_deploy.config.model import Environment
from llmchat_deploy.config.section import Section
from llmchat_deploy.config.sources import SourceText, is_environment_name
from llmchat_deploy.errors import InvalidConfig, Problem
from llmchat_deploy.secret import Secret

REPOSITORY = Path(__file__).parents[3]
SHIPPED = ProjectFiles(REPOSITORY, REPOSITORY)

OWN_KEY = "9d41c02ab7755ee1a04c6be2f3d8771bb35f0e6ac2d914875e60fa13c9b2d74e"
GENERATED = "1f0c9a7be2d45386f1047c22ab95de6380e4f7129cd1b03a5568fe9207bd4ac1"
ENV_FILE = f"""\
# 服务器配置
SERVER_IP=111.19.168.151

# 大模型配置
LLM_API_URL=http://127.0.0.1:11553/v1/chat/completions
LLM_MODEL=glm4_32B_chat
LLM_API_KEY=our-own-4711-credential

# 安全配置
SECRET_KEY={OWN_KEY}
"""
"""The guide's scenario 3, variable for variable, with values of one's own."""


@dataclass(frozen=True)
class FakeProject:
    """A project folder in memory over the shipped profiles."""

    env: dict[str, str] = field(default_factory=dict)
    toml: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    mode: int = 0o600
    unreadable: dict[str, str] = field(default_factory=dict)

    def profiles(self) -> tuple[str, ...]:
        names = {*SHIPPED.profiles(), *self.toml}
        return tuple(sorted(name for name in names if is_environment_name(name)))

    def profile(self, name: str) -> SourceText | None:
        if name in self.toml:
            return SourceText(f"environments/{name}.toml", self.toml[name])
        return SHIPPED.profile(name)

    def base(self) -> SourceText:
        return SHIPPED.base()

    def env_file(self, name: str) -> SourceText | None:
        if name in self.unreadable:
            return SourceText(f".env.{name}", "", unreadable=self.unreadable[name])
        return SourceText(f".env.{name}", self.env[name], mode=self.mode) if name in self.env else None

    def env_files(self) -> tuple[str, ...]:
        return tuple(sorted(self.env))

    def file(self, path: str) -> SourceText | None:
        return SourceText(f"/project/{path}", self.files[path]) if path in self.files else None

    def with_env(self, name: str, text: str) -> FakeProject:
        return replace(self, env={**self.env, name: text})


def load(project: FakeProject, name: str = "production", *options: str) -> Loaded:
    """Load an environment, and hold that pydantic would have let every value pass."""
    loaded = load_environment(name, project, options, new_secret=lambda: Secret(GENERATED))
    assert Environment.model_validate(plain(loaded.environment), strict=True) == loaded.environment
    return loaded


def plain(value: object) -> object:
    """Return a model as nested dicts, secrets included."""
    if isinstance(value, Section):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def problems(project: FakeProject, name: str = "production", *options: str) -> tuple[Problem, ...]:
    try:
        load(project, name, *options)
    except InvalidConfig as error:
        return error.problems
    return ()


def production(extra: str = "", *, without: str = "", toml: str = "") -> FakeProject:
    """Return a valid production, with lines added to its env file, a variable left out, or a profile of its own."""
    kept = "".join(line for line in ENV_FILE.splitlines(keepends=True) if not without or not line.startswith(without))
    return FakeProject(env={"production": kept + extra}, toml={"production": toml} if toml else {})


def only(found: tuple[Problem, ...]) -> Problem:
    assert len(found) == 1, found
    return found[0]
