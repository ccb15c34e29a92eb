"""The rules that settings obey together. Each yields every problem it finds; none stops the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from llmchat_deploy.config import addresses, secret_rules
from llmchat_deploy.config.draft import Draft, Setting
from llmchat_deploy.config.model import ChatModel
from llmchat_deploy.config.model_url import check_model_url
from llmchat_deploy.config.schema import PRESETS, Path
from llmchat_deploy.config.sources import Sources
from llmchat_deploy.config.values import Wrong
from llmchat_deploy.config.variables import preset_key_variable
from llmchat_deploy.errors import Problem

DEFAULT_MODEL: Path = ("models", "default")
ADMIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
MEMORY = re.compile(r"([1-9][0-9]{0,14})([bkmg])", re.IGNORECASE)
_BYTES = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
MIN_MEMORY = 32 * 2**20


def check(draft: Draft, environment: str, sources: Sources) -> Iterator[Problem]:
    """Yield every problem of the settings taken together."""
    yield from _check_server(draft, environment)
    yield from _check_models(draft, environment)
    yield from _check_secrets(draft, environment)
    yield from _check_build(draft, sources)
    yield from _check_words(draft)


def uses_bundled(draft: Draft) -> bool:
    """Whether the bundled model is the default one: it is chosen, and no later layer names a model of one's own."""
    chosen = draft.switch("models", "bundled")
    return chosen and draft.rank(*DEFAULT_MODEL, "url") <= draft.rank("models", "bundled")


def _check_server(draft: Draft, environment: str) -> Iterator[Problem]:
    bind = draft.text("server", "bind")
    yield from _apply(draft.setting("server", "bind"), addresses.check_bind)
    address = draft.text("server", "address")
    if address:
        yield from _apply(draft.setting("server", "address"), _check_server_address)
    elif not addresses.is_loopback(bind) and not draft.is_broken("server", "address"):
        hint = "Write the IP address or host name that users type, such as SERVER_IP=192.168.1.100."
        yield _missing(draft, ("server", "address"), environment, "SERVER_IP", hint)
    web, api = draft.setting("server", "web_port"), draft.setting("server", "api_port")
    if draft.number("server", "web_port") == draft.number("server", "api_port") and (later := api or web):
        hint = "Give the page (FRONTEND_PORT) and the API (PORT) a port each."
        yield later.problem(f"is {later.value}, the port of the page and of the API", hint)
    if draft.text("server", "api_url"):
        yield from _apply(draft.setting("server", "api_url"), _check_api_url)


def _check_server_address(text: str) -> Wrong | None:
    if text.upper() == "YOUR_SERVER_IP":
        return Wrong("is still the guide's placeholder", "Write this server's IP address or host name.")
    return addresses.check_address(text)


def _check_api_url(text: str) -> Wrong | None:
    example = "http://192.168.1.100:8000"
    if "YOUR_SERVER_IP" in text.upper():
        return Wrong("is still the guide's placeholder", f"Write the server's address, such as {example}")
    url = addresses.check_url(text, example=example)
    if isinstance(url, Wrong):
        return url
    if url.username is not None or url.query or url.path.strip("/"):
        host = url.netloc.rpartition("@")[2]
        return Wrong("is more than scheme, host and port", f"Write {url.scheme}://{host}")
    return None


def _check_models(draft: Draft, environment: str) -> Iterator[Problem]:
    bundled = uses_bundled(draft)
    chosen, own = draft.setting("models", "bundled"), draft.setting(*DEFAULT_MODEL, "url")
    if bundled and own and chosen and draft.rank(*DEFAULT_MODEL, "url") == draft.rank("models", "bundled"):
        yield own.problem(
            "names a model beside the bundled one", "Leave out one of them; the default model is one."
        )
    if not bundled:
        yield from _check_model(draft, DEFAULT_MODEL, environment)
    for preset in draft.presets():
        yield from _check_model(draft, (*PRESETS, preset), environment)
    if bundled:
        yield from _check_bundled_neighbours(draft, chosen)


