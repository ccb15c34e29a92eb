"""Start, await and stop services."""

from __future__ import annotations

from contextlib import suppress

from llmchat_deploy.apply.edge import open_requests
from llmchat_deploy.apply.records import release_folder
from llmchat_deploy.apply.run import Run
from llmchat_deploy.engine import compose
from llmchat_deploy.engine.base import Container
from llmchat_deploy.errors import DeployError, StepFailed, Unhealthy
from llmchat_deploy.plan.steps import StartService, Step, StopService, StopSlot, WaitHealthy, label
from llmchat_deploy.render.names import Names

LOG_LINES = 20
"""Last log lines of a service that doesn't get healthy."""
POLL_SECONDS = 0.3
STOP_TIMEOUT = 10
RESTARTS_MEAN_CRASHING = 3
KILLED = 137
"""Exit status of a process that was killed: 128 and the number of SIGKILL."""
HEALTH_TIMEOUT = 10.0
"""Seconds one answer of a health command may take; the images' own commands need less than one."""


def start(step: StartService, run: Run) -> None:
    """Start a service by Compose; what already runs as it should is left alone."""
    project = Names(step.project).compose_project(step.service.name, step.slot)
    file = run.host.state_path(f"{release_folder(step.release)}/{step.service.compose.path}")
    argv = compose.up(project, step.service.name, file)
    result = run.host.run(
        argv, env=compose.variables(step.slot), on_line=lambda line: run.progress(run.masked(line.strip()))
    )
    if result.status != 0:
        run.require_engine()
        after = "Mend" if step.way_back else "What ran before still runs; mend"
        lines = tuple(run.masked(result.stderr).strip().splitlines()[-LOG_LINES:])
        raise StepFailed(
            f"{label(step.service.name, step.slot)} can't be started (exit status {result.status}).",
            hint=f"The lines above are Docker's own. {after} and run up again.",
            details=lines,
        )


def wait_healthy(step: WaitHealthy, run: Run) -> None:
    """Wait for a container's own health command to succeed.

    The command is run here and now instead of waiting for Docker's next round; a container that crashes again and
    again fails at once, for Docker calls it "running" between two crashes.
    """
    name = Names(step.project).container(step.service, step.slot)
    deadline = run.host.monotonic() + step.timeout
    before = run.engine.inspect(name)
    # One that is new may have ended again and again while another was waited for.
    restarts = before.restarts if before and name not in step.undo else 0
    why, status, out_of_memory = "it never started", 0, False
    while run.host.monotonic() < deadline:
        container = run.engine.inspect(name)
        if container is None:
            why = "its container is gone"
            break
        if container.state != "running":
            status = container.exit_code or status  # of one that runs again Docker says 0
        out_of_memory = out_of_memory or container.out_of_memory
        answer = _ask(container, run, min(HEALTH_TIMEOUT, max(1.0, deadline - run.host.monotonic())))
        if answer is None:
            return
        if container.restarts - restarts >= RESTARTS_MEAN_CRASHING or container.state in ("exited", "dead"):
            status = container.exit_code or status
            why = f"it ends again and again (exit status {status})"
            break
        why = answer
        run.progress(answer)
        run.host.sleep(POLL_SECONDS)
    else:
        why = f"{why} (after {step.timeout} s)"
    raise _unhealthy(step, name, why, _cause(step.service, status, run, out_of_memory=out_of_memory), run)


def _cause(service: str, status: int, run: Run, *, out_of_memory: bool) -> str:
    """Return what is to be changed where a service doesn't get healthy."""
    setting = f"{service}_memory"
    limit = f"resources.{setting} ({getattr(run.environment.resources, setting)})"
    if out_of_memory:
        return f"It was killed at its memory limit: raise {limit}."
    if status == KILLED:
        return f"Exit status {KILLED} says that it was killed, as the kernel does for want of memory: see {limit}."
    return "A slow start can be given more time: health.start_timeout."


def _ask(container: Container, run: Run, timeout: float) -> str | None:
    """Return None where the container is healthy, else why it isn't."""
    if container.state != "running":
        return f"its container is {container.state}"
    command = container.health_command
    if not command:
        return None
    argv = ("/bin/sh", "-c", command[1]) if command[0] == "CMD-SHELL" else command[1:]
    result = run.engine.exec(container.name, argv, timeout=timeout)
    if result.status == 0:
        return None
    said = (result.stdout + result.stderr).strip()
    return run.masked(said.splitlines()[-1]) if said else "not ready yet"


def _unhealthy(step: WaitHealthy, name: str, why: str, cause: str, run: Run) -> Unhealthy:
    lines = tuple(run.masked(run.engine.logs(name, tail=LOG_LINES)).splitlines())
    if name in step.undo:
        after = f"It was removed; {label(step.service, step.still_serving)} goes on serving."
    else:
        after = "It is left as it is, for a look: nothing else serves in its place."
    return Unhealthy(
        f"{label(step.service, step.slot)} doesn't get healthy: {why}. {after}",
        hint=f"The lines above are the last of its log. {cause}" if lines else cause,
        details=lines,
    )


def stop_slot(step: StopSlot, run: Run) -> None:
    """Wait until a slot has finished its open answers, then remove it, or only stop it.

    What nobody listens to any more the edge doesn't see: the service finishes that when it is told to end.
    """
    timeout = max(round(await_answers(step, run)), 1)
    name = Names(step.project).container(step.service, step.slot)
    if step.keep:
        run.engine.stop(name, timeout=timeout)
    else:
        run.engine.remove_container(name, timeout=timeout)


def await_answers(step: StopSlot, run: Run) -> float:
    """Wait until a slot has no open answers, or its time is over; return how much of that is left, in seconds."""
    deadline = run.host.monotonic() + step.drain
    while (left := deadline - run.host.monotonic()) > 0 and (count := open_requests(step, run)):
        answers = "1 answer is" if count == 1 else f"{count} answers are"
        run.progress(f"{answers} still open; at most {left:.0f} s more")
        run.host.sleep(POLL_SECONDS)
    return max(left, 0.0)


def undo(step: Step, run: Run) -> None:
    """Remove what a failed step leaves behind, as far as the engine can: containers that nobody was sent to yet."""
    for name in step.undo:
        with suppress(DeployError):
            run.engine.remove_container(name, timeout=STOP_TIMEOUT)


def stop(step: StopService, run: Run) -> None:
    """Remove a service that has no slots."""
    run.engine.remove_container(Names(step.project).container(step.service, None), timeout=STOP_TIMEOUT)
