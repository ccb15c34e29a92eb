"""The small file that says which slot gets the requests: written before each switch, read when planning."""

from __future__ import annotations

import re

from llmchat_deploy.render.jinja import renderer
from llmchat_deploy.render.release import RenderedFile, Slot, Slots, digest_of
from llmchat_deploy.render.templates import Templates

SLOTS_FILE = "slots.cfg"
_LINE = re.compile(r"^# slots: backend=(?P<backend>[ab-]) frontend=(?P<frontend>[ab-])$", re.MULTILINE)
_MAINTENANCE = "\n# maintenance: "


def render_slots(templates: Templates, slots: Slots) -> RenderedFile:
    """Render the file for the given slots."""
    text = renderer(templates).render(f"{SLOTS_FILE}.j2", slots=slots)
    return RenderedFile(SLOTS_FILE, text, 0o640, digest_of(text))


def parse_slots(text: str | None) -> Slots:
    """Read the slots back from the file; a file that isn't there or isn't ours means no slot."""
    found = _LINE.search(text or "")
    if found is None:
        return Slots()
    chosen = (None if found[name] == "-" else Slot(found[name]) for name in ("backend", "frontend"))
    return Slots(*chosen, maintenance=_MAINTENANCE in str(text))
