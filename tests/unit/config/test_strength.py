from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.strength import PRINTED_IN_THE_GUIDE, check_guessable, check_length, is_placeholder
from llmchat_deploy.secret import Secret


@pytest.mark.parametrize("value", sorted(PRINTED_IN_THE_GUIDE))
def test_what_the_guide_prints_is_a_placeholder(value: str) -> None:
    assert is_placeholder(Secret(value))
    assert is_placeholder(Secret(f" {value.upper()} "))


@pytest.mark.parametrize(
    "value",
    [
        "your-openai-api-key",
        "my_secret_key",
        "<key>",
        "${SECRET_KEY}",
        "$(openssl rand -hex 32)",
        "changeme",
        "change-me-please",
        "xxxx",
        "sk-xxx",
        "sk-...",
        "****",
        "TODO",
        "secret",
        "replace_this_with_your_key",
        "api_key",
    ],
)
def test_what_nobody_filled_in_is_a_placeholder(value: str) -> None:
    assert is_placeholder(Secret(value))


@pytest.mark.parametrize("value", ["", "sk-proj-4f9aTq", "EMPTY", "4711", "glm-4-our-team", "a$b#c"])
def test_real_keys_are_not(value: str) -> None:
    assert not is_placeholder(Secret(value))


@given(st.binary(min_size=24, max_size=64).filter(lambda key: len(set(key)) > 20))
def test_random_keys_of_any_notation_are_good_enough(key: bytes) -> None:
    for text in (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode().rstrip("=")):
        assert check_length(Secret(text)) is None
        assert check_guessable(Secret(text)) is None


def test_the_tools_own_keys_are_good_enough() -> None:
    for _ in range(1000):
        assert check_guessable(Secret(secrets.token_hex(32))) is None


@pytest.mark.parametrize(
    "value",
    [
        "a" * 64,
        "abcd" * 10,
        "correct-horse-9" * 3,
        "0123456789" * 4,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "this-is-my-super-secret-key-for-production",
        "PasswordPasswordPassword1234567890!!",
        "production-secret-key-abc987654321",
        "development-secret-key-change-this-2025",
    ],
)
def test_long_keys_that_can_be_guessed_are_refused_without_being_shown(value: str) -> None:
    wrong = check_guessable(Secret(value))
    assert wrong is not None
    assert value not in repr(wrong)
    assert "openssl rand -hex 32" in wrong.hint


def test_length_is_counted_in_bytes() -> None:
    assert check_length(Secret("密" * 11)) is None
    wrong = check_length(Secret("x" * 31))
    assert wrong is not None
    assert "31 bytes" in wrong.message
