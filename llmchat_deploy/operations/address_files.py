"""An environment's files with another address in them. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from llmchat_deploy.config import address_edit
from llmchat_deploy.config.address_edit import Change, Edited
from llmchat_deploy.config.address_text import names_address, same_address
from llmchat_deploy.config.overlay import Overlay
from llmchat_deploy.errors import RefusedError
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from llmchat_deploy.config.sources import Sources, SourceText

OLD_LIST = "OLD_SERVER_IPS"
OLD_LIST_KEY = "server.old_addresses"
LISTS = frozenset({OLD_LIST, OLD_LIST_KEY})


@dataclass(frozen=True, slots=True)
class FileEdit:
    """A file of the project folder, its new text, and what changes in it."""

    path: str
    text: Secret
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class OldList:
    """The list of earlier addresses as it shall be, in the file that holds the address; None: not there."""

    in_env: bool
    value: str | None


def edits(
    name: str, sources: Sources, rewrite: Callable[[str, str, str], str], old_list: OldList | None
) -> tuple[FileEdit, ...]:
    """Return the files of an environment that change; raises RefusedError where one can't be read.

    ``rewrite`` gets file, key and value, and returns the value as it shall be.
    """
    found: list[FileEdit] = []
    if env := sources.env_file(name):
        edited = address_edit.edit_env(_readable(env), partial(rewrite, env.path))
        if old_list and old_list.in_env:
            edited = _then(edited, address_edit.set_in_env(_with(env, edited), OLD_LIST, old_list.value))
        found.append(FileEdit(env.path, Secret(edited.text), edited.changes))
    profile = sources.profile(name)
    if profile and not profile.path.startswith("built-in"):
        edited = address_edit.edit_profile(_readable(profile), partial(rewrite, profile.path))
        if old_list and not old_list.in_env:
            section, key = OLD_LIST_KEY.split(".")
            more = address_edit.set_in_profile(_with(profile, edited), section, key, old_list.value)
            edited = _then(edited, more)
        found.append(FileEdit(profile.path, Secret(edited.text), edited.changes))
    return tuple(edit for edit in found if edit.changes)


def after(name: str, sources: Sources, changed: tuple[FileEdit, ...]) -> Overlay:
    """Return the sources as they are once the edits are written."""
    overlay = Overlay(name, sources)
    for edit in changed:
        if edit.path == f".env.{name}":
            overlay = overlay.with_env_file(edit.text)
        else:
            overlay = Overlay(name, sources, edit.text.reveal(), overlay.new_env)
    return overlay


def refuse_shared(sources: Sources, address: str) -> None:
    """Raise RefusedError where ``base.toml``, which is every environment's, holds the address."""
    base = sources.base()
    held = address_edit.edit_profile(base, lambda _key, value: value + "x" if names_address(value, address) else value)
    if held.changes:
        change = held.changes[0]
        raise RefusedError(
            f"{change.file}:{change.line} ({change.key}) holds {address}, and every environment stands on that file.",
            hint="Move the setting into the environment's own profile or env file, then run it again.",
        )


def without(addresses: tuple[str, ...], address: str) -> tuple[str, ...]:
    """Return the addresses but for one."""
    return tuple(each for each in addresses if not same_address(each, address))


def _readable(source: SourceText) -> SourceText:
    if source.unreadable:
        raise RefusedError(f"{source.path} can't be read: {source.unreadable}.", hint="Mend it first.")
    return source


def _with(source: SourceText, edited: Edited) -> SourceText:
    return type(source)(source.path, edited.text)


def _then(first: Edited, more: Edited) -> Edited:
    """Return two edits of one file as one, the lists of addresses told once."""
    changes = [change for change in first.changes if change.key not in LISTS]
    known = [change for change in more.changes if change.before != change.after]
    return Edited(more.text, (*changes, *known))
