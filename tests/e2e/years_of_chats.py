"""What years of use leave to one person: thousands of conversations, and one of thousands of messages.

    python - DATABASE USERNAME CONVERSATIONS MESSAGES

It runs where the database is, in the backend's container, and needs nothing else of the tests. The long conversation
is the first of the history; the others follow, one for every three hours of the past. Search knows of them only the
words "the needle is here" in one question of the long one.
"""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime, timedelta

import pysqlite3 as sqlite3

LONG_TITLE = "The long conversation"
NEEDLE = 300
"""The message of the long conversation, counted from its first, that search knows."""
ANSWER = """\
## Step {number}

The **third** column tells how *often* it was used, see `usage_{number}`; whatever is left can be looked up in the
table below, which holds for answer {number} and for no other one.

| Name | Value | Unit |
|---|---:|---|
| depth | {number} | m |
| width | 12 | m |
| 高度 | 7 | 米 |

```python
def step_{number}(depth: int, *, width: int = 12) -> float:
    \"\"\"Return what is left of it.\"\"\"
    if depth <= 0:
        raise ValueError(f"{{depth}} is no depth")
    return sum(width / each for each in range(1, depth + 1))
```

1. Measure it twice, and write down which of both was the higher one.
2. Compare with the table; 如果不一致、请再测量一次。
3. Go on with step {number} + 1.
"""


def title(number: int) -> str:
    """Return what the history calls a conversation."""
    return f"Conversation {number}: 第 {number} 次谈话" if number else LONG_TITLE


def text(number: int) -> str:
    """Return a message of the long conversation: questions are even, answers odd."""
    if number % 2:
        return ANSWER.format(number=number // 2)
    return f"Question {number // 2}: what comes next?" + ("\nthe needle is here" if number == NEEDLE else "")


def main(database: str, username: str, conversations: int, messages: int) -> None:
    """Write them all in one transaction."""
    connection = sqlite3.connect(database, timeout=30)
    (user,) = connection.execute("SELECT id FROM users WHERE username = ?", (username,)).fetchone()
    now = datetime.now(UTC).replace(tzinfo=None)
    with connection:
        for number in range(conversations):
            at = str(now - timedelta(hours=3 * number))
            row = {"id": identifier("c", number), "user_id": user, "title": title(number), "model_id": "default"}
            flags = {"pinned": 0, "archived": 0, "indexed": 1}
            insert(connection, "conversations", {**row, **flags, "created_at": at, "updated_at": at})
        for number in range(messages):
            row = {"id": identifier("m", number), "conversation_id": identifier("c", 0), "position": number}
            said = {"role": "assistant" if number % 2 else "user", "content": text(number), "reasoning": ""}
            state = {"status": "complete", "stop_requested": 0, "indexed": int(number != NEEDLE)}
            insert(connection, "messages", {**row, **said, **state, "created_at": str(now)})
    connection.close()


def identifier(kind: str, number: int) -> str:
    """Return the same id each time."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}{number}").hex


def insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    """Add a row."""
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - ours


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
