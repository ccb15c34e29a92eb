"""Errors as JSON: {"detail": a sentence, "code": stable}. What a client sent is never repeated to it or to the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from llmchat_backend.errors import ApiError, RefusedError
from llmchat_backend.log import request_id
from llmchat_backend.openai import errors as openai_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI, Request

logger = logging.getLogger(__name__)

_STATUS_OF_CODE = {
    "account_pending": 409,
    "answer_running": 409,
    "attachments_too_large": 413,
    "conversation_not_found": 404,
    "invitation_invalid": 403,
    "invitation_not_found": 404,
    "invitation_required": 403,
    "key_not_found": 404,
    "last_admin": 409,
    "message_not_found": 404,
    "not_last_answer": 409,
    "not_pending": 409,
    "registration_closed": 403,
    "text_too_large": 413,
    "too_many_keys": 409,
    "unsupported_media_type": 415,
    "user_not_found": 404,
    "too_many_pending": 503,
    "username_taken": 409,
}
_UNPROCESSABLE = 422
_CODE_OF_STATUS = {401: "not_authenticated", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def add_handlers(app: FastAPI) -> None:
    """Teach the application to speak problems."""
    for kind, teller in _TELLERS.items():
        app.add_exception_handler(kind, teller)
    app.add_exception_handler(Exception, _bug)


def tell(request: Request, error: Exception) -> JSONResponse:
    """Return what tells an error of one of the kinds that are `KNOWN`."""
    return next(teller(request, error) for kind, teller in _TELLERS.items() if isinstance(error, kind))


def problem(path: str, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a problem as a response, in the shape that clients of this path know."""
    if path.startswith(openai_errors.PREFIX):
        status, body = openai_errors.shape(status, code, detail)
        return JSONResponse(body, status_code=status, headers=headers)
    return JSONResponse({"detail": detail, "code": code}, status_code=status, headers=headers)


def _refused(request: Request, error: Any) -> JSONResponse:
    if isinstance(error, ApiError):
        return problem(request.url.path, error.status, error.code, error.message, error.headers)
    return problem(request.url.path, _STATUS_OF_CODE.get(error.code, _UNPROCESSABLE), error.code, error.message)


def _invalid(request: Request, error: Any) -> JSONResponse:
    sentences = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"][1:] if not isinstance(part, int))
        reason = item["msg"].removeprefix("Value error, ")
        sentences.append(f"{place}: {reason}" if place else reason)
    return problem(request.url.path, _UNPROCESSABLE, "invalid_request", "; ".join(sentences))


def _http(request: Request, error: Any) -> JSONResponse:
    code = _CODE_OF_STATUS.get(error.status_code, "bad_request")
    return problem(request.url.path, error.status_code, code, str(error.detail), error.headers)


def _database(request: Request, error: Any) -> JSONResponse:
    logger.error("database failed", extra={"reason": str(error.orig)})  # the statement holds what users wrote
    return problem(
        request.url.path, 503, "database_unavailable", "The database can't be used right now.", {"Retry-After": "5"}
    )


def _storage(request: Request, error: Any) -> JSONResponse:
    logger.error("storage failed", extra={"reason": error.strerror})
    return problem(request.url.path, 503, "storage_failed", "The file can't be stored or read right now.")


def _bug(request: Request, _error: Any) -> JSONResponse:
    # Made outside of all that would add the id of the request, under which the log tells more.
    headers = {"X-Request-Id": request_id.get()}
    return problem(request.url.path, 500, "internal_error", "Something went wrong on our side.", headers)


_TELLERS: dict[type[Exception], Callable[[Request, Any], JSONResponse]] = {
    RefusedError: _refused,
    RequestValidationError: _invalid,
    HTTPException: _http,
    OperationalError: _database,
    OSError: _storage,
}
KNOWN = tuple(_TELLERS)
"""Errors that are told as what they are; any other is a bug."""
