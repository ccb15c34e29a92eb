"""Everything a request may need, opened once: the composition root of the running service."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmchat_backend.auth.tokens import TokenSigner
from llmchat_backend.chat.answers import Answers
from llmchat_backend.chat.attachments import AttachmentFiles
from llmchat_backend.chat.catalogue import Catalogue, build_catalogue
from llmchat_backend.chat.model_health import ModelHealth
from llmchat_backend.chat.tidy import keep_tidy
from llmchat_backend.chat.titles import Titles
from llmchat_backend.chat.upstream import Upstream, open_upstream
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.db.gate import SchemaGate
from llmchat_backend.openai.completions import Completions
from llmchat_backend.search.index import keep_indexed
from llmchat_backend.search.turns import Turns
from llmchat_backend.usage import meter
from llmchat_backend.usage.meter import Meter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmchat_backend.secret_files import Secrets
    from llmchat_backend.settings import Settings
    from llmchat_backend.telemetry.metrics import Metrics

STREAM_PROBES = 8  # that are sent at once: anybody may ask for one
DRAIN_SECONDS = 600  # how long an update or a stop waits for answers under way


@dataclass(frozen=True, slots=True)
class Services:
    """What the routers work with."""

    settings: Settings
    catalogue: Catalogue
    signer: TokenSigner
    database: Database
    gate: SchemaGate
    files: AttachmentFiles
    upstream: Upstream
    answers: Answers
    completions: Completions
    metrics: Metrics
    health: ModelHealth
    searches: Turns = field(default_factory=Turns)
    stream_probes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STREAM_PROBES))


@asynccontextmanager
async def open_services(settings: Settings, secrets: Secrets, metrics: Metrics) -> AsyncIterator[Services]:
    """Open the database and the connection pool; on the way out let answers finish first."""
    catalogue = build_catalogue(settings, secrets)
    database = open_database(settings.database)
    gate = SchemaGate(database)
    files = AttachmentFiles(settings.attachments_dir)
    try:
        async with open_upstream(idle_timeout=settings.llm_idle_timeout_seconds, ca_file=secrets.ca_file) as upstream:
            limits = Meter(settings.limits)
            titles = Titles(database, upstream, enabled=settings.titles == "model")
            health = ModelHealth(catalogue, upstream, check_seconds=settings.llm_check_seconds)
            health.refresh()
            answers = Answers(
                database,
                upstream,
                catalogue,
                files,
                titles,
                meter=limits,
                metrics=metrics,
                health=health,
                instance=settings.instance,
            )
            completions = Completions(database, upstream, limits, metrics=metrics, health=health)
            metrics.watch(database, health, {"page": lambda: answers.running, "api": lambda: completions.running})

            def running() -> tuple[str, ...]:
                return (*answers.running, *completions.running)

            tasks = (
                asyncio.create_task(answers.keep_alive(gate), name="heartbeat"),
                asyncio.create_task(keep_tidy(database, gate, files), name="tidying"),
                asyncio.create_task(titles.work(), name="titles"),
                asyncio.create_task(keep_indexed(database, gate), name="indexing"),
                asyncio.create_task(meter.keep_alive(database, gate, running, completions.stop), name="meter"),
            )
            try:
                yield Services(
                    settings=settings,
                    catalogue=catalogue,
                    signer=TokenSigner(secrets.secret_key, secrets.previous_secret_key),
                    database=database,
                    gate=gate,
                    files=files,
                    upstream=upstream,
                    answers=answers,
                    completions=completions,
                    metrics=metrics,
                    health=health,
                )
                await answers.finish_all(DRAIN_SECONDS)
            finally:
                await health.close()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        database.close()
