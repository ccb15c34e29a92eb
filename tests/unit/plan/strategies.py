"""Environments as people change them, and machines as runs leave them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from llmchat_deploy.config.chat_model import ChatModel, PresetModel
from llmchat_deploy.config.model import Environment
from llmchat_deploy.secret import Secret
from tests.unit.world import LOOPBACK, REMOTE, Sources, an_environment

secret_texts = st.text("abcdefghijklmnopqrstuvwxyz0123456789$'\"\\#%{}", min_size=8, max_size=30).map("§k{}".format)
"""Distinctive enough that finding one in a text means that it leaked."""

long_secrets = secret_texts.map(lambda text: Secret(text * 4))
models = st.builds(
    lambda model, key: model.model_copy(update={"key": Secret(key)}),
    st.sampled_from([REMOTE, LOOPBACK]),
    secret_texts | st.just(""),
)
presets = st.dictionaries(
    st.sampled_from(["codegeex", "qwen"]), models.map(lambda model: PresetModel.model_validate(vars(model))), max_size=2
)

changes = st.fixed_dictionaries(
    {},
    optional={
        "server__web_port": st.sampled_from([3000, 3100]),
        "server__api_port": st.sampled_from([8000, 8100]),
        "server__bind": st.sampled_from(["127.0.0.1", "::1", "192.168.1.100"]),
        "server__api_url": st.sampled_from(["", "http://192.168.1.100:8000"]),
        "models__default": models,
        "models__presets": presets,
        "models__idle_timeout": st.sampled_from([60, 600]),
        "auth__token_minutes": st.sampled_from([5, 10080]),
        "resources__frontend_memory": st.sampled_from(["256m", "512m"]),
        "resources__backend_memory": st.sampled_from(["512m", "1g"]),
        "secret_key": long_secrets,
    },
)
"""Settings of an environment that a person may change from one ``up`` to the next."""


@dataclass(frozen=True)
class Wish:
    """What one ``up`` is asked to make real."""

    environment: Environment
    sources: Sources


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    """Return an environment, with or without the bundled model, and sources of some version and schema."""
    changed = draw(changes)
    if draw(st.booleans()):
        default: ChatModel = changed.get("models__default", REMOTE)
        changed |= {"models__bundled": True, "models__default": default, "models__presets": {}}
    versions = draw(st.dictionaries(st.sampled_from(["edge", "backend", "frontend"]), st.just("2"), max_size=2))
    if draw(st.booleans()):
        versions |= {"schema": "0002", "offline": "0002"}
    sources = Sources(tuple(sorted(versions.items())))
    return Wish(an_environment(**changed), sources)
