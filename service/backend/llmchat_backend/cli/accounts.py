"""Take over accounts. They come on standard input: hashes of passwords are nobody else's to see."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from llmchat_backend.auth.imported import ImportedAccount, add_all
from llmchat_backend.cli.database import command_database
from llmchat_backend.db.revision import SchemaState, read_state
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """Add the accounts of a JSON array in one transaction and print one JSON line about them."""
    try:
        found = TypeAdapter(list[ImportedAccount]).validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        raise RefusedError("invalid_accounts", f"{error.error_count()} accounts can't be understood.") from None
    with command_database() as database:
        if database.read_now(read_state) is SchemaState.BEHIND:
            raise RefusedError("not_migrated", "The database is not migrated yet: run `llmchat-backend migrate`.")
        answer = database.write_now(add_all, found)
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0
