"""What a change of address leaves to do at a proxy of one's own in front: its files are nobody's but its owner's."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.proxy import Site, sites


@dataclass(frozen=True, slots=True)
class ProxyNote:
    """What to tell, and what to do then."""

    warnings: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()


def proxy_note(before: Environment, after: Environment, *, cut: bool = False) -> ProxyNote:
    """Return what becomes wrong in the proxy's configuration; nothing without a proxy, or where it stays right.

    ``cut`` says that an earlier run has changed the files already, so that comparing shows nothing.
    """
    if not after.server.web_url:
        return _unknown(before, after)
    old = sites(before) if before.server.web_url else ()
    new = sites(after)
    if old == new and not cut:
        return ProxyNote()
    warnings = ["The proxy in front goes by its old configuration until that is written anew."]
    if names := _uncertified(old, new):
        warnings.append(f"Its certificate must be good for {', '.join(names)}, too.")
    written = f"llmchat-deploy proxy nginx --env {after.name} --out FILE, with what else it was written with"
    return ProxyNote(tuple(warnings), (f"{written}; then: nginx -t && nginx -s reload",))


def _unknown(before: Environment, after: Environment) -> ProxyNote:
    """Return the note for a proxy of which only its own address is known."""
    if not after.server.proxies or before.server.addresses == after.server.addresses:
        return ProxyNote()
    old = before.server.address or "the old address"
    return ProxyNote((f"The proxy in front (TRUSTED_PROXIES) isn't told: look whether its configuration names {old}.",))


def _uncertified(old: tuple[Site, ...], new: tuple[Site, ...]) -> tuple[str, ...]:
    known = {name for site in old if site.https for name in site.names}
    wanted = (name for site in new if site.https for name in site.names)
    return tuple(dict.fromkeys(name for name in wanted if name not in known))
