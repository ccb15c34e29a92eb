"""Tell others how backups go: a webhook in JSON, and the address of a dead man's switch.

Both addresses are secrets: who knows one can speak in our name. Neither is ever logged, nor part of a message.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import urllib3

Event = Literal["backup_succeeded", "backup_failed", "backup_too_old", "drill_failed", "drill_succeeded"]
Ping = Literal["start", "success", "fail"]

TRIES = 3
PAUSE = 2.0
"""Seconds before the second try; the third waits twice as long."""
CONNECT, READ = 5.0, 10.0
LONGEST_TEXT = 10_000
"""Bytes of a message that healthchecks keeps (https://healthchecks.io/docs/attaching_logs/)."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells a webhook and a dead man's switch; an empty address is nobody. Failures are returned, never raised."""

    project: str
    environment: str
    webhook: str = ""
    ping_url: str = ""
    timeout: urllib3.Timeout = field(default=urllib3.Timeout(connect=CONNECT, read=READ))
    sleep: Callable[[float], None] = time.sleep

    def tell(self, event: Event, message: str, **more: Any) -> str:
        """POST an event to the webhook; return why it could not be told, or nothing."""
        if not self.webhook:
            return ""
        told = {"event": event, "project": self.project, "environment": self.environment, "message": message, **more}
        body = json.dumps(told, ensure_ascii=False, default=str).encode()
        return self._post("webhook", self.webhook, body, "application/json")

    def ping(self, how: Ping, message: str = "") -> str:
        """Ask the dead man's switch, as healthchecks.io wants it; return why that failed, or nothing.

        The address itself means success, ``/start`` and ``/fail`` behind its path the other two
        (https://healthchecks.io/docs/http_api/).
        """
        if not self.ping_url:
            return ""
        parts = urlsplit(self.ping_url)
        ending = "" if how == "success" else f"/{how}"
        url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + ending))
        return self._post("ping address", url, message.encode()[:LONGEST_TEXT], "text/plain; charset=utf-8")

    def _post(self, whose: str, url: str, body: bytes, kind: str) -> str:
        why = ""
        with urllib3.PoolManager(timeout=self.timeout, retries=False) as pool:
            for attempt in range(TRIES):
                if attempt:
                    self.sleep(PAUSE * attempt)
                try:
                    answer = pool.request("POST", url, body=body, headers={"Content-Type": kind}, redirect=False)
                except (urllib3.exceptions.HTTPError, ValueError) as error:
                    why = f"the {whose} can't be reached ({type(error).__name__})"  # its text holds the address
                    continue
                if 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's success
                    return ""
                why = f"the {whose} answered {answer.status}"
                if answer.status < 500 and answer.status != 429:  # noqa: PLR2004 - it won't change its mind
                    break
        return why
