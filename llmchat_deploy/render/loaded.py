"""Tell a file that the running edge has loaded from one that is only written.

Writing and loading are two steps, and a run can be cut between them. Until a file is loaded its first line, a comment
to HAProxy, says so: what stands on the volume is then not taken for what runs.
"""

from __future__ import annotations

from dataclasses import replace

from llmchat_deploy.render.release import RenderedFile

NOT_LOADED = "# Written, but not loaded by the running edge yet.\n"


def not_loaded(file: RenderedFile) -> RenderedFile:
    """Return the file marked as not loaded yet."""
    assert isinstance(file.content, str)  # noqa: S101 - nothing the edge reads is secret
    return replace(file, content=NOT_LOADED + file.content)


def marked_loaded(text: str) -> str:
    """Return the text of a file as it stands once it is loaded."""
    return text.removeprefix(NOT_LOADED)


def is_loaded(text: str | None) -> bool:
    """Whether the edge has loaded the file with this text; one that isn't there has nothing to load."""
    return not (text or "").startswith(NOT_LOADED)
