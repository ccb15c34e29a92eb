"""What can go wrong between us and a model server, said so that a person knows what to do."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
import orjson

from llmchat_backend.chat.model_events import reported_message

if TYPE_CHECKING:
    from llmchat_backend.chat.catalogue import ModelEndpoint

TIMEOUT_MESSAGE = "模型响应超时，请检查网络连接或稍后重试"  # noqa: RUF001 - the guide's own words
_MAX_QUOTED = 300
_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_TIMED_OUT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT)

# The first kind that fits counts: special ones come before the general ones they are made of.
_CONNECTION_PROBLEMS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str, bool], ...] = (
    (aiohttp.ClientConnectorDNSError, "model_dns", "The host name of the model server can't be resolved.", True),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError),
        "model_tls",
        "The certificate of the model server can't be trusted.",
        False,
    ),
    (aiohttp.ClientConnectorError, "model_unreachable", "The model server can't be reached.", True),
    # A ValueError is a key that can't be an HTTP header.
    ((aiohttp.InvalidURL, ValueError), "model_misconfigured", "The URL or the key of this model can't be used.", False),
)


class UpstreamError(Exception):
    """An answer that failed: stable code, sentence for the user, whether trying again may help."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


def timed_out() -> UpstreamError:
    """Return the error of a model that stays silent."""
    return UpstreamError("model_timeout", TIMEOUT_MESSAGE, retryable=True)


def bad_answer(what: str) -> UpstreamError:
    """Return the error of a server that doesn't speak the protocol."""
    return UpstreamError(
        "model_bad_answer", f"The model server sent an answer that can't be read ({what}).", retryable=True
    )


def cut_off() -> UpstreamError:
    """Return the error of a stream that ended in the middle."""
    return UpstreamError(
        "model_cut_off",
        "The model server closed the connection before its answer was complete.",
        retryable=True,
    )


def reported(message: str, endpoint: ModelEndpoint) -> UpstreamError:
    """Return the error a server put into its stream."""
    return UpstreamError(
        "model_failed", f"The model server reported an error{_quoted(message, endpoint)}.", retryable=True
    )


def from_exception(error: Exception) -> UpstreamError:
    """Translate what aiohttp raises before or while an answer arrives."""
    if isinstance(error, TimeoutError):  # aiohttp's own time-outs are kinds of it
        return timed_out()
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionError):
        return cut_off()
    for kinds, code, message, retryable in _CONNECTION_PROBLEMS:
        if isinstance(error, kinds):
            return UpstreamError(code, message, retryable=retryable)
    return bad_answer("not HTTP")


def from_status(status: int, body: bytes, endpoint: ModelEndpoint) -> UpstreamError:
    """Translate an HTTP status other than 200."""
    said = _said(body)
    quoted = _quoted(said, endpoint)
    if status in _TIMED_OUT:
        return timed_out()
    if status in _NO_ACCESS:  # what the server says here may repeat parts of the key
        code, message, retryable = "model_wrong_key", "The model server refused the key.", False
    elif status == HTTPStatus.NOT_FOUND and "model" in said.lower():
        code, message, retryable = "model_unknown", f"The model server doesn't know this model{quoted}.", False
    elif status in _NOT_THERE or status // 100 == 3:  # noqa: PLR2004 - a redirect is never followed
        code, retryable = "model_wrong_path", False
        message = f"The model's URL is not a chat-completions address (HTTP {status})."
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        code, message, retryable = "model_busy", f"The model server is busy{quoted}.", True
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        code, message, retryable = "model_refused", f"The model server refused the request{quoted}.", False
    else:
        code, message, retryable = "model_failed", f"The model server failed (HTTP {status}){quoted}.", True
    return UpstreamError(code, message, retryable=retryable)


def _said(body: bytes) -> str:
    try:
        return reported_message(orjson.loads(body))
    except orjson.JSONDecodeError:
        return ""  # pages of proxies are for browsers


def _quoted(message: str, endpoint: ModelEndpoint) -> str:
    """Return `: message`, short, on one line, without the key."""
    if key := endpoint.key.get_secret_value():
        message = message.replace(key, "***")
    message = " ".join(message.split())[:_MAX_QUOTED].rstrip(".")
    return f": {message}" if message else ""
