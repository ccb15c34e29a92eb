"""Carry out a plan, step by step. No decisions are taken here: they are all in the plan."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import assert_never

from llmchat_deploy.apply import (
    backend,
    backups,
    base_age,
    certificate,
    edge,
    generations,
    images,
    old_images,
    records,
    services,
)
from llmchat_deploy.apply.events import EventSink, StepEvent, StepStatus
from llmchat_deploy.apply.migrating import forget_begun
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine
from llmchat_deploy.errors import DeployError
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import (
    AwaitCertificate,
    BackUp,
    BuildImage,
    CheckEdge,
    ConfigureEdge,
    CreateNetwork,
    CreateVolume,
    Drill,
    EnsureAdmin,
    FillVolume,
    ForgetGeneration,
    ForgetRelease,
    InstallCertificate,
    IssueCertificate,
    MakeBase,
    Migrate,
    NoteBase,
    Offline,
    ProbeModel,
    PruneBackups,
    PruneCache,
    PullBase,
    ReadyBackups,
    RecordRelease,
    RemoveImage,
    RemoveNetwork,
    RemoveVolume,
    RestartContainer,
    SaveSecrets,
    SendCopies,
    StageGeneration,
    StartService,
    Step,
    StopService,
    StopSlot,
    StoreRelease,
    SwitchSlots,
    UseGeneration,
    VerifyBackups,
    WaitHealthy,
    WriteFiles,
)
from llmchat_deploy.secret import Secret


def execute(  # noqa: PLR0913 - the ports, the plan and the keys
    plan: Plan,
    environment: Environment,
    host: Host,
    engine: Engine,
    events: EventSink,
    *,
    identities: tuple[Secret, ...] = (),
    findings: Findings | None = None,
    since: int = 0,
    until: int | None = None,
) -> Findings:
    """Carry out every step in order and return what they found; the first failing step ends the run.

    ``findings`` is filled as they come, for a caller that must know them where a step fails; only the
    steps from index ``since`` to before ``until`` are carried out.
    """
    findings = findings or Findings()
    for index, step in enumerate(plan.steps[since:until], start=since + 1):
        tell = Teller(events, index, len(plan.steps), step.title, host)
        tell(StepStatus.STARTED)
        run = Run(environment, host, engine, findings, partial(tell, StepStatus.PROGRESS), identities)
        try:
            perform(step, run)
        except DeployError as error:
            tell(StepStatus.FAILED, error.message)
            services.undo(step, run)
            if step.way_back:
                error.add_way_back(step.way_back)
            raise
        tell(StepStatus.DONE)
    return findings


class Teller:
    """Tells what happens to one step, and how long it has been at it."""

    def __init__(self, events: EventSink, index: int, total: int, title: str, host: HostReader) -> None:
        self._events, self._index, self._total, self._title, self._host = events, index, total, title, host
        self._started = host.monotonic()

    def __call__(self, status: StepStatus, detail: str = "") -> None:
        """Tell how the step stands."""
        elapsed = self._host.monotonic() - self._started
        self._events(StepEvent(self._index, self._total, self._title, status, elapsed, detail))


def perform(step: Step, run: Run) -> None:  # noqa: C901, PLR0912, PLR0915 - one line for each member of a closed union
    """Carry out one step."""
    match step:
        case SaveSecrets():
            run.host.append_secrets(run.environment.name, {"SECRET_KEY": run.environment.secret_key})
        case PullBase():
            images.pull_base(step, run)
        case MakeBase():
            images.make_base(step, run)
        case BuildImage():
            images.build_image(step, run)
        case NoteBase():
            base_age.note_base(step, run)
        case RemoveImage():
            old_images.remove_image(step, run)
        case PruneCache():
            old_images.prune_cache(step, run)
        case StoreRelease():
            records.store_release(run.host, step)
        case CreateNetwork():
            run.engine.create_network(step.name, step.project)
        case CreateVolume():
            run.engine.create_volume(step.name, step.project, step.role)
        case WriteFiles():
            run.engine.put_files(step.volume, step.image, step.service, step.files)
        case Migrate():
            _migrate(step, run)
        case StartService():
            services.start(step, run)
        case WaitHealthy():
            services.wait_healthy(step, run)
        case ProbeModel():
            backend.probe_model(step, run)
        case ConfigureEdge():
            edge.configure(step, run)
        case InstallCertificate():
            certificate.install(step, run)
        case IssueCertificate():
            certificate.issue(step, run)
        case AwaitCertificate():
            certificate.await_issue(step, run)
        case SwitchSlots():
            edge.switch(step, run)
        case CheckEdge():
            edge.check(step, run)
        case StopSlot():
            services.stop_slot(step, run)
        case StopService():
            services.stop(step, run)
        case RestartContainer():
            run.engine.restart(step.name, timeout=step.drain)
        case EnsureAdmin():
            backend.ensure_admin(step, run)
        case RecordRelease():
            records.write_recorded(run.host, step, admin=run.findings.admin_password is None)
        case RemoveVolume():
            run.engine.remove_volume(step.name)
        case RemoveNetwork():
            run.engine.remove_network(step.name)
        case ForgetRelease():
            records.forget_recorded(run.host)
        case BackUp():
            backups.back_up(step, run)
        case PruneBackups():
            backups.prune(step, run)
        case ReadyBackups():
            backups.ready(step, run)
        case SendCopies():
            backups.send_copies(step, run)
        case VerifyBackups():
            backups.verify(step, run)
        case Drill():
            backups.drill(step, run)
        case StageGeneration():
            generations.stage(step, run.host)
        case FillVolume():
            backups.fill_volume(step, run)
        case UseGeneration():
            generations.use(step, run.host)
        case ForgetGeneration():
            generations.forget(run.host, step.generation)
        case _:
            assert_never(step)


def _migrate(step: Migrate, run: Run) -> None:
    """Migrate; what stood aside for it serves again where that fails, or where a person interrupts it."""
    if step.offline is None:
        backend.migrate(step, run)
        return
    try:
        for part in step.offline.first:
            run.progress(part.title)
            perform(part, run)
        run.progress("change the database")
        backend.migrate(step, run)
    except (DeployError, KeyboardInterrupt) as failed:
        said, way_back = _go_back(step.offline, step.data_volume, run)
        if isinstance(failed, DeployError):
            failed.hint = f"{failed.hint} {said}".strip()
            failed.add_way_back(way_back)
        else:
            failed.args = (f"{said} {way_back}".strip(),)  # what the command shows of an interrupt
        raise


def _go_back(offline: Offline, volume: str, run: Run) -> tuple[str, str]:
    """Let the release before serve again; say for the hint how that went, and what is left to do where it doesn't."""
    try:
        for part in offline.back:
            if isinstance(part, RestartContainer) and _runs(part.name, run):
                continue  # it was never stopped
            run.progress(part.title)
            perform(part, run)
    except DeployError as error:
        said = f"The maintenance page stays, because the release before doesn't serve again: {error.message}"
        return said, offline.way_back
    if not offline.back:
        return "", ""
    with suppress(DeployError):
        forget_begun(run.host, volume)
    return "The database is as it was, and the release before serves again.", ""


def _runs(name: str, run: Run) -> bool:
    container = run.engine.inspect(name)
    return container is not None and container.state == "running"
