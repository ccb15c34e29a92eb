"""Commands that run inside the backend's image: migrations, the model probe, administrators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llmchat_deploy.apply.migrating import note_begin, note_end
from llmchat_deploy.apply.other_address import look_around
from llmchat_deploy.apply.records import note_schema
from llmchat_deploy.apply.run import ModelAnswer, Run
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import ArchiveFailed, RefusedError, StepFailed, Unhealthy
from llmchat_deploy.plan.steps import EnsureAdmin, Migrate, ProbeModel, label
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Slot

PROGRAM = "llmchat-backend"
PROBE_TIMEOUT = 30
"""Seconds a model may take for its first token while deploying."""


def migrate(step: Migrate, run: Run) -> None:
    """Bring the database to the schema of the image, in a container without network.

    Raises StepFailed, RefusedError where the image can't work with the database, and ArchiveFailed ``schema_newer``
    where this run restored data whose schema it doesn't know.
    """
    note_begin(step, run)
    result = run.engine.run_once(
        (PROGRAM, "migrate"),
        image=step.service.image.tag,
        volumes={step.data_volume: "/app/db"},
    )
    if result.status != 0:
        refusal = (last_json(result) or {}).get("error")
        if isinstance(refusal, dict):
            raise RefusedError(
                str(refusal.get("message", "The backend refuses to migrate the database.")),
                hint="Deploy the release whose schema it is, or bring the data from before back: rollback, restore.",
            )
        raise StepFailed(
            f"The database can't be migrated (exit status {result.status}).",
            hint="" if step.offline or step.way_back else "Nothing was switched: what ran before still runs.",
            details=tuple(run.masked(result.stdout + result.stderr).strip().splitlines()[-20:]),
        )
    told = last_json(result) or {}
    note_end(step, told, run)
    note_schema(run.host, step.data_volume, str(told.get("to") or ""))
    if run.findings.restored and told.get("to") != told.get("head"):
        raise ArchiveFailed(
            f"The backup's database has the schema {told.get('to')}, this release knows {told.get('head')}.",
            code="schema_newer",
            hint="Update llmchat-deploy, then restore.",
        )


def probe_model(step: ProbeModel, run: Run) -> None:
    """Ask the default model for a first token.

    A model server that doesn't answer the serving slot either is not the release's fault: that is a warning, unless
    the model is required.
    """
    answer = ask_model(step.project, step.slot, run)
    run.findings.model = answer
    if answer.ok:
        return
    sentence = f"The model '{answer.model}' doesn't answer: {answer.detail}"
    worse_than_before = step.beside is not None and ask_model(step.project, step.beside, run).ok
    if step.required or worse_than_before:
        after = " The new release was removed; the old one goes on serving." if step.undo else ""
        raise Unhealthy(f"{label('backend', step.slot)} can't chat. {sentence}{after}", hint=answer.hint)
    run.findings.warnings.append(f"model_unreachable: {sentence} {answer.hint}".strip())


def ask_model(project: str, slot: Slot, run: Run) -> ModelAnswer:
    """Run the backend's probe in one slot."""
    container = Names(project).container("backend", slot)
    result = run.engine.exec(container, (PROGRAM, "probe", "--timeout", str(PROBE_TIMEOUT)))
    data = last_json(result)
    if data is None:
        return ModelAnswer("", ok=False, reason="probe_failed", detail=run.masked(result.stderr.strip()[-300:]))
    data = look_around(data, run.environment, run.host)
    return ModelAnswer(
        model=str(data.get("model", "")),
        ok=bool(data.get("ok")),
        reason=str(data.get("reason", "")),
        detail=run.masked(str(data.get("detail", ""))),
        hint=run.masked(str(data.get("hint", ""))),
    )


def ensure_admin(step: EnsureAdmin, run: Run) -> None:
    """Create the first administrator; the password goes through standard input only."""
    password = run.host.new_password()
    container = Names(step.project).container("backend", step.slot)
    argv = (PROGRAM, "admin", "ensure", "--username", step.username, "--must-change", "--replace-unused")
    result = run.engine.exec(container, argv, stdin=password.reveal().encode())
    data = json_or_refuse(result, "The administrator can't be created.")
    if data.get("created") or data.get("replaced"):
        run.findings.admin_password = password
    else:
        run.findings.admin_exists = True


def json_or_refuse(result: ExecResult, message: str, hints: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON line a backend command printed; raises RefusedError with its own message where it refused.

    ``hints`` says for some of the backend's error codes what to do.
    """
    data = last_json(result)
    if result.status == 0 and data is not None:
        return data
    error = (data or {}).get("error", {})
    if error:
        raise RefusedError(str(error.get("message", message)), hint=(hints or {}).get(error.get("code", ""), ""))
    raise StepFailed(message, details=tuple(result.stderr.strip().splitlines()[-10:]))


def last_json(result: ExecResult) -> dict[str, Any] | None:
    """Return the last line of a command's output that is a JSON object."""
    for line in reversed(result.stdout.splitlines()):
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if isinstance(data, dict):
            return data
    return None
