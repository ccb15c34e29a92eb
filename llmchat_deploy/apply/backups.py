"""Make a backup, and fill a new volume from one: jobs in containers of the backend's image."""

from __future__ import annotations

from typing import Any

from llmchat_deploy import __version__
from llmchat_deploy.apply.archive_job import JobRunner
from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.apply.run import Run
from llmchat_deploy.config.dump import profile_text, secrets_text
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine import helper
from llmchat_deploy.engine.helper import Mount
from llmchat_deploy.errors import HostError
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.steps import BackUp, FillVolume
from llmchat_deploy.render.names import Names

DATABASE = "llmchat.db"
FOLDER_MODE = 0o2770
OWNER = int(helper.USER.partition(":")[0])


def backups_folder(environment: Environment, host: HostReader) -> str:
    """Return the absolute path of the folder with the backups of an environment."""
    return environment.backup.folder or host.state_path("backups")


def back_up(step: BackUp, run: Run) -> None:
    """Make a verified backup of a data volume while it is used."""
    folder = ready_folder(run.environment, run.host, step.image)
    scratch = Names(step.project).scratch_volume
    run.engine.create_volume(scratch, step.project, "scratch")
    mounts = (Mount(step.data_volume, "/app/db"), Mount(scratch, "/scratch"), Mount(folder, "/backups"))
    result = _jobs(step.image, run, "create", create_job(step, run), mounts)
    run.findings.backup = result["sidecar"]


def create_job(step: BackUp, run: Run) -> dict[str, Any]:
    """Return what the job is told; settings and secrets travel along only where the backup is encrypted."""
    environment = run.environment
    recipients = environment.backup.recipients.replace(",", " ").split()
    recorded = read_recorded(run.host)
    return {
        "project": step.project,
        "environment": environment.name,
        "kind": step.kind,
        "label": step.label,
        "compact": step.compact,
        "recipients": recipients,
        "release": {"release": recorded.release, "digest": recorded.digest} if recorded else None,
        "config": {f"{environment.name}.toml": profile_text(environment), "env": secrets_text(environment)}
        if recipients
        else None,
        "versions": {"tool": __version__, "image": step.image},
        "data": "/app/db",
        "database": DATABASE,
        "backups": "/backups",
        "scratch": "/scratch",
    }


def fill_volume(step: FillVolume, run: Run) -> None:
    """Restore a backup into a new volume and prove it there; nothing that is used is touched."""
    folder = ready_folder(run.environment, run.host, step.image)
    scratch = Names(run.environment.project).scratch_volume
    run.engine.create_volume(scratch, run.environment.project, "scratch")
    mounts = [Mount(step.volume, "/app/db"), Mount(scratch, "/scratch"), Mount(folder, "/backups")]
    if step.present:
        mounts.append(Mount(step.present, "/present"))
    job = {
        "file": f"/backups/{step.archive}",
        "identities": list(run.identities),
        "data": "/app/db",
        "database": DATABASE,
        "scratch": "/scratch",
        "present": "/present" if step.present else None,
    }
    verb = "import-guide" if step.accounts_only else "prepare"
    run.findings.restored = _jobs(step.image, run, verb, job, tuple(mounts))


def ready_folder(environment: Environment, host: Host, image: str) -> str:
    """Return the backups folder, made and given to the backend's user; this user's group may use it too."""
    folder = backups_folder(environment, host)
    host.make_folder(folder)
    wanted = (OWNER, host.group(), FOLDER_MODE)
    if host.folder_owner(folder) != wanted:
        done = host.run(helper.hand_over(image, folder, group=host.group()))
        if done.status != 0:
            raise HostError(
                f"The backups folder {folder} can't be given to the backend's user (id {OWNER}).",
                hint="A network file system may forbid it: backup.folder names another folder.",
                details=tuple(done.stderr.strip().splitlines()[-5:]),
            )
    return folder


def _jobs(image: str, run: Run, verb: str, job: dict[str, Any], mounts: tuple[Mount, ...]) -> dict[str, Any]:
    result, warnings = JobRunner(run.host, run.engine, image, run.masked).run(verb, job, mounts, run.progress)
    run.findings.warnings += warnings
    return result
