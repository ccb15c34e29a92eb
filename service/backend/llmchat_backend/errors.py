"""Errors that callers are meant to see."""

from __future__ import annotations


class ConfigurationError(Exception):
    """The process can't start with what it was given; the message says what to change."""


class RefusedError(Exception):
    """A rule of the service says no: a sentence for people and a stable code for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ApiError(RefusedError):
    """A refusal with the HTTP status it deserves, and headers such as `Retry-After`."""

    def __init__(self, status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(code, message)
        self.status = status
        self.headers = headers


def not_authenticated() -> ApiError:
    """Return the refusal of a request that nobody stands behind."""
    return ApiError(401, "not_authenticated", "Please log in.", headers={"WWW-Authenticate": "Bearer"})


def password_change_required() -> ApiError:
    """Return the refusal of whoever must choose a password first."""
    return ApiError(403, "password_change_required", "Please choose your own password first.")
