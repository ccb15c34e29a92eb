"""Whether the maintenance page stands: since when, who works behind it, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.apply.audit import DEPLOYING, is_one_of
from llmchat_deploy.apply.maintenance import page_since
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader, LockHolder
from llmchat_deploy.operations.check import Check
from llmchat_deploy.render.release import Slots


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The page that is shown to everybody while the database changes; ``since`` ISO 8601 in UTC, None if unknown."""

    since: str | None
    holder: LockHolder | None
    """Who works behind it; None where nobody does any more: that command died, or failed."""
    detail: str
    hint: str


def maintenance_of(environment: Environment, host: HostReader, slots: Slots) -> Maintenance | None:
    """Return what is known of the page, or None where it doesn't stand."""
    if not slots.maintenance:
        return None
    up = f"llmchat-deploy up --env {environment.name}"
    lock = host.lock_state()
    if lock.held and lock.holder and is_one_of(lock.holder.reason, DEPLOYING):
        holder = lock.holder
        said = f"'{holder.reason}' of {holder.who} on {holder.host} is at it, and ends it"
        return Maintenance(page_since(host), holder, said, f"Should that command die: {up}")
    return Maintenance(page_since(host), None, "the command that showed it has ended before its work was done", up)


def maintenance_checks(maintenance: Maintenance | None) -> list[Check]:
    """Return for ``health`` that nobody is served; nothing where the page doesn't stand."""
    if maintenance is None:
        return []
    since = f" since {maintenance.since}" if maintenance.since else ""
    return [Check("maintenance", "failed", f"the page is shown{since}; {maintenance.detail}", maintenance.hint)]
