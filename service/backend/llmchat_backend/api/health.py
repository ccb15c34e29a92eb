"""Is the process alive, and can it serve."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from llmchat_backend import __version__
from llmchat_backend.api.dependencies import BareServicesDep
from llmchat_backend.api.event_stream import event_stream
from llmchat_backend.api.schemas import Problem, VersionOut
from llmchat_backend.chat import sse
from llmchat_backend.db.revision import HEAD, SchemaState, read_revision, read_state
from llmchat_backend.errors import ApiError

router = APIRouter(tags=["health"])

OK = "ok"
_MIN_FREE_BYTES = 64 * 1024 * 1024
_PROBE_EVENTS = 5
_PROBE_GAP = 0.15  # seconds
_PROBE = "Five events `probe` within 0.6 s; `ms` says when each was sent, counted from the first."


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Answer while the event loop turns."""
    return {"status": OK}


@router.get("/health/ready")
async def ready(services: BareServicesDep) -> JSONResponse:
    """Answer 200 when requests can be served, else 503 with what is wrong."""
    try:
        checks = await services.database.read(_check, services.settings.data_dir)
    except SQLAlchemyError as error:
        checks = {
            "database": f"can't be read ({type(error).__name__})",
            "migrations": "unknown",
            "disk": "unknown",
        }
    checks["secrets"] = OK  # without them the process would not have started
    failed = any(result != OK for result in checks.values())
    return JSONResponse(
        {"status": "unavailable" if failed else OK, "checks": checks}, status_code=503 if failed else 200
    )


@router.get(
    "/health/stream",
    response_class=StreamingResponse,
    responses={200: {"description": _PROBE, "content": {"text/event-stream": {}}}, 429: {"model": Problem}},
)
async def stream(services: BareServicesDep) -> StreamingResponse:
    """Send a few events as an answer's are sent: by when they arrive one knows whether something in between waits."""
    if services.stream_probes.locked():
        raise ApiError(429, "busy", "Too many look at that just now.", headers={"Retry-After": "1"})
    return event_stream(_probe(services.stream_probes))


@router.get("/api/version")
async def version(services: BareServicesDep) -> VersionOut:
    """Tell what runs here."""
    return VersionOut(version=__version__, release=services.settings.release, instance=services.settings.instance)


async def _probe(turns: asyncio.Semaphore) -> AsyncGenerator[bytes]:
    async with turns:
        began = time.monotonic()
        for number in range(_PROBE_EVENTS):
            if number:
                await asyncio.sleep(_PROBE_GAP)
            yield sse.encode("probe", {"ms": round((time.monotonic() - began) * 1000, 1)})


def _check(session: Session, data_dir: Path) -> dict[str, str]:
    session.execute(text("SELECT 1"))
    return {"database": OK, "migrations": _migrations(session), "disk": _disk(data_dir)}


def _migrations(session: Session) -> str:
    state, revision = read_state(session), read_revision(session)
    if state is SchemaState.BEHIND:
        return f"the database is at revision {revision or 'none'}, this release needs {HEAD}: run `migrate`"
    if state is SchemaState.BEYOND:
        return f"the database is at revision {revision}, which this release can't use: it knows {HEAD}"
    return OK


def _disk(folder: Path) -> str:
    if not os.access(folder, os.W_OK):
        return "the data folder can't be written"
    return OK if shutil.disk_usage(folder).free >= _MIN_FREE_BYTES else "the disk is full"
