"""Plan a change of address, going back, and the end of old addresses; nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmchat_deploy.config.address_text import names_address, replace_address, same_address
from llmchat_deploy.config.addresses import as_ip, is_loopback
from llmchat_deploy.config.load import setting_text
from llmchat_deploy.config.rules.server import check_server_address
from llmchat_deploy.errors import (
    AddressChangeCut,
    AddressNotFound,
    BadAddress,
    DeployError,
    NothingToUndo,
    RefusedError,
)
from llmchat_deploy.operations import address_files
from llmchat_deploy.operations.address_files import LISTS, OLD_LIST, OLD_LIST_KEY, OldList
from llmchat_deploy.operations.address_journal import Journal, read_journal
from llmchat_deploy.operations.address_probe import is_here
from llmchat_deploy.operations.address_proxy import proxy_note
from llmchat_deploy.operations.migrate_ip import AddressPlan, Around, marks_of, planned_up

if TYPE_CHECKING:
    from llmchat_deploy.config.model import Server

BIND_KEYS = {"HOST", "server.bind"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for; ``keys`` are settings that stay as they are."""

    new: str
    old: str = ""
    keep_old: bool = True
    keys: tuple[str, ...] = ()


def plan(wanted: Wanted, around: Around) -> AddressPlan:
    """Return what moving to another address changes.

    Raises BadAddress, AddressNotFound, AddressChangeCut, InvalidConfig where the files would have problems
    afterwards, and what planning ``up`` raises.
    """
    new = _checked(wanted.new, "The new address")
    before = around.load(around.sources).environment.server
    unfinished = _unfinished(around, new)
    old = _old(wanted, before, unfinished, around.name)
    address_files.refuse_shared(around.sources, old)
    moves = same_address(old, before.address) or (unfinished is not None and same_address(new, before.address))
    old_list = (
        _old_list(around, before, old, new, keep=wanted.keep_old) if moves and not same_address(old, new) else None
    )

    def rewrite(_file: str, key: str, value: str) -> str:
        return value if key in LISTS or key in wanted.keys else replace_address(value, old, new)

    edits = address_files.edits(around.name, around.sources, rewrite, old_list)
    if not edits and not unfinished and not same_address(old, new):
        raise AddressNotFound(
            f"{old} stands in none of {_files(around)}; {around.name} is reached at {before.address or 'no address'}.",
            hint=f"Name the address that is to be replaced: --from {before.address}" if before.address else "",
        )
    earlier = unfinished.marks if unfinished else ()
    done = not edits and unfinished is None
    journal = Journal(old, new, done, tuple(dict.fromkeys((*earlier, *marks_of(edits)))))
    planned = AddressPlan(around.name, old, new, edits, journal, around.load(around.sources), None)
    planned = _finish_plan(around, planned, cut=unfinished is not None)
    return replace(planned, warnings=(*_warnings(around, planned, before), *planned.warnings))


def plan_undo(around: Around) -> AddressPlan:
    """Return what going back to the address before the last change means; raises NothingToUndo."""
    journal = read_journal(around.host)
    if journal is None:
        raise NothingToUndo(
            f"No change of address of '{around.name}' is known that could be taken back.",
            hint="llmchat-deploy migrate-ip OLD-ADDRESS goes there.",
        )
    lists = [mark for mark in journal.marks if mark.key in LISTS]
    old_list = OldList(lists[0].key == OLD_LIST, lists[0].before or None) if lists else None

    def back(file: str, key: str, value: str) -> str:
        if key in LISTS or not journal.touched(file, key):
            return value
        known = journal.before(file, key, value)
        return replace_address(value, journal.new, journal.old) if known is None else known

    edits = address_files.edits(around.name, around.sources, back, old_list)
    planned = AddressPlan(
        around.name,
        journal.new,
        journal.old,
        edits,
        replace(journal, finished=False),
        around.load(around.sources),
        None,
        undo=True,
    )
    return _finish_plan(around, planned, cut=not edits)


def plan_forget(around: Around) -> AddressPlan:
    """Return what ending the old addresses changes."""
    server = around.load(around.sources).environment.server
    old_list = OldList(_list_is_in_env(around), None) if server.old_addresses else None
    edits = address_files.edits(around.name, around.sources, lambda _file, _key, value: value, old_list)
    journal = Journal(server.address, server.address, not edits, marks_of(edits))
    planned = AddressPlan(
        around.name, server.address, server.address, edits, journal, around.load(around.sources), None
    )
    return _finish_plan(around, planned)


