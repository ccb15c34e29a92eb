"""The backend's command line as it is, except that hashing a password costs next to nothing: tests log in all the time.

What the real cost is about (how long a refusal takes, the hashes in the database) is tested with the real one.
"""

from __future__ import annotations

from llmchat_backend.auth import passwords
from llmchat_backend.cli.main import main
from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher

_CHEAP = PasswordHash((BcryptHasher(rounds=4, prefix="2b"),))
vars(passwords).update(_HASHING=_CHEAP, _NOBODY=_CHEAP.hash("of nobody"))

raise SystemExit(main())
