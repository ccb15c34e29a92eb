"""Pages at another address than the API's: the edge says with each request which may read an answer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from backend_process import Backend
from llmchat_backend.api.outside import allowed_origins
from llmchat_backend.settings import Settings
from starlette.datastructures import Headers

OLD, NEW = "http://192.168.1.10:3000", "http://192.168.1.100:3000"


def ask(backend: Backend, origin: str, allowed: str, method: str = "GET") -> SimpleNamespace:
    headers = {"Origin": origin, "Access_Control_Request_Method": "GET"}
    answer = backend.client.request(
        method, "/health/ready", None, **headers, **({"X_LLMChat_Origins": allowed} if allowed else {})
    )
    return SimpleNamespace(status=answer.status, allows=answer.headers["Access-Control-Allow-Origin"])


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_page_that_the_edge_names_may_read(backend: Backend, method: str) -> None:
    answer = ask(backend, NEW, f"{OLD} {NEW}", method)
    assert (answer.status, answer.allows) == (200, NEW)


@pytest.mark.parametrize("allowed", ["", OLD], ids=["nobody", "another"])
def test_a_page_that_it_does_not_name_may_not(backend: Backend, allowed: str) -> None:
    assert ask(backend, NEW, allowed).allows is None
    assert ask(backend, NEW, allowed, "OPTIONS").allows is None


def test_another_address_counts_from_the_next_request_on(backend: Backend) -> None:
    assert [ask(backend, OLD, OLD).allows, ask(backend, OLD, NEW).allows, ask(backend, NEW, NEW).allows] == [
        OLD,
        None,
        NEW,
    ]


def test_without_an_edge_a_client_cannot_allow_itself() -> None:
    sent = Headers({"X-LLMChat-Origins": NEW})
    assert allowed_origins(sent, Settings(listen="unix:/run/slots/a.sock")) == (NEW,)
    assert allowed_origins(sent, Settings(listen="tcp:127.0.0.1:8000")) == ()
