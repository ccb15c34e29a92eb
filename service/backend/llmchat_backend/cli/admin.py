"""Look after administrators. Passwords come on standard input: arguments are seen by everybody on the machine."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from llmchat_backend.auth import accounts, admins, passwords
from llmchat_backend.cli.database import command_database
from llmchat_backend.db.revision import SchemaState, read_state
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    import argparse

    from llmchat_backend.db.engine import Database


def run(arguments: argparse.Namespace) -> int:
    """Run one action and print one JSON line; raises RefusedError when a rule says no."""
    with command_database() as database:
        answer = _act(arguments, database)
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def _act(arguments: argparse.Namespace, database: Database) -> dict[str, Any]:
    if database.read_now(read_state) is SchemaState.BEHIND:
        raise RefusedError("not_migrated", "The database is not migrated yet: run `llmchat-backend migrate`.")
    if arguments.action == "list":
        return {"admins": [admins.describe(user) for user in database.read_now(accounts.list_admins)]}
    hashed = passwords.hash_now(_read_password())
    name, must_change = arguments.username, arguments.must_change
    if arguments.action == "ensure":
        return database.write_now(
            admins.ensure, name, hashed, must_change=must_change, replace_unused=arguments.replace_unused
        )
    action = admins.create if arguments.action == "create" else admins.reset_password
    return database.write_now(action, name, hashed, must_change=must_change)


def _read_password() -> str:
    """Read to the end; the bytes are the password, a final newline included, so send none."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise RefusedError("weak_password", "The password is not UTF-8 text.") from None