def _check_model(draft: Draft, path: Path, environment: str) -> Iterator[Problem]:
    default = path == DEFAULT_MODEL
    for field, variable, hint in (
        (
            "url",
            "LLM_API_URL",
            "Write the chat-completions URL: LLM_API_URL=http://127.0.0.1:11553/v1/chat/completions",
        ),
        ("name", "LLM_MODEL", "Write the model's name as its server knows it: LLM_MODEL=glm4_32B_chat"),
    ):
        if draft.text(*path, field):
            continue
        if default:
            yield from _missing_unless_broken(draft, (*path, field), environment, variable, hint)
        elif not draft.is_broken(*path, field):
            word = {"url": "url", "name": "model"}[field]
            yield _missing(
                draft,
                (*path, field),
                environment,
                f"PRESET_MODELS.{path[-1]}.{word}",
                f"A preset model needs its {word}.",
            )
    url = draft.setting(*path, "url")
    if url and url.value:
        wrong = check_model_url(str(url.value))
        if wrong:
            yield url.problem(wrong.message, wrong.hint)
        else:
            yield from _check_port_is_free(draft, url)


def _check_port_is_free(draft: Draft, url: Setting) -> Iterator[Problem]:
    model = ChatModel(url=str(url.value), name="")
    bind = draft.text("server", "bind")
    if not (model.is_loopback and addresses.covers_loopback(bind)):
        return
    port = urlsplit(model.url).port or {"http": 80, "https": 443}[urlsplit(model.url).scheme]
    for key, variable in (("web_port", "FRONTEND_PORT"), ("api_port", "PORT")):
        if draft.number("server", key) == port:
            hint = f"Choose another port for ours, such as {variable}={port + 1}, or for the model server."
            yield url.problem(f"port {port} would be the model server's and ours ({variable})", hint)


def _check_bundled_neighbours(draft: Draft, chosen: Setting | None) -> Iterator[Problem]:
    network = draft.setting("network", "backend")
    if network and network.value == "host":
        hint = "Use auto or bridge with the bundled model: on the host's network its name isn't known."
        yield network.problem("is host, where the bundled model can't be reached", hint)
        return
    for preset in draft.presets():
        url = draft.setting(*PRESETS, preset, "url")
        if (
            chosen
            and url
            and not check_model_url(str(url.value))
            and ChatModel(url=str(url.value), name="").is_loopback
        ):
            hint = "Let the preset's server listen on an address of this machine and name that, or turn 'bundled' off."
            yield url.problem("is on loopback, out of reach beside the bundled model", hint)


def _check_secrets(draft: Draft, environment: str) -> Iterator[Problem]:
    lenient = draft.switch("placeholders_allowed")
    yield from _check_secret_key(draft, environment, lenient=lenient)
    if lenient:
        return
    if not uses_bundled(draft):
        yield from _check_api_key(draft, (*DEFAULT_MODEL, "key"), environment, "LLM_API_KEY")
    for preset in draft.presets():
        yield from _check_api_key(draft, (*PRESETS, preset, "key"), environment, preset_key_variable(preset))


def _check_secret_key(draft: Draft, environment: str, *, lenient: bool) -> Iterator[Problem]:
    setting, secret = draft.setting("secret_key"), draft.secret("secret_key")
    if not secret:
        if not draft.switch("generate_secrets"):
            hint = f"Let it be generated: llmchat-deploy init --env {environment}"
            yield from _missing_unless_broken(draft, ("secret_key",), environment, "SECRET_KEY", hint)
    elif setting:
        if not lenient and secret_rules.is_placeholder(secret):
            yield setting.problem(
                "is a placeholder or printed in the guide: everybody knows it", secret_rules.NEW_KEY_HINT
            )
        elif wrong := secret_rules.check_length(secret) or (
            None if lenient else secret_rules.check_strength(secret)
        ):
            yield setting.problem(wrong.message, wrong.hint)


