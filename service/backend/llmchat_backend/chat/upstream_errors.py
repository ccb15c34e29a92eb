"""What can go wrong between us and a model server, said so that a person knows what to do.

The page takes what was seen and quoted out of these sentences, to say the rest in its own language (`error-text.ts`).
"""

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

# Trying again changes nothing about these: somebody has to change a setting or the question.
_FINAL = frozenset(
    {"model_tls", "model_misconfigured", "model_wrong_key", "model_unknown", "model_wrong_path", "model_refused"}
)
_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_TIMED_OUT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT)

# The first kind that fits counts: special ones come before the general ones they are made of.
_CONNECTION_PROBLEMS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (aiohttp.ClientConnectorDNSError, "model_dns", "The host name of the model server can't be resolved."),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError),
        "model_tls",
        "The certificate of the model server can't be trusted.",
    ),
    (aiohttp.ClientConnectorError, "model_unreachable", "The model server can't be reached."),
    # A ValueError is a key that can't be an HTTP header.
    ((aiohttp.InvalidURL, ValueError), "model_misconfigured", "The URL or the key of this model can't be used."),
)


class UpstreamError(Exception):
    """An answer that failed: stable code, sentence for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def is_retryable(code: str) -> bool:
    """Tell whether the same question may be answered if it is just asked again."""
    return code not in _FINAL


def timed_out() -> UpstreamError:
    """Return the error of a model that stays silent."""
    return UpstreamError("model_timeout", TIMEOUT_MESSAGE)


def bad_answer(what: str) -> UpstreamError:
    """Return the error of a server that doesn't speak the protocol."""
    return UpstreamError("model_bad_answer", f"The model server sent an answer that can't be read ({what}).")


def cut_off() -> UpstreamError:
    """Return the error of a stream that ended in the middle."""
    return UpstreamError("model_cut_off", "The model server closed the connection before its answer was complete.")


def reported(message: str, endpoint: ModelEndpoint) -> UpstreamError:
    """Return the error a server put into its stream."""
    return UpstreamError("model_failed", f"The model server reported an error{_quoted(message, endpoint)}.")


def from_exception(error: Exception) -> UpstreamError:
    """Translate what aiohttp raises before or while an answer arrives."""
    if isinstance(error, TimeoutError):  # aiohttp's own time-outs are kinds of it
        return timed_out()
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionError):
        return cut_off()
    for kinds, code, message in _CONNECTION_PROBLEMS:
        if isinstance(error, kinds):
            return UpstreamError(code, message)
    return bad_answer("not HTTP")


def from_status(status: int, body: bytes, endpoint: ModelEndpoint) -> UpstreamError:
    """Translate an HTTP status other than 200."""
    said = _said(body)
    quoted = _quoted(said, endpoint)
    if status in _TIMED_OUT:
        return timed_out()
    if status in _NO_ACCESS:  # what the server says here may repeat parts of the key
        code, message = "model_wrong_key", "The model server refused the key."
    elif status == HTTPStatus.NOT_FOUND and "model" in said.lower():
        code, message = "model_unknown", f"The model server doesn't know this model{quoted}."
    elif status in _NOT_THERE or status // 100 == 3:  # noqa: PLR2004 - a redirect is never followed
        code, message = "model_wrong_path", f"The model's URL is not a chat-completions address (HTTP {status})."
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        code, message = "model_busy", f"The model server is busy{quoted}."
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        code, message = "model_refused", f"The model server refused the request{quoted}."
    else:
        code, message = "model_failed", f"The model server failed (HTTP {status}){quoted}."
    return UpstreamError(code, message)


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
