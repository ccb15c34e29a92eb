"""The default model, the presets and the bundled one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmchat_deploy.config import addresses
from llmchat_deploy.config.model_url import check_model_url
from llmchat_deploy.config.rules.common import apply, missing
from llmchat_deploy.config.schema import DEFAULT_MODEL, PRESETS, Path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft, Setting
    from llmchat_deploy.errors import Problem

BUNDLED: Path = ("models", "bundled")
_NEEDED = {
    "url": ("LLM_API_URL", "Write the chat-completions URL: LLM_API_URL=http://127.0.0.1:11553/v1/chat/completions"),
    "name": ("LLM_MODEL", "Write the model's name as its server knows it: LLM_MODEL=glm4_32B_chat"),
}


def check_models(draft: Draft, environment: str) -> Iterator[Problem]:
    """Yield what is wrong with the models that users can choose."""
    bundled = draft.uses_bundled
    for field, (variable, hint) in _NEEDED.items():
        if not bundled and not draft.text(*DEFAULT_MODEL, field):
            yield from missing(draft, (*DEFAULT_MODEL, field), environment, variable, hint)
    for preset in draft.presets():
        for field, word in (("url", "url"), ("name", "model")):
            path = (*PRESETS, preset, field)
            if not draft.text(*path):
                hint = "A preset model has a url and a model name (in a profile: url and name)."
                yield from missing(draft, path, environment, f"PRESET_MODELS.{preset}.{word}", hint)
    for setting in _urls(draft, with_default=not bundled):
        problems = tuple(apply(setting, check_model_url))
        yield from problems or _check_port_is_free(draft, setting)
    if bundled:
        yield from _check_beside_bundled(draft)


def _urls(draft: Draft, *, with_default: bool) -> Iterator[Setting]:
    paths = [DEFAULT_MODEL] if with_default else []
    paths += [(*PRESETS, preset) for preset in draft.presets()]
    for path in paths:
        setting = draft.setting(*path, "url")
        if setting and setting.value:
            yield setting


def _check_port_is_free(draft: Draft, setting: Setting) -> Iterator[Problem]:
    """Yield that a model server of this machine has a port of ours; both like 8000."""
    if not (addresses.is_loopback_url(str(setting.value)) and addresses.covers_loopback(draft.text("server", "bind"))):
        return
    url = urlsplit(str(setting.value))
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    for key, variable in (("web_port", "FRONTEND_PORT"), ("api_port", "PORT")):
        if draft.number("server", key) == port:
            hint = f"Choose another port for the service, such as {variable}={port + 1}, or for the model server."
            yield setting.problem(f"has port {port}, which is also the service's own ({variable})", hint)


def _check_beside_bundled(draft: Draft) -> Iterator[Problem]:
    own, network = draft.setting(*DEFAULT_MODEL, "url"), draft.setting("network", "backend")
    if own and draft.rank(*own.path) == draft.rank(*BUNDLED):
        hint = "Leave out one of them: models.bundled takes the place of the default model."
        yield own.problem("names a default model beside the bundled one", hint)
    if network and network.value == "host":
        hint = "Write auto or bridge: the bundled model's name isn't known on the host's network."
        yield network.problem("is host, where the bundled model can't be reached", hint)
    for setting in _urls(draft, with_default=False):
        if not check_model_url(str(setting.value)) and addresses.is_loopback_url(str(setting.value)):
            hint = (
                "Let that server listen on an address of this machine and write that one, or set models.bundled=false."
            )
            yield setting.problem("is a loopback address, out of reach beside the bundled model", hint)