def _check_api_key(draft: Draft, path: Path, environment: str, variable: str) -> Iterator[Problem]:
    setting, secret = draft.setting(*path), draft.secret(*path)
    if secret is None:
        hint = f"Write the model server's key: {variable}=... (nothing after the '=' if it needs none)."
        yield from _missing_unless_broken(draft, path, environment, variable, hint)
    elif setting and secret_rules.is_placeholder(secret):
        hint = "Write the model server's own key (nothing after the '=' if it needs none)."
        yield setting.problem("is a placeholder or printed in the guide", hint)


def _check_build(draft: Draft, sources: Sources) -> Iterator[Problem]:
    for key in ("apt_mirror", "pip_index", "npm_registry"):
        if draft.text("build", key):
            yield from _apply(draft.setting("build", key), _check_mirror)
    for key in ("http_proxy", "https_proxy"):
        setting = draft.setting("build", key)
        if setting and setting.value:
            wrong = addresses.check_url(str(setting.value), example="http://proxy.example.com:3128")
            if wrong is not None and isinstance(wrong, Wrong):
                yield setting.problem(wrong.message, wrong.hint)
            elif urlsplit(str(setting.value)).password and not setting.written.isupper():
                yield setting.problem("holds a password", f"Write it into the env file: {key.upper()}=...")
    prefix = draft.setting("build", "registry_prefix")
    if prefix and "://" in str(prefix.value):
        yield prefix.problem("has a scheme", f"Leave it out: {str(prefix.value).split('://', 1)[1]}")
    bundle = draft.setting("build", "ca_bundle")
    if bundle and bundle.value not in {"", "auto"}:
        found = sources.file(str(bundle.value))
        if found is None:
            yield bundle.problem(
                f"there is no file {bundle.value!r}", "Write the path of a PEM file, or auto."
            )
        elif found.unreadable or "-----BEGIN CERTIFICATE-----" not in found.text:
            reason = (
                "can't be read" if found.unreadable and "UTF-8" not in found.unreadable else "is no PEM file"
            )
            yield bundle.problem(f"{bundle.value!r} {reason}", "It needs -----BEGIN CERTIFICATE----- lines.")


def _check_mirror(text: str) -> Wrong | None:
    url = addresses.check_url(text, example="https://mirror.example.com/debian")
    if isinstance(url, Wrong):
        return url
    if url.username is not None:
        return Wrong(
            "holds a user name or a password", "Images remember their build's settings; use a mirror without."
        )
    return None


def _check_words(draft: Draft) -> Iterator[Problem]:
    for path, pattern, hint in (
        (
            ("project",),
            PROJECT,
            "Use small letters, digits, '-' and '_', at most 41, such as llmchat-production.",
        ),
        (("auth", "admin"), ADMIN_NAME, "Use letters, digits, '.', '_' and '-', at most 32, such as admin."),
    ):
        setting = draft.setting(*path)
        if setting and not pattern.fullmatch(str(setting.value)):
            yield setting.problem(f"is {str(setting.value)!r}", hint)
    for setting in draft:
        if setting.path[0] == "resources":
            yield from _apply(setting, _check_memory)


def _check_memory(text: str) -> Wrong | None:
    match = MEMORY.fullmatch(text)
    if not match:
        return Wrong(f"{text!r} is no amount of memory", "Write a whole number and a unit: 512m or 2g.")
    if int(match[1]) * _BYTES[match[2].lower()] < MIN_MEMORY:
        return Wrong(f"{text!r} is too little", "Nothing starts below 32m.")
    return None


def _apply(setting: Setting | None, rule: Callable[[str], Wrong | None]) -> Iterator[Problem]:
    if setting and (wrong := rule(str(setting.value))):
        yield setting.problem(wrong.message, wrong.hint)


def _missing_unless_broken(
    draft: Draft, path: Path, environment: str, variable: str, hint: str
) -> Iterator[Problem]:
    if not draft.is_broken(*path):
        yield _missing(draft, path, environment, variable, hint)


def _missing(draft: Draft, path: Path, environment: str, variable: str, hint: str) -> Problem:
    setting = draft.setting(*path)
    if setting:
        return setting.problem("is empty", hint)
    return Problem(f".env.{environment}", variable, "is missing", hint)
