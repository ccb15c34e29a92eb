"""What a model is given to read: the conversation so far, texts inlined, images as data URLs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from llmchat_backend.chat import attachments
from llmchat_backend.chat.media import SAFE_IMAGES, decode_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmchat_backend.chat.attachments import AttachmentFiles
    from llmchat_backend.chat.history import Attached, Said

ChatMessage = dict[str, Any]

MAX_IMAGE_BYTES = 20 * 1024 * 1024
"""Of all images in one request; base64 makes a third more of them."""

MAX_TEXT_BYTES = 2 * attachments.MAX_TEXT_BYTES
"""Of all text files in one request."""


def build_prompt(
    history: Sequence[Said],
    files: AttachmentFiles,
    *,
    system_prompt: str | None = None,
    vision: bool = True,
) -> list[ChatMessage]:
    """Return the messages of a chat-completions request; reads attached files, so it belongs in a thread.

    Answers without a word (errors) are left out, and neighbours of one role joined: many chat templates refuse two
    questions in a row. Of files the newest count: older ones are left out, and said to be, once there are too many.
    """
    prompt: list[ChatMessage] = []
    if system_prompt and system_prompt.strip():
        prompt.append({"role": "system", "content": system_prompt})
    included = _within_limits(history, MAX_IMAGE_BYTES if vision else 0)
    for said in history:
        content = _content(said, files, included)
        if not content:
            continue
        if prompt and prompt[-1]["role"] == said.role:
            prompt[-1]["content"] = _join(prompt[-1]["content"], content)
        else:
            prompt.append({"role": said.role, "content": content})
    return prompt


def _within_limits(history: Sequence[Said], image_bytes: int) -> set[str]:
    """Return the ids of the files to send, the newest first while there is room for their kind."""
    room = {True: image_bytes, False: MAX_TEXT_BYTES}
    included = set()
    for said in reversed(history):
        for attachment in reversed(said.attachments):
            kind = attachment.media_type in SAFE_IMAGES
            room[kind] -= attachment.size
            if room[kind] >= 0:
                included.add(attachment.id)
    return included


def _content(said: Said, files: AttachmentFiles, included: set[str]) -> str | list[ChatMessage]:
    """Return plain text, or a list of parts when there are images."""
    texts, images = [], []
    for attachment in said.attachments:
        if attachment.id not in included:
            texts.append(f"[The attached file {attachment.filename} is left out here.]")
            continue
        try:
            content = files.read(attachment.id)
        except OSError:
            texts.append(f"[The attached file {attachment.filename} is missing.]")
            continue
        if attachment.media_type in SAFE_IMAGES:
            images.append(_image(attachment, content))
        else:
            texts.append(_text(attachment, content))
    text = "\n\n".join(part for part in (*texts, said.content) if part)
    return [*_parts(text), *images] if images else text


def _image(attachment: Attached, content: bytes) -> ChatMessage:
    encoded = base64.b64encode(content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{attachment.media_type};base64,{encoded}"}}


def _text(attachment: Attached, content: bytes) -> str:
    text = decode_text(content) or ""
    fence = "```"
    while fence in text:  # a fence longer than any inside can't be closed by the file
        fence += "`"
    return f"{attachment.filename}:\n{fence}\n{text}\n{fence}"


def _join(first: str | list[ChatMessage], second: str | list[ChatMessage]) -> str | list[ChatMessage]:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [*_parts(first), *_parts(second)]


def _parts(content: str | list[ChatMessage]) -> list[ChatMessage]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content
