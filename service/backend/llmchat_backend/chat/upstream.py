"""The client side: one request to a model server, its answer as events."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson

from llmchat_backend.chat import upstream_errors, upstream_read
from llmchat_backend.chat.model_events import BadAnswerError, ReportedError
from llmchat_backend.chat.sse import LineTooLongError
from llmchat_backend.chat.upstream_errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.chat.model_events import ModelEvent

_CONNECT_SECONDS = 10
_MAX_ERROR_BODY = 64 * 1024
_OK = 200
_REFUSES_THE_KEY = (401, 403)
_FAILURES = frozenset(range(500, 600)) - {501}  # that one just knows no such question


class Upstream:
    """A shared connection pool to every model server."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._proxies: dict[str, str | None] = {}  # by URL; aiohttp's own way goes to two threads for each request
        self._without_options: set[str] = set()  # ids of models whose server refused `stream_options`

    async def stream(
        self, endpoint: ModelEndpoint, messages: Sequence[dict[str, Any]], **parameters: Any
    ) -> AsyncGenerator[Sequence[ModelEvent]]:
        """Yield the model's answer as it arrives, `Finished` included, what came together in one.

        Raises UpstreamError for whatever goes wrong.
        """
        request = {"model": endpoint.model, "messages": list(messages), "stream": True, **parameters}
        try:
            async with self._ask(endpoint, request) as response:
                async for events in upstream_read.events(response):
                    yield events
        except UpstreamError:
            raise
        except ReportedError as error:
            raise upstream_errors.reported(str(error), endpoint) from error
        except BadAnswerError as error:
            raise upstream_errors.bad_answer(str(error)) from error
        except LineTooLongError as error:
            raise upstream_errors.bad_answer("a line without end") from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise upstream_errors.from_exception(error) from error

    async def relay(self, endpoint: ModelEndpoint, body: Mapping[str, Any]) -> AsyncGenerator[bytes]:
        """Yield the JSON of an answer as it comes, a payload for each chunk or one for the whole; usage is asked for.

        Raises UpstreamError for whatever goes wrong.
        """
        request = {name: value for name, value in body.items() if name != "stream_options"} | {"model": endpoint.model}
        asking = self._ask(endpoint, request) if body.get("stream") else self._ask_whole(endpoint, request)
        try:
            async with asking as response:
                async for payload in upstream_read.payloads(response):
                    yield payload
        except UpstreamError:
            raise
        except LineTooLongError as error:
            raise upstream_errors.bad_answer("a line without end") from error
        except BadAnswerError as error:
            raise upstream_errors.bad_answer(str(error)) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise upstream_errors.from_exception(error) from error

    async def lists_models(self, endpoint: ModelEndpoint) -> bool:
        """Tell whether the server of a model lists its models, False where it just doesn't do that.

        Raises UpstreamError where it can't be reached, refuses the key or fails.
        """
        url = endpoint.list_url
        if url is None:
            return False
        try:
            async with self._session.get(
                url, headers=_authorization(endpoint), allow_redirects=False, proxy=self._proxy_for(url)
            ) as response:
                if response.status in _REFUSES_THE_KEY or response.status in _FAILURES:
                    await _raise_unless_ok(response, endpoint)
                return response.status == _OK
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise upstream_errors.from_exception(error) from error

    @asynccontextmanager
    async def _ask_whole(
        self, endpoint: ModelEndpoint, request: dict[str, Any]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._post(endpoint, request) as response:
            await _raise_unless_ok(response, endpoint)
            yield response

    @asynccontextmanager
    async def _ask(self, endpoint: ModelEndpoint, request: dict[str, Any]) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send the request; once more without `stream_options` when a server that never took them refuses it."""
        if endpoint.id not in self._without_options:
            with_usage = {**request, "stream_options": {"include_usage": True}}
            async with self._post(endpoint, with_usage) as response:
                if response.status not in (400, 422):
                    await _raise_unless_ok(response, endpoint)
                    yield response
                    return
        async with self._post(endpoint, request) as response:
            await _raise_unless_ok(response, endpoint)
            self._without_options.add(endpoint.id)
            yield response

    def _post(self, endpoint: ModelEndpoint, request: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        return self._session.post(
            endpoint.url,
            data=orjson.dumps(request),
            headers={**headers, **_authorization(endpoint)},
            allow_redirects=False,  # it would carry the key to an address nobody configured
            proxy=self._proxy_for(endpoint.url),
        )

    def _proxy_for(self, url: str) -> str | None:
        if url not in self._proxies:
            self._proxies[url] = _proxy_of(url)
        return self._proxies[url]


@asynccontextmanager
async def open_upstream(*, idle_timeout: float, ca_file: Path | None) -> AsyncIterator[Upstream]:
    """Open the pool; `idle_timeout` is how many seconds a server may stay silent, before and within an answer."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=30, ssl=context)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=idle_timeout)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield Upstream(session)


def _authorization(endpoint: ModelEndpoint) -> dict[str, str]:
    key = endpoint.key.get_secret_value()
    return {"Authorization": f"Bearer {key}"} if key else {}


async def _raise_unless_ok(response: aiohttp.ClientResponse, endpoint: ModelEndpoint) -> None:
    if response.status != _OK:
        body = await response.content.read(_MAX_ERROR_BODY)
        raise upstream_errors.from_status(response.status, body, endpoint)


def _proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for a URL, as every other program reads it."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
