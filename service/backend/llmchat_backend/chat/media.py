"""What an uploaded file is, told by its bytes: what a browser declares is a guess, or a lie."""

from __future__ import annotations

_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
SAFE_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_TEXT_ENCODINGS = ("utf-8-sig", "gb18030")


def media_type_of(content: bytes, declared: str | None) -> str | None:
    """Return the media type of an image browsers show safely or of a text; None for everything else.

    SVG counts as text: it can carry scripts, and a model reads its source better anyway.
    """
    for magic, media_type in _IMAGES:
        if content.startswith(magic):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if b"\0" in content or decode_text(content) is None:
        return None
    declared_type = (declared or "").partition(";")[0].strip().lower()
    return declared_type if declared_type.startswith("text/") and len(declared_type) <= 100 else "text/plain"  # noqa: PLR2004


def decode_text(content: bytes) -> str | None:
    """Read a text as UTF-8 or, as many Chinese files are, GB 18030."""
    for encoding in _TEXT_ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
