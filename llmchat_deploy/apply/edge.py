"""Configure and switch the edge: durably first, then in the running process.

In between, the file is marked as not loaded (``render.loaded``), so that the next plan finishes what a cut run began.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable
from dataclasses import replace

from llmchat_deploy.apply.maintenance import forget_page, note_page
from llmchat_deploy.apply.observe import active_slots
from llmchat_deploy.apply.run import Run
from llmchat_deploy.errors import DeployError, StepFailed, Unhealthy
from llmchat_deploy.plan.steps import CheckEdge, ConfigureEdge, StopSlot, SwitchSlots
from llmchat_deploy.render.edge import EDGE_FOLDER
from llmchat_deploy.render.loaded import not_loaded
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.release import Slot, Slots
from llmchat_deploy.render.slots import SLOTS_FILE, parse_slots

ADMIN_SOCKET = "UNIX-CONNECT:/run/haproxy/admin.sock"
CANDIDATE = "candidate-"
"""Begins the name of a file that HAProxy has still to accept; the edge never reads it by itself."""
UNRESOLVED = 0x20
"""Bit of ``srv_admin_state``: no address known yet (HAProxy's management guide, "show servers state")."""
POLL_SECONDS = 0.2
LOAD_TIMEOUT = 15
"""Seconds for a reload, or for the address of a slot that has just started; both take about one."""
HTTP_OK = 200
UNHARMED = "; what served before still serves"
"""Ends the message of a failure that changed nothing for anybody."""


def configure(step: ConfigureEdge, run: Run) -> None:
    """Let HAProxy check the configuration, write it and load it; open answers end in the old worker."""
    name = Names(step.project).container("edge", None)
    if not _runs(name, run):
        run.engine.put_files(step.volume, step.image, "edge", step.files)
        return
    candidates = tuple(replace(file, path=f"{CANDIDATE}{file.path}") for file in step.files)
    run.engine.put_files(step.volume, step.image, "edge", candidates)
    names = (*(file.path for file in candidates), SLOTS_FILE)
    check = run.engine.exec(name, ("haproxy", "-c", *(word for file in names for word in ("-f", _inside(file)))))
    if check.status != 0:
        raise StepFailed(
            "HAProxy refuses the new configuration of the edge; the old one stays, on its volume too.",
            hint="A template of your own in templates/ may be at fault.",
            details=tuple((check.stdout + check.stderr).splitlines()[-10:]),
        )
    run.engine.put_files(step.volume, step.image, "edge", tuple(not_loaded(file) for file in step.files))
    _reload(name, run)
    run.engine.put_files(step.volume, step.image, "edge", step.files)


def switch(step: SwitchSlots, run: Run) -> None:
    """Send requests to other slots: first in the file a restarted edge reads, then in the running edge."""
    name = Names(step.project).container("edge", None)
    if step.slots.maintenance:
        note_page(run.host, stands=active_slots(Names(step.project), run.engine).maintenance)
    if _runs(name, run):
        run.engine.put_files(step.volume, step.image, "edge", (not_loaded(step.file),))
        ready, drain = switch_commands(step.slots)
        try:
            _command(name, ready, run)
            after = "" if step.way_back else UNHARMED
            missing = "The slot that is to serve is not found by its name"
            _wait(lambda: _resolved(name, step.slots, run), run, missing, after)
            _command(name, drain, run)
        except StepFailed:
            with contextlib.suppress(DeployError):
                _switch_back(step, name, run)
            raise
    if not step.slots.maintenance:
        forget_page(run.host)  # before the file is whole: a cut run is known by that, and does this again
    run.engine.put_files(step.volume, step.image, "edge", (step.file,))


def _switch_back(step: SwitchSlots, name: str, run: Run) -> None:
    """Let those slots serve alone that served before, in the file too; what fails here, the next run finishes."""
    if step.before is None:
        return
    run.engine.put_files(step.volume, step.image, "edge", (not_loaded(step.before),))
    before = parse_slots(str(step.before.content))
    for commands in switch_commands(before):
        _command(name, commands, run)
    if not before.maintenance:
        forget_page(run.host)
    run.engine.put_files(step.volume, step.image, "edge", (step.before,))


def _runs(name: str, run: Run) -> bool:
    container = run.engine.inspect(name)
    return container is not None and container.state == "running"


def _inside(file: str) -> str:
    return f"{EDGE_FOLDER}/{file}"


def _reload(name: str, run: Run) -> None:
    """Let the edge load its files, and wait until a new worker answers: the old one would take commands in vain."""
    before = _worker(name, run)
    run.engine.signal(name, "SIGUSR2")
    if before:
        _wait(lambda: _worker(name, run) not in ("", before), run, "The edge doesn't load its new configuration")


def _worker(name: str, run: Run) -> str:
    """Return the process id of the worker that answers at the admin socket."""
    said = run.engine.exec(name, ("socat", "-", ADMIN_SOCKET), stdin=b"show info\n").stdout
    return next((line.removeprefix("Pid:").strip() for line in said.splitlines() if line.startswith("Pid:")), "")


def open_requests(step: StopSlot, run: Run) -> int:
    """Return how many requests a slot is answering; 0 where the edge can't tell."""
    name = Names(step.project).container("edge", None)
    if not _runs(name, run):
        return 0
    said = run.engine.exec(name, ("socat", "-", ADMIN_SOCKET), stdin=b"show stat\n").stdout.removeprefix("# ")
    rows = csv.DictReader(said.splitlines())
    of_slot = (row for row in rows if (row.get("pxname"), row.get("svname")) == (step.service, str(step.slot)))
    return int(next(of_slot, {}).get("scur") or "0")


def _resolved(name: str, slots: Slots, run: Run) -> bool:
    """Whether the edge knows an address for each slot that is to serve; without one a request would fail."""
    said = run.engine.exec(name, ("socat", "-", ADMIN_SOCKET), stdin=b"show servers state\n").stdout
    rows = (line.split() for line in said.splitlines() if line[:1].isdigit())
    states = {(row[1], row[3]): int(row[6]) for row in rows if len(row) > 6}  # noqa: PLR2004 - columns of that command
    return not any(states.get((service, str(slots.of(service))), 0) & UNRESOLVED for service in SLOTTED)


def _wait(done: Callable[[], bool], run: Run, otherwise: str, after: str = UNHARMED) -> None:
    deadline = run.host.monotonic() + LOAD_TIMEOUT
    while not done():
        if run.host.monotonic() >= deadline:
            raise StepFailed(
                f"{otherwise} within {LOAD_TIMEOUT} s{after}.",
                hint="llmchat-deploy logs edge shows why; then run up again.",
            )
        run.host.sleep(POLL_SECONDS)


def _command(name: str, commands: str, run: Run) -> None:
    answer = run.engine.exec(name, ("socat", "-", ADMIN_SOCKET), stdin=commands.encode())
    if answer.status != 0 or answer.stdout.strip():
        raise StepFailed(
            "The edge didn't take the switch.",
            hint="Run up again.",
            details=tuple((answer.stdout + answer.stderr).strip().splitlines()),
        )


def switch_commands(slots: Slots) -> tuple[str, str]:
    """Return the commands for HAProxy's admin socket that ready the slots that are to serve, and drain the others."""
    states = {True: "ready", False: "drain"}
    lines = {
        chosen: [
            f"set server {service}/{slot} state {states[chosen]}"
            for service in SLOTTED
            for slot in Slot
            if (slot is slots.served_by(service)) is chosen
        ]
        for chosen in states
    }
    return ";".join(lines[True]) + "\n", ";".join(lines[False]) + "\n"


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
