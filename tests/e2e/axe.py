"""What axe finds on a page: things that a reader of screens or a keyboard stumbles over."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

from tests.paths import REPOSITORY

AXE = REPOSITORY / "service/frontend/node_modules/axe-core/axe.min.js"
RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    const where = (nodes) => nodes.map(({ html, any }) => [html, any[0]?.message]);
    return violations.map(({ id, help, nodes }) => ({ id, help, where: where(nodes) }));
}"""


def finds_nothing(page: Page, what: str) -> None:
    """Fail the test with what axe has to say about a page as it is now.

    The script is evaluated by the browser's debugger, so the page's policy needs no exception for it.
    """
    page.wait_for_timeout(400)  # an element that fades in has not its contrast yet
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found: list[dict[str, Any]] = page.evaluate(RUN)
    assert not found, f"{what}: {json.dumps(found, indent=2, ensure_ascii=False)}"
