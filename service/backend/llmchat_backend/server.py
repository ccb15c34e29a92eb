"""Run the application with uvicorn until it is told to stop."""

from __future__ import annotations

import gc
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from llmchat_backend.app import create_app
from llmchat_backend.listen import UnixAddress, parse_listen
from llmchat_backend.log import configure_logging
from llmchat_backend.secret_files import load_secrets
from llmchat_backend.services import DRAIN_SECONDS
from llmchat_backend.settings import load_settings
from llmchat_backend.socket_file import listen_at

if TYPE_CHECKING:
    from fastapi import FastAPI

    from llmchat_backend.settings import Settings

logger = logging.getLogger(__name__)

# Longer than the edge keeps an idle connection: the side that sends the next request must be the one that closes.
_KEEP_ALIVE_SECONDS = 90

# Python's own, (700, 10, 10), look for cycles many times a second while answers stream; there are few to be found.
_GC_THRESHOLDS = (20_000, 20, 20)


def serve() -> None:
    """Serve until SIGTERM, then take no more requests and finish the streams; raises ConfigurationError."""
    settings = load_settings()
    configure_logging(settings.log_level)
    app = create_app(settings, load_secrets(settings.secrets_dir))
    address = parse_listen(settings.listen)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    # What is loaded by now stays: looking through it again and again for garbage would cost answers their time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    logger.info(
        "starting",
        extra={"instance": settings.instance, "release": settings.release, "listen": settings.listen},
    )
    if isinstance(address, UnixAddress):
        socket_file = listen_at(Path(address.path))
        try:
            uvicorn.Server(_config(app, settings)).run(sockets=[socket_file.listener])
        finally:
            socket_file.remove_if_ours()
    else:
        uvicorn.Server(_config(app, settings, host=address.host, port=address.port)).run()


def _leave(_number: int, _frame: object) -> NoReturn:
    """End the process as asked; uvicorn, once it has drained, raises the signal again for the handler it found."""
    raise SystemExit(0)


def _config(app: FastAPI, settings: Settings, *, host: str = "", port: int = 0) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        proxy_headers=False,  # `api.outside` reads them, and only behind the edge
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
