"""What a model is given to read: the conversation so far, texts inlined, images as data URLs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from llmchat_backend.chat.media import SAFE_IMAGES, decode_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmchat_backend.chat.attachments import AttachmentFiles
    from llmchat_backend.chat.conversations import StoredMessage
    from llmchat_backend.db.models import Attachment

ChatMessage = dict[str, Any]


def build_prompt(
    history: Sequence[StoredMessage], files: AttachmentFiles, system_prompt: str | None = None
) -> list[ChatMessage]:
    """Return the messages of a chat-completions request; reads attached files, so it belongs in a thread.

    Answers without a word (errors) are left out, and neighbours of one role joined: many chat templates refuse two
    questions in a row.
    """
    prompt: list[ChatMessage] = []
    if system_prompt and system_prompt.strip():
        prompt.append({"role": "system", "content": system_prompt})
    for stored in history:
        content = _content(stored, files)
        if not content:
            continue
        if prompt and prompt[-1]["role"] == stored.message.role:
            prompt[-1]["content"] = _join(prompt[-1]["content"], content)
        else:
            prompt.append({"role": stored.message.role, "content": content})
    return prompt


def _content(stored: StoredMessage, files: AttachmentFiles) -> str | list[ChatMessage]:
    """Return plain text, or a list of parts when there are images."""
    texts, images = [], []
    for attachment in stored.attachments:
        try:
            content = files.read(attachment.id)
        except OSError:
            texts.append(f"[The attached file {attachment.filename} is missing.]")
            continue
        if attachment.media_type in SAFE_IMAGES:
            images.append(_image(attachment, content))
        else:
            texts.append(_text(attachment, content))
    text = "\n\n".join(part for part in (*texts, stored.message.content) if part)
    return [*_parts(text), *images] if images else text


def _image(attachment: Attachment, content: bytes) -> ChatMessage:
    encoded = base64.b64encode(content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{attachment.media_type};base64,{encoded}"}}


def _text(attachment: Attachment, content: bytes) -> str:
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
