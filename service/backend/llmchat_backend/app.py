"""The application: routers, errors, what stands around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from llmchat_backend import __version__
from llmchat_backend.api import (
    admin_audit,
    admin_invitations,
    admin_models,
    admin_users,
    attachments,
    auth,
    conversations,
    export,
    health,
    keys,
    messages,
    metrics,
    models,
    openai_api,
    questions,
    search,
    usage,
)
from llmchat_backend.api.access_log import AccessLog
from llmchat_backend.api.docs import add_docs
from llmchat_backend.api.limits import BodyLimit
from llmchat_backend.api.other_origins import OtherOrigins
from llmchat_backend.api.problems import add_handlers
from llmchat_backend.api.schemas import Problem
from llmchat_backend.api.short_way import ShortWay
from llmchat_backend.services import open_services
from llmchat_backend.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from llmchat_backend.secret_files import Secrets
    from llmchat_backend.settings import Settings

    Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


# Questions first: the routers are asked in this order, and each one that isn't meant takes its time.
_OPEN = (questions, messages, health, metrics, auth, models, conversations, attachments, search, export, usage, keys)
_ADMIN = (admin_users, admin_invitations, admin_models, admin_audit)


def create_app(settings: Settings, secrets: Secrets) -> FastAPI:
    """Return the application; it opens its services when it starts."""
    counted = Metrics(settings.instance, settings.release)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, secrets, counted) as services:
            app.state.services = services
            yield

    app = build_routes(lifespan)
    # The first one added is the innermost: the short way is within the limit, other origins and the log.
    app.add_middleware(ShortWay)
    app.add_middleware(BodyLimit)
    app.add_middleware(OtherOrigins, settings=settings)
    app.add_middleware(AccessLog, metrics=counted)
    return app


def build_routes(lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application's routes; without services they are good for the schema only."""
    app = FastAPI(
        title="LLM Chat",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        responses={"default": {"model": Problem, "description": "A refusal, or a failure of the service."}},
    )
    for module in (*_OPEN, *_ADMIN, openai_api):
        app.include_router(module.router)
    add_docs(app)
    add_handlers(app)
    return app
