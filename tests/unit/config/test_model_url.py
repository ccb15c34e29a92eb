from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.model_url import check_model_url

OPENAI = "https://api.openai.com/v1/chat/completions"
GUIDE = "http://127.0.0.1:11553/v1/chat/completions"


@pytest.mark.parametrize(
    "url",
    [
        OPENAI,
        GUIDE,
        "https://open.bigmodel.cn/api/paas/v4/chat/completions",
        "https://me.openai.azure.com/openai/deployments/gpt-4/chat/completions?api-version=2024-10-21",
        "http://[::1]:8001/v1/chat/completions",
        "http://my_model:8080/v1/chat/completions",
        "http://localhost/chat/completions",
    ],
)
def test_chat_completions_urls_are_taken(url: str) -> None:
    assert check_model_url(url) is None


@pytest.mark.parametrize(
    ("url", "says", "instead"),
    [
        ("https://api.openai.com/v1", "not chat completions", OPENAI),
        ("https://api.openai.com/v1/", "not chat completions", OPENAI),
        ("https://api.openai.com", "not chat completions", OPENAI),
        ("https://api.openai.com/", "not chat completions", OPENAI),
        ("https://api.openai.com/v1/completions", "not chat completions", OPENAI),
        ("https://api.openai.com/v1/models", "not chat completions", OPENAI),
        ("https://api.openai.com/v1/responses", "not chat completions", OPENAI),
        ("https://api.openai.com/v1/chat", "not chat completions", OPENAI),
        ("https://api.openai.com/v1/chat/completions/", "not chat completions", OPENAI),
        ("api.openai.com/v1/chat/completions", "has no scheme", OPENAI),
        ("api.openai.com", "has no scheme", OPENAI),
        ("127.0.0.1:11553", "has no scheme", GUIDE),
        ("127.0.0.1:11553/v1/", "has no scheme", GUIDE),
        ("http://127.0.0.1:11553/api/chat", "not chat completions", GUIDE),
        ("http://127.0.0.1:11553/api/generate", "not chat completions", GUIDE),
        ("http://0.0.0.0:11553/v1", "address to listen on", GUIDE),
        ("https://open.bigmodel.cn/api/paas/v4", "not chat", "https://open.bigmodel.cn/api/paas/v4/chat/completions"),
    ],
)
def test_the_hint_shows_the_url_to_write(url: str, says: str, instead: str) -> None:
    wrong = check_model_url(url)
    assert wrong is not None
    assert says in wrong.message
    assert wrong.hint == f"Write {instead}"
    assert check_model_url(instead) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@host/v1",
        "http://hunter2@host/v1/chat/completions",
        "user:hunter2@host/v1",
        "https://host/v1/chat/completions?api_key=hunter2",
        "https://host/v1?key=hunter2",
        "host/v1?token=hunter2",
        "https://host/v1?access_token=hunter2#x",
        "https://user:hunter2@host:99999/v1",
    ],
)
def test_a_key_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    wrong = check_model_url(url)
    assert wrong is not None
    assert "hunter2" not in repr(wrong)


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for url in (text, f"http://{text}", f"http://host/{text}", f"host:1/{text}"):
        check_model_url(url)