def _finish_plan(around: Around, planned: AddressPlan, *, cut: bool = False) -> AddressPlan:
    """Add what the settings are afterwards, what ``up`` does with them, and what is left to a proxy's owner."""
    loaded = around.load(address_files.after(around.name, around.sources, planned.edits))
    changed = [change for edit in planned.edits for change in edit.changes if change.key in BIND_KEYS]
    bind = loaded.environment.server.bind
    if changed and not around.host.has_address(bind):
        raise RefusedError(
            f"{changed[0].key} would be {bind}, which no interface of this machine has: nothing could listen there.",
            hint=f"Give the machine that address first, or leave {changed[0].key} as it is: --keep {changed[0].key}",
        )
    note = proxy_note(planned.loaded.environment, loaded.environment, cut=cut)
    return replace(
        planned,
        loaded=loaded,
        after=planned_up(around, loaded),
        warnings=note.warnings,
        next_steps=note.next_steps,
    )


def _checked(text: str, what: str) -> str:
    wrong = check_server_address(text) if text else None
    if wrong or not text:
        message = wrong.message if wrong else "is empty"
        said = message if text and text in message else f"'{text}' {message}"
        raise BadAddress(
            f"{what} can't be used: {said}.", hint=wrong.hint if wrong else "Write one, such as 192.168.1.100."
        )
    found = as_ip(text)
    return str(found) if found else text


def _unfinished(around: Around, new: str) -> Journal | None:
    journal = read_journal(around.host)
    if journal is None or journal.finished:
        return None
    if not same_address(journal.new, new):
        raise AddressChangeCut(
            f"A change from {journal.old} to {journal.new} was cut before it was finished.",
            hint=f"Finish it: llmchat-deploy migrate-ip {journal.new} --env {around.name}; or take it back: --undo",
        )
    return journal


def _old(wanted: Wanted, server: Server, unfinished: Journal | None, name: str) -> str:
    if wanted.old:
        old = _checked(wanted.old, "The old address")
        if same_address(old, wanted.new):
            raise BadAddress(f"{old} is the old address and the new one.", hint="Nothing was changed.")
    elif unfinished:
        old = unfinished.old
    elif not server.address:
        raise BadAddress(
            f"'{name}' has no address yet, so there is none to move from.",
            hint=f"Write it into .env.{name}: SERVER_IP={wanted.new}; or name the old one: --from OLD",
        )
    else:
        old = server.address
    if is_loopback(old) or old == "localhost":
        raise BadAddress(
            f"{old} is every machine's own: it stands for this machine wherever it is, and doesn't move.",
            hint="Name the address that users type today: --from 192.168.1.10",
        )
    return old


def _old_list(around: Around, server: Server, old: str, new: str, *, keep: bool) -> OldList | None:
    listed = tuple(server.old_addresses.replace(",", " ").split())
    rest = address_files.without(address_files.without(listed, new), old)
    wanted = " ".join((old, *rest) if keep else rest)
    if wanted == " ".join(listed):
        return None
    return OldList(_list_is_in_env(around), wanted or None)


def _list_is_in_env(around: Around) -> bool:
    """Whether the list of old addresses stands in the env file, or would: beside the address itself."""
    found = around.load(around.sources).provenance
    listed = found[OLD_LIST_KEY].source
    return (found["server.address"].source if listed == "default" or "base" in listed else listed).startswith(".env")


def _files(around: Around) -> str:
    profile = around.sources.profile(around.name)
    own = profile is not None and not profile.path.startswith("built-in")
    return f".env.{around.name} and environments/{around.name}.toml" if own else f".env.{around.name}"


def _warnings(around: Around, planned: AddressPlan, before: Server) -> tuple[str, ...]:
    new, old, server = planned.new, planned.old, planned.loaded.environment.server
    found: list[str] = []
    here = is_here(around.host, new)
    if is_loopback(new):
        found.append(f"{new} can be reached from this machine only.")
    elif here is None:
        found.append(f"{new} doesn't resolve yet: give the name this server's address in DNS.")
    elif not here:
        found.append(f"No interface of this machine has {new}: fine behind a router or a proxy that leads here.")
    if server.api_url and not names_address(server.api_url, new) and server.api_url == before.api_url:
        found.append(
            f"The API keeps its own address, {server.api_url}; to move that too: migrate-ip NEW --from ITS-HOST"
        )
    if not same_address(server.address, new) and same_address(before.address, old):
        found.append(f"--set keeps {server.address} as the address: without it, the files say {new}.")
    if any(
        change.key.endswith(("LLM_API_URL", ".url", "PRESET_MODELS"))
        for edit in planned.edits
        for change in edit.changes
    ):
        found.append("A model server is named by the old address and follows; if it stays there: --keep KEY")
    others = sorted({*around.sources.profiles(), *around.sources.env_files()} - {around.name})
    found += (
        f"'{other}' has the address {old} too: llmchat-deploy migrate-ip {new} --env {other}"
        for other in others
        if same_address(_address_of(other, around) or "-", old)
    )
    return tuple(found)


def _address_of(name: str, around: Around) -> str:
    try:
        return setting_text(name, around.sources, "server", "address")
    except DeployError:
        return ""
