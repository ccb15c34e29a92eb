"""Errors as OpenAI's clients know them: {"error": {"message", "type", "param", "code"}}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmchat_backend.errors import ApiError

if TYPE_CHECKING:
    from llmchat_backend.chat.upstream_errors import UpstreamError

PREFIX = "/v1/"
"""The paths that speak this protocol."""

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_STATUS_OF_UPSTREAM = {
    "client_gone": 499,  # nginx's word; nobody reads it but the log
    "model_timeout": 504,
    "model_busy": 429,
    "model_refused": 400,
}
_BAD_GATEWAY = 502
_SERVER_ERRORS = 500
_UNPROCESSABLE, _BAD_REQUEST = 422, 400


def shape(status: int, code: str, message: str) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of an error; what can't be processed is a bad request in this protocol."""
    status = _BAD_REQUEST if status == _UNPROCESSABLE else status
    kind = _TYPES.get(status, "server_error" if status >= _SERVER_ERRORS else "invalid_request_error")
    return status, {"error": {"message": message, "type": kind, "param": None, "code": code}}


def from_upstream(error: UpstreamError) -> ApiError:
    """Return what went wrong at the model server as an answer to a program."""
    return ApiError(_STATUS_OF_UPSTREAM.get(error.code, _BAD_GATEWAY), error.code, error.message)


def body_of(error: ApiError) -> dict[str, Any]:
    """Return the JSON of an error that comes in the middle of a stream."""
    return shape(error.status, error.code, error.message)[1]
