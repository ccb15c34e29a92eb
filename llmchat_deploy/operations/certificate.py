"""The certificate that the edge serves: what stands in it, until when it is good, and who signed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.authority import authority_certificate, observe_tls
from llmchat_deploy.apply.backend import last_json
from llmchat_deploy.apply.observe import read_edge
from llmchat_deploy.config.certificate import WARN_BEFORE, Certificate
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine, EngineReader
from llmchat_deploy.errors import RefusedError, StepFailed
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.operations.check import Check
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.plan.observed import ObservedTls
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.render.names import Names
from llmchat_deploy.secret import mask

RENEW = ("python3", "/opt/llmchat/llmchat_acme.py", "renew")
RENEW_TIMEOUT = 360.0
"""Seconds: more than the container gives certbot."""


@dataclass(frozen=True, slots=True)
class CertificateState:
    """What is known of the certificate; times are ISO 8601 in UTC, None where the edge has none."""

    mode: str
    names: tuple[str, ...] = ()
    issuer: str = ""
    not_before: str | None = None
    not_after: str | None = None
    days_left: int | None = None
    fingerprint: str = ""
    problem: str = ""
    """What is wrong or soon will be; empty where all is well."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CertificateData:
    """What ``cert show`` tells."""

    environment: str
    certificate: CertificateState


@dataclass(frozen=True, slots=True)
class AuthorityData:
    """The certificate (PEM) of the tool's own authority, to be installed in browsers."""

    environment: str
    authority: str


def show(environment: Environment, host: HostReader, engine: EngineReader) -> Outcome[CertificateData]:
    """Return what the edge serves; raises RefusedError without HTTPS."""
    if not environment.has_tls:
        raise _off(environment)
    edge = read_edge(Names(environment.project), engine)
    state = state_of(environment, observe_tls(environment, host, edge))
    return Outcome(
        "cert show", CertificateData(environment.name, state), warnings=(state.problem,) * bool(state.problem)
    )


def renew(environment: Environment, host: Host, engine: Engine) -> Outcome[CertificateData]:
    """Have the authority issue a certificate at once; raises RefusedError without ACME, StepFailed where it failed."""
    if environment.tls.mode != "acme":
        raise RefusedError(
            f"The environment '{environment.name}' gets no certificate from an ACME authority.",
            hint=f"llmchat-deploy up --env {environment.name} gives the edge the one it should have.",
        )
    plan = Plan(environment=environment.name, project=environment.project)
    with host.lock("cert renew"), audited(host, engine, "cert renew", plan):
        name = Names(environment.project).container("acme", None)
        told = last_json(engine.exec(name, RENEW, timeout=RENEW_TIMEOUT)) or {"error": "its container doesn't answer"}
        if not told.get("ok"):
            raise StepFailed(
                f"The certificate wasn't renewed: {mask(str(told.get('error')), environment.secrets)}",
                hint=f"The edge keeps the one it has. llmchat-deploy logs acme --env {environment.name} --tail 50",
            )
    shown = show(environment, host, engine)
    return Outcome("cert renew", shown.data, warnings=shown.warnings)


def authority(environment: Environment, host: HostReader) -> Outcome[AuthorityData]:
    """Return the certificate of the tool's authority; raises RefusedError where none was made."""
    text = authority_certificate(host)
    if not text:
        raise RefusedError(
            f"The environment '{environment.name}' has no authority of its own.",
            hint=f'Set tls.mode = "internal" in the profile, then: llmchat-deploy up --env {environment.name}',
        )
    return Outcome("cert ca", AuthorityData(environment.name, text))


def certificate_checks(environment: Environment, observed: ObservedTls) -> list[Check]:
    """Return how the certificate does, for ``health``; nothing without HTTPS."""
    if not environment.has_tls:
        return []
    state = state_of(environment, observed)
    if not state.problem:
        return [Check("certificate", "ok", f"good until {(state.not_after or '')[:10]}, by {state.issuer}")]
    works = state.days_left is not None and state.days_left >= 0
    return [Check("certificate", "warning" if works else "failed", state.problem, state.hint)]


def state_of(environment: Environment, observed: ObservedTls) -> CertificateState:
    """Return what is known of the certificate and what is wrong with it."""
    found, now = observed.certificate, observed.now or datetime.now(UTC)
    up = f"llmchat-deploy up --env {environment.name}"
    if found is None:
        return CertificateState(environment.tls.mode, problem="The edge has no certificate.", hint=up)
    problem = _problem(environment, found, now) or _acme_problem(environment, observed)
    hints = {
        "internal": up,
        "acme": f"It is tried again by itself; at once: llmchat-deploy cert renew --env {environment.name}",
        "own": f"Renew it, then: {up}",
    }
    hint = hints.get(environment.tls.mode, "") if problem else ""
    return CertificateState(
        mode=environment.tls.mode,
        names=found.names,
        issuer=found.issuer,
        not_before=found.not_before.isoformat(),
        not_after=found.not_after.isoformat(),
        days_left=(found.not_after - now).days,
        fingerprint=found.fingerprint,
        problem=problem,
        hint=hint,
    )


def _problem(environment: Environment, found: Certificate, now: datetime) -> str:
    day = f"{found.not_after:%Y-%m-%d}"
    if now >= found.not_after:
        return f"The certificate ended on {day}: browsers refuse it."
    if missing := [name for name in environment.names[:1] if not found.covers(name)]:
        return f"The certificate is for {', '.join(found.names)}, not for {missing[0]}: browsers warn."
    return f"The certificate ends on {day}." if found.not_after - now <= WARN_BEFORE else ""


def _acme_problem(environment: Environment, observed: ObservedTls) -> str:
    """Say that the real certificate is still to come, or that asking for the next one failed, and why."""
    if environment.tls.mode != "acme" or observed.certificate is None:
        return ""
    status = observed.acme
    failed = f" The last try failed: {status.error}" if status and not status.ok else ""
    if observed.authority and observed.certificate.issuer_fingerprint == observed.authority:
        return f"The authority hasn't issued the certificate yet.{failed}"
    return failed.strip()


def _off(environment: Environment) -> RefusedError:
    return RefusedError(
        f"The environment '{environment.name}' has no HTTPS.",
        hint='Set tls.mode in the profile to "acme", "own" or "internal": docs/how-to/https.md',
    )
