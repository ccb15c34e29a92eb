"""Profile, env file and options in, one validated Environment out: the story of ``config``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.config.assemble import assemble
from llmchat_deploy.config.chat_model import ChatModel, PresetModel
from llmchat_deploy.config.draft import Draft, Layer
from llmchat_deploy.config.env_layer import env_layer
from llmchat_deploy.config.near import nearest
from llmchat_deploy.config.profile_layer import option_layer, profile_layer
from llmchat_deploy.config.sources import SourceText, is_environment_name
from llmchat_deploy.config.validate import check
from llmchat_deploy.config.warn import warn
from llmchat_deploy.errors import ConfigError, EnvironmentNotFound, InvalidConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_deploy.config.model import Environment
    from llmchat_deploy.config.provenance import Provenance
    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.secret import Secret


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
    layers = _layers(name, sources, overrides)
    draft = Draft(layers)
    problems = [problem for layer in layers for problem in layer.problems]
    if not any(layer.unusable for layer in layers):  # else half of what the rules would say were untrue
        problems += check(draft, name, sources)
    if problems:
        raise InvalidConfig(tuple(dict.fromkeys(problems)), environment=name)
    assembled = assemble(name, draft, sources, new_secret)
    warnings = [warning for layer in layers for warning in layer.warnings]
    warnings += warn(draft, assembled.environment)
    return Loaded(assembled.environment, assembled.provenance, tuple(warnings))


def setting_text(name: str, sources: Sources, *path: str, overrides: tuple[str, ...] = ()) -> str:
    """Return one setting of an environment, whatever may be wrong with others; raises EnvironmentNotFound."""
    return Draft(_layers(name, sources, overrides)).text(*path)


def load_roughly(
    name: str, sources: Sources, overrides: tuple[str, ...] = (), *, new_secret: Callable[[], Secret]
) -> Environment:
    """Return what can be made of a configuration with problems, enough to look at and to stop what runs.

    Its name, its project, how long to wait and the secrets to mask can be relied on, nothing else. Raises
    EnvironmentNotFound for a name that no environment can have.
    """
    empty = SourceText(f"environments/{name}.toml", "")
    draft = Draft(_layers(name, sources, overrides, without_profile=empty))
    environment = assemble(name, draft, sources, new_secret).environment
    nothing = {"url": "", "name": ""}
    presets = {
        preset: PresetModel.model_construct(**nothing | vars(model))
        for preset, model in environment.models.presets.items()
    }
    default = ChatModel.model_construct(**nothing | vars(environment.models.default))
    models = {"default": default, "presets": presets}
    return environment.model_copy(update={"models": environment.models.model_copy(update=models)})


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


def _layers(
    name: str, sources: Sources, overrides: tuple[str, ...], *, without_profile: SourceText | None = None
) -> list[Layer]:
    profile = (sources.profile(name) or without_profile) if is_environment_name(name) else None
    if profile is None:
        raise _not_found(name, sources)
    layers = [profile_layer(sources.base(), name), profile_layer(profile, name), option_layer(overrides, name)]
    if env_file := sources.env_file(name):
        named = Draft(layers)
        layers.insert(2, env_layer(env_file, named.presets(), named.remotes()))
    return layers


def _not_found(name: str, sources: Sources) -> EnvironmentNotFound:
    profiles = sources.profiles()
    near = nearest(name, profiles)
    if near:
        hint = f"Did you mean --env {near}?"
    elif is_environment_name(name):
        hint = f"Make it: llmchat-deploy init --env {name}"
    else:
        hint = "A name is made of small letters, digits and '-', starts with a letter and has at most 31 characters."
    return EnvironmentNotFound(f"There is no environment '{name}'; there are {', '.join(profiles)}.", hint=hint)
