"""Since when the maintenance page stands: ``maintenance.json`` of the state folder, until it goes.

That it stands, the edge's own file says (``slots.cfg``); a note beside one that doesn't say so tells nothing.
"""

from __future__ import annotations

import json

from llmchat_deploy.apply.records import timestamp
from llmchat_deploy.host.base import Host, HostReader

MAINTENANCE = "maintenance.json"


def page_since(host: HostReader) -> str | None:
    """Return since when the page stands that does stand, as ISO 8601 in UTC; None where nobody noted it."""
    try:
        return str(json.loads(host.read_state(MAINTENANCE) or "")["since"])
    except (ValueError, KeyError, TypeError):
        return None


def note_page(host: Host, *, stands: bool) -> None:
    """Note that the page is about to be shown; where it ``stands`` already, the first such note counts."""
    if not stands or page_since(host) is None:
        host.write_state(MAINTENANCE, json.dumps({"since": timestamp(host)}) + "\n")


def forget_page(host: Host) -> None:
    """Forget it: the service is open again."""
    if host.read_state(MAINTENANCE) is not None:
        host.remove_state(MAINTENANCE)
