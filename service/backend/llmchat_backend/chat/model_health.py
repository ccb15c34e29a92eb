"""Whether each model answers: seen from the answers people get, and from a small question to its server now and then.

That question, for the server's list of models, costs no tokens. It is put when somebody wants to know and the last one
is a while ago, all servers at once, and nobody waits for it. What an answer has shown counts more: a list proves that
the server is there and takes the key, not that the model speaks.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from llmchat_backend.chat.upstream_errors import UpstreamError, timed_out
from llmchat_backend.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmchat_backend.chat.catalogue import Catalogue, ModelEndpoint
    from llmchat_backend.chat.upstream import Upstream

State = Literal["ok", "failing", "unknown"]

CHECK_TIMEOUT_SECONDS = 5
RECENT = timedelta(minutes=5)
"""How long an answer, good or bad, says something about the next one."""

# What a connection shows counts at once, and so does that there is one again.
_CONNECTION = frozenset({"model_dns", "model_tls", "model_unreachable"})
_CLEARED_BY_A_LIST = _CONNECTION | {"model_cut_off", "model_wrong_key"}
_ABOUT_THE_MODEL = _CLEARED_BY_A_LIST | {
    "model_timeout",
    "model_misconfigured",
    "model_unknown",
    "model_wrong_path",
    "model_failed",
    "model_bad_answer",
}  # not a question it refused, nor that it was busy

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: a code of `upstream_errors`, its sentence, when last, and since when in a row."""

    code: str
    message: str
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one model."""

    answered_at: datetime | None = None
    answer_failure: Failure | None = None
    """Of the last answer; None after a good one."""
    listed_at: datetime | None = None
    checked_at: datetime | None = None
    check_failure: Failure | None = None
    """Of the last check; None after a good one."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a model is; with `failing`, why and since when."""

    state: State
    failure: Failure | None
    last_answer_at: datetime | None
    checked_at: datetime | None


def judge(seen: Evidence, now: datetime, check_every: timedelta) -> Health:
    """Say how a model is, by what was seen and how long ago."""
    answered = seen.answered_at is not None and now - seen.answered_at <= RECENT
    checked = seen.checked_at is not None and now - seen.checked_at <= 3 * check_every
    failure = _of_answers(seen, now)
    if checked and (found := _of_checks(seen, answered=answered)) is not None:
        failure = found
    if failure is not None:
        state: State = "failing"
    elif answered or (checked and seen.listed_at == seen.checked_at and _is_cleared(seen)):
        state = "ok"
    else:
        state = "unknown"
    return Health(state, failure, seen.answered_at, seen.checked_at)


def _of_answers(seen: Evidence, now: datetime) -> Failure | None:
    found = seen.answer_failure
    return None if found is None or now - found.at > RECENT or _is_cleared(seen) else found


def _of_checks(seen: Evidence, *, answered: bool) -> Failure | None:
    """Return what a check has found; a server that is busy answering, or shows its list to nobody, doesn't fail."""
    found = seen.check_failure
    if found is None or (seen.answered_at is not None and found.at <= seen.answered_at):
        return None
    return found if found.code in _CONNECTION or not answered else None


def _is_cleared(seen: Evidence) -> bool:
    """Tell whether no answer has failed since a list came that can't have come where the same still is wrong."""
    found, listed_at = seen.answer_failure, seen.listed_at
    return found is None or (found.code in _CLEARED_BY_A_LIST and listed_at is not None and found.at <= listed_at)


class ModelHealth:
    """What this process knows of the models' health; the other slot has its own view."""

    def __init__(
        self,
        catalogue: Catalogue,
        upstream: Upstream,
        *,
        check_seconds: float,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._endpoints = catalogue.endpoints
        self._upstream = upstream
        self._check_every = timedelta(seconds=check_seconds)
        self._now = now
        self._seen = {endpoint.id: Evidence() for endpoint in catalogue.endpoints}
        self._began_at: datetime | None = None
        self._checking: asyncio.Task[None] | None = None

    def answer_ended(self, model_id: str, outcome: str, error: UpstreamError | None) -> None:
        """Note how an answer ended: a complete one is good, some errors are the model's."""
        seen, now = self._seen[model_id], self._now()
        if outcome == "complete":
            self._seen[model_id] = replace(seen, answered_at=now, answer_failure=None)
        elif error is not None and error.code in _ABOUT_THE_MODEL:
            self._seen[model_id] = replace(seen, answer_failure=_failed(error, now, seen.answer_failure))

    def known(self) -> Mapping[str, Health]:
        """Return how all models are, as far as that is known."""
        now = self._now()
        return {model_id: judge(seen, now, self._check_every) for model_id, seen in self._seen.items()}

    def all(self) -> Mapping[str, Health]:
        """Return how all models are, and have them looked at if that is a while ago; never waits."""
        self.refresh()
        return self.known()

    def refresh(self) -> None:
        """Begin to look at all servers unless that is done or was done just now; returns at once."""
        now = self._now()
        recently = self._began_at is not None and now - self._began_at < self._check_every
        if recently or (self._checking is not None and not self._checking.done()):
            return
        self._began_at = now
        self._checking = asyncio.create_task(self._check_all(), name="models' health")

    async def close(self) -> None:
        """End a look that is under way."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.gather(self._checking, return_exceptions=True)

    async def _check_all(self) -> None:
        """Ask each server once, however many models it has."""
        servers: dict[tuple[str, str], list[ModelEndpoint]] = {}
        for endpoint in self._endpoints:
            if endpoint.list_url is not None:
                servers.setdefault((endpoint.list_url, endpoint.key.get_secret_value()), []).append(endpoint)
        await asyncio.gather(*map(self._check, servers.values()))

    async def _check(self, endpoints: Sequence[ModelEndpoint]) -> None:
        listed, error = False, None
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                listed = await self._upstream.lists_models(endpoints[0])
        except TimeoutError:
            error = timed_out()
        except UpstreamError as raised:
            error = raised
        except Exception:
            logger.exception("model not checked", extra={"model_id": endpoints[0].id})
            return
        now = self._now()
        for endpoint in endpoints:
            seen = self._seen[endpoint.id]
            self._seen[endpoint.id] = replace(
                seen,
                checked_at=now,
                listed_at=now if listed else seen.listed_at,
                check_failure=_failed(error, now, seen.check_failure) if error else None,
            )


def _failed(error: UpstreamError, now: datetime, before: Failure | None) -> Failure:
    return Failure(error.code, error.message, now, before.since if before else now)
