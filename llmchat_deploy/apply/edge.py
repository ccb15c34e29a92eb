"""Configure and switch the edge: durably first, then in the running process."""

from __future__ import annotations

from llmchat_deploy.apply.observe import EDGE_FOLDER
from llmchat_deploy.apply.run import Run
from llmchat_deploy.errors import StepFailed, Unhealthy
from llmchat_deploy.plan.steps import CheckEdge, ConfigureEdge, SwitchSlots
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.release import Slot, Slots

ADMIN_SOCKET = "UNIX-CONNECT:/run/haproxy/admin.sock"
POLL_SECONDS = 0.2
HTTP_OK = 200


def configure(step: ConfigureEdge, run: Run) -> None:
    """Write the configuration and let a running edge load it; its open answers end in the old process."""
    run.engine.put_files(step.volume, step.image, "edge", step.files)
    name = Names(step.project).container("edge", None)
    running = run.engine.inspect(name)
    if running is None or running.state != "running":
        return
    check = run.engine.exec(
        name, ("haproxy", "-c", "-f", f"{EDGE_FOLDER}/haproxy.cfg", "-f", f"{EDGE_FOLDER}/slots.cfg")
    )
    if check.status != 0:
        raise StepFailed(
            "HAProxy refuses the new configuration of the edge; the running one is kept.",
            hint="A template of your own in templates/ may be at fault.",
            details=tuple((check.stdout + check.stderr).splitlines()[-10:]),
        )
    run.engine.signal(name, "SIGUSR2")


def switch(step: SwitchSlots, run: Run) -> None:
    """Send requests to other slots: first in the file a restarted edge reads, then in the running edge."""
    run.engine.put_files(step.volume, step.image, "edge", (step.file,))
    name = Names(step.project).container("edge", None)
    running = run.engine.inspect(name)
    if running is None or running.state != "running":
        return
    answer = run.engine.exec(name, ("socat", "-", ADMIN_SOCKET), stdin=switch_commands(step.slots).encode())
    if answer.status != 0 or answer.stdout.strip():
        raise StepFailed(
            "The edge didn't take the switch.",
            hint="The switch is written: llmchat-deploy restart edge applies it.",
            details=tuple((answer.stdout + answer.stderr).strip().splitlines()),
        )


def switch_commands(slots: Slots) -> str:
    """Return the commands for HAProxy's admin socket: the new slots get ready before the old ones drain."""
    ready, drain = [], []
    for service in SLOTTED:
        active = slots.of(service)
        for slot in Slot:
            if slot is active:
                ready.append(f"set server {service}/{slot} state ready")
            else:
                drain.append(f"set server {service}/{slot} state drain")
    return ";".join([*ready, *drain]) + "\n"


def check(step: CheckEdge, run: Run) -> None:
    """Ask through the published ports until everything answers 200."""
    deadline = run.host.monotonic() + step.timeout
    waiting = list(step.urls)
    status = 0
    while waiting and run.host.monotonic() < deadline:
        status = run.host.get(waiting[0], timeout=5.0)
        if status == HTTP_OK:
            waiting.pop(0)
            continue
        run.progress(f"{waiting[0]} answers {status or 'nothing'} yet")
        run.host.sleep(POLL_SECONDS)
    if waiting:
        answered = f"answers {status}" if status else "doesn't answer"
        raise Unhealthy(
            f"{waiting[0]} {answered}, though every service is healthy by itself.",
            hint="llmchat-deploy logs edge shows what the edge says; llmchat-deploy health looks at each part.",
        )
