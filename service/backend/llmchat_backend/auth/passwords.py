"""Passwords: the rules, and hashing that never runs on the event loop."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher

from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MIN_CHARACTERS = 8
MAX_BYTES = 72  # bcrypt reads no further, and bcrypt >= 5 raises instead of cutting silently

_COST = 12
_HASHING = PasswordHash((BcryptHasher(rounds=_COST, prefix="2b"),))
# Bcrypt takes a third of a second of one core: more threads would only starve the streams.
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")
_waiting: set[asyncio.Future[Any]] = set()
_BUSY = 16  # passwords: nearly three seconds until the next one's turn
# Compared with when the account is unknown, so that the answer takes as long as a wrong password's. It is the hash of
# a random text nobody kept; bcrypt of the same cost, or the time would tell.
_NOBODY = "$2b$12$voYt1ulJkhZwmuusoThBcuqsPyBwmUj2P9/v3uq0SZJIghMLR7Qwu"


def check_rules(password: str) -> None:
    """Raise RefusedError `weak_password` that names the broken rule."""
    if len(password) < MIN_CHARACTERS:
        raise RefusedError("weak_password", f"The password needs at least {MIN_CHARACTERS} characters.")
    if len(password.encode()) > MAX_BYTES:
        raise RefusedError("weak_password", f"The password must not be longer than {MAX_BYTES} bytes (UTF-8).")
    if "\0" in password:
        raise RefusedError("weak_password", "The password must not contain a NUL character.")


def hash_now(password: str) -> str:
    """Hash a password that keeps the rules, in this thread."""
    check_rules(password)
    return _HASHING.hash(password)


async def hash_password(password: str) -> str:
    """Hash a password that keeps the rules, in a thread."""
    check_rules(password)
    return await _in_thread(hash_now, password)


def generate() -> str:
    """Make up a password for somebody who will replace it: 96 bits, no character that a shell or a form would take."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and a hash to store where the one it was compared with is of another cost."""

    right: bool
    better_hash: str | None = None


async def verify_password(password: str, hashed: str | None) -> Verdict:
    """Compare in a thread; without a hash, or with one that is none, take as long and say no."""
    return await _in_thread(_verify, password, hashed)


def is_busy() -> bool:
    """Tell whether so many passwords wait that whoever logs in would notice one more."""
    return len(_waiting) >= _BUSY


def _in_thread(work: Callable[..., T], *args: str | None) -> asyncio.Future[T]:
    future = asyncio.get_running_loop().run_in_executor(_THREADS, work, *args)
    _waiting.add(future)
    future.add_done_callback(_waiting.discard)
    return future


def _verify(password: str, hashed: str | None) -> Verdict:
    too_long = len(password.encode()) > MAX_BYTES  # can't be anybody's, but must cost the same time
    known = hashed if hashed is not None and not too_long and BcryptHasher.identify(hashed) else None
    try:
        right, better = _HASHING.verify_and_update("" if too_long else password, known or _NOBODY)
    except ValueError:  # a NUL in the password, or an imported hash that only looks like one
        return Verdict(right=False)
    return Verdict(right, better) if known is not None else Verdict(right=False)
