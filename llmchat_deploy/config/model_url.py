"""What is wrong with a model server's URL, and the URL to write instead."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from llmchat_deploy.config.addresses import check_url
from llmchat_deploy.config.values import Wrong

COMPLETIONS = "/chat/completions"
EXAMPLE = "http://127.0.0.1:11553/v1/chat/completions"

_OTHER_ENDPOINTS = re.compile(r"/(completions|responses|models|embeddings|chat)$")
_OLLAMA = re.compile(r"/api/(chat|generate|tags)$")
_SECRET_PARAMETERS = re.compile(
    r"(api[-_]?|subscription[-_]?|access[-_]?)?(key|token)|code|sig|password", re.IGNORECASE
)


def check_model_url(text: str) -> Wrong | None:
    """Say what is wrong with the URL of a chat-completions endpoint."""
    url = check_url(text, example=EXAMPLE)
    if isinstance(url, Wrong):
        if "no scheme" in url.message and "@" not in text:
            return Wrong(url.message, f"Write {corrected(url.hint.removeprefix('Write '))}")
        return url
    if url.username is not None or url.password is not None:
        return Wrong("holds a user name or a password", "A URL is no secret; put the key into LLM_API_KEY.")
    if any(_SECRET_PARAMETERS.fullmatch(name) for name, _ in parse_qsl(url.query, keep_blank_values=True)):
        return Wrong("holds a key in its query", "A URL is no secret; put the key into LLM_API_KEY.")
    if _is_unspecified(url.hostname or ""):
        instead = text.replace(url.netloc, f"127.0.0.1:{url.port}" if url.port else "127.0.0.1", 1)
        return Wrong(f"{url.hostname} is an address to listen on, not to call", f"Write {corrected(instead)}")
    if not url.path.endswith(COMPLETIONS):
        return Wrong(f"the path {url.path or '/'!r} is not chat completions", f"Write {corrected(text)}")
    return None


def corrected(text: str) -> str:
    """Return a URL with the path that a chat-completions endpoint most likely has on that server."""
    try:
        url = urlsplit(text)
    except ValueError:
        return EXAMPLE
    path = url.path.rstrip("/")
    if not path.endswith(COMPLETIONS):
        if not path or _OLLAMA.search(path):
            path = _OLLAMA.sub("", path) + "/v1"
        path = _OTHER_ENDPOINTS.sub("", path) + COMPLETIONS
    return urlunsplit((url.scheme, url.netloc, path, url.query, ""))


def _is_unspecified(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
