"""Revisions that a test adds to an environment's own sources."""

from __future__ import annotations

import re
from pathlib import Path

MIGRATION = '''"""Made by a test."""

import sqlalchemy as sa
from alembic import op

revision = "{new}"
down_revision = "{old}"


def upgrade() -> None:
    """Make a table, or fail."""
    op.create_table("of_{new}", sa.Column("id", sa.Integer(), primary_key=True))
    {last}
'''


def add_migration(sources: Path, last: str = "", *, offline: int | None = None) -> Path:
    """Add a revision to the backend's sources and return its file; ``offline`` is how many seconds it says it takes."""
    listed = sources / "backend/llmchat_backend/db/revision.py"
    text = listed.read_text()
    found = re.search(r"^REVISIONS = \(([^)]*)\)", text, re.MULTILINE)
    assert found
    known = re.findall(r'"(\d+)"', found[1])
    new = f"{int(known[-1]) + 1:04}"
    revisions = ", ".join(f'"{name}"' for name in (*known, new))
    text = text.replace(found[0], f"REVISIONS = ({revisions})")
    if offline is not None:
        text, count = re.subn(r"^(OFFLINE: .* = )\{\}$", rf'\1{{"{new}": {offline}}}', text, flags=re.MULTILINE)
        assert count == 1
    listed.write_text(text)
    path = sources / f"backend/llmchat_backend/db/migrations/versions/{new}_of_a_test.py"
    path.write_text(MIGRATION.format(new=new, old=known[-1], last=last))
    return path
