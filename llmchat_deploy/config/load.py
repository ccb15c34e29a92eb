"""Profile, env file and options in, one validated Environment out: the story of ``config``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from llmchat_deploy.config.draft import Draft
from llmchat_deploy.config.env_layer import env_layer
from llmchat_deploy.config.model import BUNDLED_MODEL, Environment
from llmchat_deploy.config.profile_layer import option_layer, profile_layer
from llmchat_deploy.config.provenance import DEFAULT, GENERATED, Provenance
from llmchat_deploy.config.schema import ANY, POLICY, PRESETS, dotted, known_settings, nearest
from llmchat_deploy.config.sources import ENVIRONMENT_NAME, Sources
from llmchat_deploy.config.validate import DEFAULT_MODEL, check, uses_bundled
from llmchat_deploy.config.variables import SECRET_KEY
from llmchat_deploy.errors import ConfigError, EnvironmentNotFound, InvalidConfig
from llmchat_deploy.secret import Secret

SECTIONS = ("server", "models", "network", "auth", "build", "resources", "health")


@dataclass(frozen=True, slots=True)
class Loaded:
    """An environment, where each of its values comes from (by dotted key), and what to warn about."""

    environment: Environment
    provenance: dict[str, Provenance]
    warnings: tuple[str, ...] = ()


def load_environment(
    name: str, sources: Sources, overrides: tuple[str, ...] = (), *, new_secret: Callable[[], Secret]
) -> Loaded:
    """Return the environment ``name``: built-in defaults, base, profile, env file and options, the last one wins.

    Raises EnvironmentNotFound where there is no such profile, InvalidConfig with every problem where any is found.
    ``new_secret`` is called for a secret that nobody set where the profile has ``generate_secrets``.
    """
    profile = sources.profile(name) if ENVIRONMENT_NAME.fullmatch(name) and name != "base" else None
    if profile is None:
        raise _not_found(name, sources)
    layers = [
        profile_layer(sources.base(), name),
        profile_layer(profile, name),
        option_layer(overrides, name),
    ]
    env_file = sources.env_file(name)
    if env_file:
        layers.insert(2, env_layer(env_file, Draft(layers).presets()))
    draft = Draft(layers)
    problems = [problem for layer in layers for problem in layer.problems]
    problems += check(draft, name, sources)
    if problems:
        raise InvalidConfig(tuple(dict.fromkeys(problems)), environment=name)
    loaded = _build(name, draft, sources, new_secret)
    warnings = [warning for layer in layers for warning in layer.warnings]
    return replace(loaded, warnings=(*warnings, *_warn(loaded.environment)))


def default_name(sources: Sources) -> str:
    """Return the environment that is meant when none is named: the only one in use, else the only one there is.

    Raises ConfigError where there is a choice.
    """
    profiles = sources.profiles()
    in_use = tuple(name for name in sources.env_files() if name in profiles)
    for names in (in_use, profiles):
        if len(names) == 1:
            return names[0]
    choice = in_use or profiles
    if not choice:
        raise ConfigError("There is no environment.", hint="Make one: llmchat-deploy init --env production")
    raise ConfigError(
        f"Which environment? There are {', '.join(choice)}.",
        hint=f"Pass --env, such as: --env {choice[0]}",
    )


def _not_found(name: str, sources: Sources) -> EnvironmentNotFound:
    profiles = sources.profiles()
    near = nearest(name, profiles)
    if near:
        hint = f"Did you mean --env {near}?"
    elif ENVIRONMENT_NAME.fullmatch(name) and name != "base":
        hint = f"Make it: llmchat-deploy init --env {name}"
    else:
        hint = "A name is made of small letters, digits and '-', starts with a letter and has at most 31 characters."
    return EnvironmentNotFound(
        f"There is no environment '{name}'; there are {', '.join(profiles)}.", hint=hint
    )


def _build(name: str, draft: Draft, sources: Sources, new_secret: Callable[[], Secret]) -> Loaded:
    values: dict[str, Any] = {section: {} for section in SECTIONS}
    values["models"] |= {"default": {}, "presets": {preset: {} for preset in draft.presets()}}
    provenance = {
        dotted(path): DEFAULT for path in known_settings() if ANY not in path and path not in POLICY
    }
    for setting in draft:
        provenance[dotted(setting.path)] = setting.origin
        if setting.path not in POLICY:
            _put(values, setting.path, setting.value)
    values["name"] = name
    values.setdefault("project", f"llmchat-{name}")
    values["server"]["api_url"] = values["server"].get("api_url", "").rstrip("/")
    if not draft.secret("secret_key"):
        values["secret_key"] = new_secret()
        values["generated"] = (SECRET_KEY,)
        provenance["secret_key"] = GENERATED
    if uses_bundled(draft):
        label = values["models"]["default"].get("label") or BUNDLED_MODEL.label
        values["models"]["default"] = BUNDLED_MODEL.model_copy(update={"label": label})
    elif draft.switch("models", "bundled"):
        values["models"]["bundled"] = False
        provenance["models.bundled"] = draft.origin(*DEFAULT_MODEL, "url")
    bundle = values["build"].get("ca_bundle", "")
    if bundle not in {"", "auto"} and (found := sources.file(bundle)):
        values["build"]["ca_bundle"] = found.path
    return Loaded(Environment.model_validate(values), provenance)


def _put(values: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = value


def _warn(environment: Environment) -> Iterator[str]:
    if environment.backend_network == "host":
        return
    everyone = {"LLM_API_URL": environment.models.default, **environment.models.presets}
    for name, model in everyone.items():
        if model.is_loopback:
            yield (
                f"{name}: {model.url} is a loopback address, which a backend on a bridge network can't reach; "
                "leave network.backend at auto, or let the model server listen on another address"
            )
