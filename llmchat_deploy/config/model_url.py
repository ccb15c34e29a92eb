"""What is wrong with a model server's URL, and the URL to write instead."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from llmchat_deploy.config.addresses import as_ip, check_url
from llmchat_deploy.config.wrong import Wrong

COMPLETIONS = "/chat/completions"
EXAMPLE = "http://127.0.0.1:11553/v1/chat/completions"

_OTHER_ENDPOINTS = re.compile(r"/(completions|responses|models|embeddings|chat)$")
_OLLAMA = re.compile(r"/api(/(chat|generate|tags))?$")
_SECRET_PARAMETER = re.compile(r"((api|access|auth|subscription)[-_]?)?(key|token)|code|sig|password", re.IGNORECASE)


def check_model_url(text: str) -> Wrong | None:
    """Say what is wrong with the URL of a chat-completions endpoint."""
    url = check_url(text, example=EXAMPLE)
    if isinstance(url, Wrong):
        return _complete(url)
    if _holds_secret(url):
        return Wrong("holds a key, a user name or a password", "A URL is shown to people; use LLM_API_KEY for the key.")
    address = as_ip(url.hostname or "")
    if address and address.is_unspecified:
        port = f":{url.port}" if url.port else ""
        instead = url._replace(netloc=f"127.0.0.1{port}").geturl()
        return Wrong(f"{url.hostname} is an address to listen on, not one to call", f"Write {corrected(instead)}")
    if not url.path.endswith(COMPLETIONS):
        return Wrong(f"the path {url.path or '/'!r} is not chat completions", f"Write {corrected(text)}")
    return None


def corrected(text: str) -> str:
    """Return a URL with the path that a chat-completions endpoint most likely has on that server."""
    url = urlsplit(text)
    path = url.path.rstrip("/")
    if not path.endswith(COMPLETIONS):
        path = _OTHER_ENDPOINTS.sub("", _OLLAMA.sub("", path) or "/v1") + COMPLETIONS
    return urlunsplit((url.scheme, url.netloc, path, url.query, ""))


def _complete(wrong: Wrong) -> Wrong:
    """Let a hint that shows a URL show one that needs no second correction."""
    before, marker, url = wrong.hint.partition("Write http")
    if not marker or " " in url:
        return wrong
    try:
        return Wrong(wrong.message, f"{before}Write {corrected(f'http{url}')}")
    except ValueError:
        return Wrong(wrong.message, f"Write a URL such as {EXAMPLE}")


def _holds_secret(url: SplitResult) -> bool:
    names = (name for name, _ in parse_qsl(url.query, keep_blank_values=True))
    return "@" in url.netloc or any(_SECRET_PARAMETER.fullmatch(name) for name in names)
