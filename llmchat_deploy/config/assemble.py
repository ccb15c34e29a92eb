"""Make the Environment out of settings that are known to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmchat_deploy.config.chat_model import BUNDLED_MODEL, ChatModel, PresetModel
from llmchat_deploy.config.limits import Limits
from llmchat_deploy.config.model import (
    Auth,
    Backup,
    Build,
    Environment,
    Health,
    Models,
    Network,
    Remote,
    Resources,
    Server,
)
from llmchat_deploy.config.private_key import key_text
from llmchat_deploy.config.provenance import BUNDLED, DEFAULT, GENERATED, Provenance
from llmchat_deploy.config.schema import ANY, DEFAULT_MODEL, POLICY, REMOTES, dotted, known_settings
from llmchat_deploy.config.section import Section
from llmchat_deploy.config.sources import project_name
from llmchat_deploy.config.tls import Tls
from llmchat_deploy.config.variables import SECRET_KEY
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.config.schema import Path
    from llmchat_deploy.config.sources import Sources

SECTIONS: dict[str, type[Section]] = {
    "server": Server,
    "network": Network,
    "auth": Auth,
    "limits": Limits,
    "build": Build,
    "resources": Resources,
    "health": Health,
    "backup": Backup,
    "tls": Tls,
}


@dataclass(frozen=True, slots=True)
class Assembled:
    """An environment and where each of its values comes from, by dotted key."""

    environment: Environment
    provenance: dict[str, Provenance]


def assemble(name: str, draft: Draft, sources: Sources, new_secret: Callable[[], Secret]) -> Assembled:
    """Return the environment of a draft without problems; generates the secret that nobody set."""
    parts = _Parts(name, draft)
    if not draft.secret("secret_key"):
        parts.set(("secret_key",), new_secret(), GENERATED)
        parts.values["generated"] = (SECRET_KEY,)
    if draft.uses_bundled:
        for field in ("url", "name", "key", "vision"):
            parts.set((*DEFAULT_MODEL, field), getattr(BUNDLED_MODEL, field), BUNDLED)
        if not draft.text(*DEFAULT_MODEL, "label"):
            parts.set((*DEFAULT_MODEL, "label"), BUNDLED_MODEL.label, BUNDLED)
    elif draft.switch("models", "bundled"):  # a later layer names a model of one's own
        parts.set(("models", "bundled"), value=False, origin=draft.origin(*DEFAULT_MODEL, "url"))
    _strip_slashes(parts, draft)
    bundle = draft.text("build", "ca_bundle")
    if bundle not in {"", "auto"} and (found := sources.file(bundle)):
        parts.set(("build", "ca_bundle"), found.path, draft.origin("build", "ca_bundle"))
    _read_tls_files(parts, draft, sources)
    for remote in draft.remotes():
        if key := draft.secret(*REMOTES, remote, "private_key"):
            path = (*REMOTES, remote, "private_key")
            parts.set(path, key_text(key, sources), draft.origin(*path))
    return Assembled(_construct(parts.values), parts.provenance)


def _strip_slashes(parts: _Parts, draft: Draft) -> None:
    for name in ("api_url", "web_url"):
        if url := draft.text("server", name):
            parts.set(("server", name), url.rstrip("/"), draft.origin("server", name))


TLS_FILES = {
    "own": (("certificate", "chain"), ("key", "private_key")),
    "acme": (("ca_bundle", "ca_text"), ("dns_hook", "hook_text")),
}
"""The settings of HTTPS that name a file, and where its text goes."""


def _read_tls_files(parts: _Parts, draft: Draft, sources: Sources) -> None:
    for key, text in TLS_FILES.get(draft.text("tls", "mode"), ()):
        if draft.text("tls", key) and (found := sources.file(draft.text("tls", key))):
            parts.set(("tls", key), found.path, draft.origin("tls", key))
            secret = text in {"private_key", "hook_text"}
            parts.values["tls"][text] = Secret(found.text) if secret else found.text


def _construct(values: dict[str, Any]) -> Environment:
    """Return checked values as a model without having pydantic check them again (tests hold that it would agree)."""
    remotes = {name: Remote.model_construct(**remote) for name, remote in values["backup"]["remotes"].items()}
    values = values | {"backup": values["backup"] | {"remotes": remotes}}
    sections = {name: section.model_construct(**values[name]) for name, section in SECTIONS.items()}
    presets = {name: PresetModel.model_construct(**preset) for name, preset in values["models"]["presets"].items()}
    default = ChatModel.model_construct(**values["models"]["default"])
    models = values["models"] | {"default": default, "presets": presets}
    return Environment.model_construct(**values | sections | {"models": Models.model_construct(**models)})


class _Parts:
    """The nested values of an environment, beside where they come from."""

    def __init__(self, name: str, draft: Draft) -> None:
        self.values: dict[str, Any] = {section: {} for section in SECTIONS}
        self.values |= {"models": {"default": {}, "presets": {}}, "backup": {"remotes": {}}}
        self.values |= {"name": name, "project": project_name(name)}
        self.provenance = {dotted(path): DEFAULT for path in known_settings() if ANY not in path and path not in POLICY}
        for preset in draft.presets():  # in the order in which they are named
            self.values["models"]["presets"][preset] = {}
        for remote in draft.remotes():
            self.values["backup"]["remotes"][remote] = {}
        for setting in draft:
            if setting.path not in POLICY:
                self.set(setting.path, setting.value, setting.origin)

    def set(self, path: Path, value: object, origin: Provenance) -> None:
        """Put a value into its place."""
        self.provenance[dotted(path)] = origin
        place = self.values
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
