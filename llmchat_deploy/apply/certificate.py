"""Give the edge a certificate: written durably, then committed in the running process. No connection is cut."""

from __future__ import annotations

from dataclasses import replace

from llmchat_deploy.apply.authority import acme_status, read_or_make_authority
from llmchat_deploy.apply.edge import ADMIN_SOCKET
from llmchat_deploy.apply.run import Run
from llmchat_deploy.config.certificate import read_any
from llmchat_deploy.errors import StepFailed
from llmchat_deploy.plan.certificate import certificate_files
from llmchat_deploy.plan.steps import AwaitCertificate, InstallCertificate, IssueCertificate
from llmchat_deploy.render.edge import ACME_FILE, CHAIN_FILE, EDGE_FOLDER, PEM_FILE
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret

NEXT_FILE = "tls/next.pem"
"""Where the new one is written before it takes the place of the present one in one move."""
ACME_POLL = 2.0
AGAIN = "The edge serves with another certificate meanwhile; it is tried again by itself: llmchat-deploy cert show"
_INSIDE = f"{EDGE_FOLDER}/{PEM_FILE}"


def issue(step: IssueCertificate, run: Run) -> None:
    """Sign a certificate with the tool's authority and install it."""
    from llmchat_deploy.host.authority import sign  # noqa: PLC0415 - few runs make certificates

    pair = sign(read_or_make_authority(run.environment, run.host), step.names, run.host.now())
    pem, chain = certificate_files(pair.certificate, pair.key, run.environment.secret_key)
    volume, image, project = step.volume, step.image, step.project
    install(
        InstallCertificate(volume=volume, image=image, project=project, pem=pem, chain=chain, cause=step.cause), run
    )


def install(step: InstallCertificate, run: Run) -> None:
    """Write the certificate, commit it where the edge has one loaded, and note last that this was done."""
    name = Names(step.project).container("edge", None)
    container = run.engine.inspect(name)
    if container is None or container.state != "running":
        run.engine.put_files(step.volume, step.image, "edge", (step.pem, step.chain))
        return
    run.engine.put_files(step.volume, step.image, "edge", (replace(step.pem, path=NEXT_FILE),))
    for argv in (("mv", "-T", f"{EDGE_FOLDER}/{NEXT_FILE}", _INSIDE), ("sync", _INSIDE)):
        done = run.engine.exec(name, argv)
        if done.status != 0:
            raise _failed((done.stdout + done.stderr).splitlines())
    if _INSIDE in _say(name, "show ssl cert\n", run).split():
        _commit(name, step.pem, run)
    run.engine.put_files(step.volume, step.image, "edge", (step.chain,))


def _commit(name: str, pem: RenderedFile, run: Run) -> None:
    """Let new connections get the certificate (HAProxy's management guide, "set ssl cert" and "commit ssl cert")."""
    content = pem.content
    text = content.reveal() if isinstance(content, Secret) else content
    payload = "\n".join(line for line in text.splitlines() if line.strip())
    _say(name, f"abort ssl cert {_INSIDE}\n", run)  # of a run that was cut; there may be none
    said = _say(name, f"set ssl cert {_INSIDE} <<\n{payload}\n\n", run)
    if "ransaction" not in said:
        raise _failed(said.splitlines())
    said = _say(name, f"commit ssl cert {_INSIDE}\n", run)
    if "Success" not in said:
        raise _failed(said.splitlines())


def _say(name: str, command: str, run: Run) -> str:
    answer = run.engine.exec(name, ("socat", "-t", "5", "-", ADMIN_SOCKET), stdin=command.encode())
    return answer.stdout


def _failed(details: list[str]) -> StepFailed:
    return StepFailed(
        "The edge didn't take the certificate; the one before goes on being served.",
        hint="llmchat-deploy logs edge shows why; then run up again.",
        details=tuple(details[-10:]),
    )


def await_issue(step: AwaitCertificate, run: Run) -> None:
    """Wait until the container tells how asking the authority went; what failed is a warning, never an outage."""
    name = Names(step.project).container("edge", None)
    begun, deadline = run.host.now(), run.host.monotonic() + step.timeout
    while run.host.monotonic() < deadline:
        status = acme_status(run.engine.read_folder(name, EDGE_FOLDER).get(ACME_FILE))
        chain = read_any(run.engine.read_folder(name, EDGE_FOLDER).get(CHAIN_FILE, ""))
        if status and status.ok and chain and chain.covers(step.domain):
            return
        if status and not status.ok and status.at >= begun:
            run.findings.warnings.append(f"certificate_not_issued: {run.masked(status.error)} {AGAIN}")
            return
        run.host.sleep(ACME_POLL)
    run.findings.warnings.append(f"certificate_not_issued: no answer within {step.timeout} s. {AGAIN}")
