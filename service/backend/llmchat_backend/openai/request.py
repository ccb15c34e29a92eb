"""What a program asks for: fields of the protocol are passed on as they are, but for the model's name; others never.

Model servers and gateways take further fields that say where to ask, with which key and headers: they would act for a
program with the operator's rights.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from llmchat_backend.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ASKED = "model messages stream stream_options n user store modalities prediction"
_SAMPLING = (
    "temperature top_p top_k min_p stop seed max_tokens max_completion_tokens presence_penalty frequency_penalty"
    " repetition_penalty repeat_penalty logit_bias logprobs top_logprobs reasoning_effort verbosity"
)
_TOOLS_AND_FORMATS = "tools tool_choice parallel_tool_calls functions function_call response_format"
_NAMES = "prompt_cache_key safety_identifier"  # for a provider's cache and its own limits
FIELDS = frozenset(f"{_ASKED} {_SAMPLING} {_TOOLS_AND_FORMATS} {_NAMES}".split())
"""The protocol's fields (https://platform.openai.com/docs/api-reference/chat/create), without those that choose or cost
something at the provider or are read by gateways (`metadata`), and the usual ones for sampling with llama.cpp and vLLM.
"""

_OF_THE_MODEL = frozenset({"tool_calls", "function_call"})
_TOOLS = frozenset({"function", "custom"})  # other kinds, `mcp` for one, are servers to be called
_ADDRESS = re.compile(r"\s*[a-z][a-z0-9+.-]*:/", re.IGNORECASE)  # base64, which begins otherwise, has no colon
_WORDS = frozenset({"text", "refusal", "thinking", "reasoning"})  # of a part; they may speak of addresses
_MAX_NAME = 64
_BAD_REQUEST = 400


def check(body: Mapping[str, Any]) -> None:
    """Raise ApiError 400 for what can't be sent on, fields to be kept away, and URLs that the model server would fetch.

    A model server stands inside the network: an address in a message would make it read for somebody else.
    """
    for name in body:
        if name not in FIELDS:
            shown = name if name.isidentifier() and len(name) <= _MAX_NAME else "…"
            raise ApiError(_BAD_REQUEST, "unknown_field", f"The field `{shown}` can't be passed on to the model.")
    if body.get("n") not in (None, 1):
        raise ApiError(_BAD_REQUEST, "one_answer_only", "A request gets one answer: `n` must be 1.")
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        if not isinstance(tool, dict) or tool.get("type") not in _TOOLS:
            raise ApiError(_BAD_REQUEST, "tool_not_allowed", "Tools must be functions.")
    try:
        orjson.dumps(body)
    except TypeError:
        raise ApiError(_BAD_REQUEST, "invalid_request", "The request holds text or numbers that are none.") from None
    # What a model wanted a tool to be called with is text to it, whatever it is called.
    said = [{k: v for k, v in message.items() if k not in _OF_THE_MODEL} for message in body.get("messages", ())]
    for url in _urls(said):
        if not url.lower().startswith("data:"):
            raise ApiError(_BAD_REQUEST, "url_not_allowed", "Images and files must be data: URLs, not addresses.")


def text_bytes(messages: Sequence[Mapping[str, Any]]) -> int:
    """Return the size of all words in the messages; images don't count."""
    return sum(len(text.encode()) for message in messages for text in _texts(message.get("content")))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                yield part["text"]


def _urls(value: object, *, in_part: bool = False) -> Iterator[str]:
    """Yield the text of everything named `url` or `…url`, however deep, and in parts of a content whatever is one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(inner, str):
                yield from _urls(inner, in_part=in_part or name == "content")
            elif name.lower().endswith("url") or (in_part and name not in _WORDS and _ADDRESS.match(inner)):
                yield inner
    elif isinstance(value, list | tuple):
        for inner in value:
            if isinstance(inner, str):
                if in_part and _ADDRESS.match(inner):
                    yield inner
            else:
                yield from _urls(inner, in_part=in_part)
