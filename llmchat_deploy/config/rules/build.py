"""Where images and packages come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmchat_deploy.config.addresses import check_url
from llmchat_deploy.config.rules.common import apply
from llmchat_deploy.config.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft, Setting
    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.errors import Problem

MIRRORS = ("apt_mirror", "pip_index", "npm_registry")
PROXIES = ("http_proxy", "https_proxy")
PEM_BEGIN = "-----BEGIN CERTIFICATE-----"
_REFERENCE = re.compile(
    r"[a-z0-9]+([._/-]+[a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?"
)


def check_build(draft: Draft, sources: Sources) -> Iterator[Problem]:
    """Yield what is wrong with the settings of the build."""
    for key in MIRRORS:
        if draft.text("build", key):
            yield from apply(draft.setting("build", key), _check_mirror)
    for key in PROXIES:
        setting = draft.setting("build", key)
        if setting and setting.value:
            yield from _check_proxy(setting, key.upper())
    yield from apply(draft.setting("build", "base_image"), _check_reference)
    if draft.text("build", "registry_prefix"):
        yield from apply(draft.setting("build", "registry_prefix"), _check_prefix)
    bundle = draft.setting("build", "ca_bundle")
    if bundle and bundle.value not in {"", "auto"}:
        yield from _check_bundle(bundle, sources)


def _check_mirror(text: str) -> Wrong | None:
    url = check_url(text, example="https://mirror.example.com/debian")
    if isinstance(url, Wrong):
        return url
    if url.username is not None:
        hint = "Images remember the settings they were built with; use a mirror that asks for none."
        return Wrong("holds a user name or a password", hint)
    return None


def _check_proxy(setting: Setting, variable: str) -> Iterator[Problem]:
    url = check_url(str(setting.value), example="http://proxy.example.com:3128")
    if isinstance(url, Wrong):
        yield setting.problem(url.message, url.hint)
    elif url.username is not None and setting.written != variable:
        hint = f"It is a secret: write it into the env file as {variable}=..."
        yield setting.problem("holds a user name or a password", hint)


def _check_reference(text: str) -> Wrong | None:
    if _REFERENCE.fullmatch(text):
        return None
    return Wrong(f"{text!r} is no image reference", "Write a name and a tag: debian:13-slim")


def _check_prefix(text: str) -> Wrong | None:
    if "://" in text:
        return Wrong("has a scheme", f"Leave it out: {text.partition('://')[2].rpartition('@')[2]}")
    if not _REFERENCE.fullmatch(text.rstrip("/")):
        return Wrong(
            f"{text!r} is no prefix of an image", "Write a registry's host and path: mirror.example.com/library"
        )
    return None


def _check_bundle(setting: Setting, sources: Sources) -> Iterator[Problem]:
    found = sources.file(str(setting.value))
    if found is None:
        yield setting.problem(f"there is no file {setting.value!r}", "Write the path of a PEM file, or auto.")
    elif found.unreadable and "UTF-8" not in found.unreadable:
        yield setting.problem(f"{setting.value!r} can't be read: {found.unreadable}", f"Look at it: ls -l {found.path}")
    elif PEM_BEGIN not in found.text:
        hint = f"A PEM file holds {PEM_BEGIN} lines; openssl x509 -inform der converts other ones."
        yield setting.problem(f"{setting.value!r} is no PEM file", hint)
