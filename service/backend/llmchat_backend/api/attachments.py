"""Upload and fetch files."""

import asyncio

from fastapi import APIRouter, UploadFile
from fastapi.responses import FileResponse

from llmchat_backend.api.chat_schemas import AttachmentOut, attachment_out
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat import attachments
from llmchat_backend.chat.media import SAFE_IMAGES
from llmchat_backend.errors import ApiError

router = APIRouter(prefix="/api/attachments", tags=["attachments"])

_FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
}


@router.post("", status_code=201)
async def upload(file: UploadFile, caller: CallerDep, services: ServicesDep) -> AttachmentOut:
    """Keep a text or an image until a message takes it."""
    content = await file.read(attachments.MAX_BYTES + 1)
    if len(content) > attachments.MAX_BYTES:
        raise ApiError(413, "too_large", "A file must not be larger than 20 MB.")
    attachment = attachments.describe(caller.user_id, file.filename or "", file.content_type, content)
    await asyncio.to_thread(services.files.write, attachment.id, content)
    await services.database.write(attachments.add, attachment)
    return attachment_out(attachment)


@router.get("/{attachment_id}", response_class=FileResponse)
async def download(attachment_id: Id, caller: CallerDep, services: ServicesDep) -> FileResponse:
    """Return a file to its owner: images to be shown, everything else to be saved."""
    attachment = await services.database.read(attachments.find, caller.user_id, attachment_id)
    if attachment is None or not services.files.path(attachment.id).is_file():
        raise ApiError(404, "attachment_not_found", "This file doesn't exist.")
    return FileResponse(
        services.files.path(attachment.id),
        media_type=attachment.media_type,
        filename=attachment.filename,
        content_disposition_type="inline" if attachment.media_type in SAFE_IMAGES else "attachment",
        headers=_FILE_HEADERS,
    )
