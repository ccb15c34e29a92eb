"""Is it well? Each part by itself, then the whole way a browser takes, then the models."""

from __future__ import annotations

import json
from dataclasses import dataclass

from llmchat_deploy.apply.backend import PROBE_TIMEOUT, PROGRAM
from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.apply.other_address import look_around
from llmchat_deploy.apply.records import read_release
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import EXEC_TIMEOUT, Container, Engine
from llmchat_deploy.errors import ExitCode
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup_state import LOW_SPACE, backup_checks
from llmchat_deploy.operations.certificate import certificate_checks
from llmchat_deploy.operations.check import Check
from llmchat_deploy.operations.maintenance import maintenance_checks, maintenance_of
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.services import is_active
from llmchat_deploy.operations.streaming import streaming_checks
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.reach import local_urls, published_urls
from llmchat_deploy.secret import mask

HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class HealthData:
    """All checks; ``ok`` where none failed. A model server that is down is a warning: the service itself is up."""

    environment: str
    ok: bool
    checks: tuple[Check, ...]


def health(environment: Environment, host: HostReader, engine: Engine) -> Outcome[HealthData]:
    """Look at every part; the outcome's exit code is 9 where a check failed."""
    observed = observe_running(environment, host, engine)
    urls = _urls(environment, host, observed)
    checks = [
        *maintenance_checks(maintenance_of(environment, host, observed.slots)),
        *_services(environment, observed),
        *_addresses(environment, host, observed, urls),
        *(streaming_checks(environment, host, urls[-1]) if urls else []),
        *certificate_checks(environment, observed.tls),
        *_models(environment, host, engine, observed),
        *backup_checks(environment, host),
        _disk(engine, host),
    ]
    ok = all(check.level != "failed" for check in checks)
    data = HealthData(environment.name, ok, tuple(checks))
    return Outcome("health", data, exit_code=ExitCode.OK if ok else ExitCode.UNHEALTHY)


def _services(environment: Environment, observed: ObservedState) -> list[Check]:
    wanted = ["edge", "backend", "frontend"]
    wanted += [*(["model"] if environment.models.bundled else []), *(["backup"] if environment.backup.schedule else [])]
    wanted += ["acme"] if environment.tls.mode == "acme" else []
    return [_service(name, environment, observed) for name in wanted]


def _service(name: str, environment: Environment, observed: ObservedState) -> Check:
    serving = _serving(name, observed)
    if serving is None:
        return Check(name, "failed", "is not there", f"llmchat-deploy up --env {environment.name}")
    if serving.runs:
        return Check(name, "ok", serving.health or serving.state)
    stands_aside = name == "backend" and observed.slots.maintenance  # what to do stands at the page
    hint = "" if stands_aside else f"llmchat-deploy logs {name} --env {environment.name} --tail 50"
    return Check(name, "failed", serving.health if serving.state == "running" else serving.state, hint)


def _serving(name: str, observed: ObservedState) -> Container | None:
    found = (item for item in observed.containers if item.service == name and is_active(item, observed.slots))
    return next(found, None)


def _urls(environment: Environment, host: HostReader, observed: ObservedState) -> tuple[str, ...]:
    """Return where page and API are asked: as the edge that runs was started, where that is known."""
    edge, recorded = _serving("edge", observed), observed.recorded
    if edge is None:
        return ()
    kept = read_release(host, recorded.release) if recorded else None
    stored = kept.service("edge") if kept else None
    published = published_urls(stored.compose) if stored and stored.digest == edge.digest else ()
    return published or local_urls(environment)


def _addresses(
    environment: Environment, host: HostReader, observed: ObservedState, urls: tuple[str, ...]
) -> list[Check]:
    checks = []
    for name, url in zip(("page", "api"), urls, strict=False):
        status = host.get(url, timeout=10.0)
        if status == HTTP_OK:
            checks.append(Check(name, "ok", f"{url} answers"))
        else:
            said = f"answers {status}" if status else "doesn't answer"
            closed = observed.slots.maintenance
            hint = "" if closed else f"llmchat-deploy logs edge --env {environment.name} --tail 50"
            checks.append(Check(name, "failed", f"{url} {said}", hint))
    return checks


def _models(environment: Environment, host: HostReader, engine: Engine, observed: ObservedState) -> list[Check]:
    backend = _serving("backend", observed)
    if backend is None or backend.state != "running":
        return []
    count = 1 + len(environment.models.presets)
    argv = (PROGRAM, "probe", "--all", "--timeout", str(PROBE_TIMEOUT))
    result = engine.exec(backend.name, argv, timeout=count * PROBE_TIMEOUT + EXEC_TIMEOUT)
    checks = []
    for line in result.stdout.splitlines():
        try:
            answer = look_around(json.loads(mask(line, environment.secrets)), environment, host)
        except ValueError:
            continue
        name = f"model {answer.get('model', '')}"
        if answer.get("ok"):
            checks.append(Check(name, "ok", f"first token after {answer.get('first_token_ms', '?')} ms"))
        else:
            checks.append(Check(name, "warning", str(answer.get("detail", "")), str(answer.get("hint", ""))))
    return checks


def _disk(engine: Engine, host: HostReader) -> Check:
    root = engine.data_root()
    free = host.free_bytes(root)
    detail = f"{free / (1 << 30):.1f} GB free for Docker ({root})"
    if free < LOW_SPACE:
        return Check("disk", "failed", detail, "Free space: docker system df shows what uses it.")
    return Check("disk", "ok", detail)
