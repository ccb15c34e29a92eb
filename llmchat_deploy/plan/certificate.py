"""Which certificate the edge gets, and when it is talked about."""

from __future__ import annotations

from llmchat_deploy.config.certificate import WARN_BEFORE, Certificate, read_any
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import CertificateEnded
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import InstallCertificate, IssueCertificate, Step
from llmchat_deploy.render.edge import CHAIN_FILE, PEM_FILE
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import RenderedFile, digest_of
from llmchat_deploy.secret import Secret

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""What a certificate of the tool's own authority is for besides: checks and tunnels come by these."""


def plan_certificate(environment: Environment, image: str, observed: ObservedState) -> list[Step]:
    """Give the edge the certificate it should have, unless it has it."""
    volume = Names(environment.project).edge_volume
    if environment.tls.mode == "own" and observed.edge.chain != environment.tls.chain:
        cause = "not there yet" if observed.edge.chain is None else "the profile names another one"
        pem, chain = certificate_files(environment.tls.chain, environment.tls.private_key, environment.secret_key)
        project = environment.project
        return [InstallCertificate(volume=volume, image=image, project=project, pem=pem, chain=chain, cause=cause)]
    if environment.tls.mode == "acme" and observed.tls.certificate is None:
        cause = "until the authority has issued the real one"
        names = environment.names
        return [IssueCertificate(volume=volume, image=image, project=environment.project, names=names, cause=cause)]
    if environment.tls.mode == "internal" and (cause := _why_issue(environment, observed)):
        names = tuple(dict.fromkeys((*environment.names, *LOOPBACK)))
        return [IssueCertificate(volume=volume, image=image, project=environment.project, names=names, cause=cause)]
    return []


def certificate_files(chain: str, key: Secret, digest_key: Secret) -> tuple[RenderedFile, RenderedFile]:
    """Return key and chain in one file, as HAProxy reads them, and the chain alone."""
    pem = Secret(f"{key.reveal().strip()}\n{chain.strip()}\n")
    secret = RenderedFile(PEM_FILE, pem, 0o400, pem.fingerprint(digest_key))
    return secret, RenderedFile(CHAIN_FILE, chain, 0o440, digest_of(chain))


def refuse_ended_certificate(environment: Environment, observed: ObservedState) -> None:
    """Raise CertificateEnded where the profile's own certificate isn't valid now: browsers would refuse it."""
    own, now = own_certificate(environment), observed.tls.now
    if own is None or now is None or own.not_before <= now < own.not_after:
        return
    said = f"ended on {own.not_after:%Y-%m-%d}" if own.not_after <= now else f"begins on {own.not_before:%Y-%m-%d}"
    raise CertificateEnded(
        f"The certificate {environment.tls.certificate} {said}; browsers would refuse it.",
        hint="Nothing was changed: the edge keeps what it has. Put a valid one there and run again.",
    )


def certificate_warnings(environment: Environment, observed: ObservedState) -> tuple[str, ...]:
    """Say that the profile's own certificate ends soon."""
    own, now = own_certificate(environment), observed.tls.now
    if own is None or now is None or own.not_after - now > WARN_BEFORE:
        return ()
    return (f"The certificate {environment.tls.certificate} ends on {own.not_after:%Y-%m-%d}: renew it, then run up.",)


def own_certificate(environment: Environment) -> Certificate | None:
    """Return the facts of the certificate that the profile names, where it names one."""
    return read_any(environment.tls.chain) if environment.tls.mode == "own" else None


def _why_issue(environment: Environment, observed: ObservedState) -> str:
    """Say why the tool's authority has to sign a new certificate; empty where it needn't."""
    present, now = observed.tls.certificate, observed.tls.now
    if present is None:
        return "not there yet"
    if not observed.tls.authority or present.issuer_fingerprint != observed.tls.authority:
        return "the one there is of another authority"
    if missing := [name for name in environment.names if not present.covers(name)]:
        return f"the one there isn't for {', '.join(missing)}"
    if now and now > present.not_before + (present.not_after - present.not_before) / 2:
        return f"half of its time is over; it ends on {present.not_after:%Y-%m-%d}"
    return ""
