"""Make a backup, and fill a new volume from one: jobs in containers of the backend's image."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from llmchat_deploy import __version__
from llmchat_deploy.apply.archive_job import JobRunner
from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.apply.run import Run
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine import helper
from llmchat_deploy.engine.helper import Mount
from llmchat_deploy.errors import ArchiveFailed, HostError
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.plan.steps import BackUp, Drill, FillVolume, PruneBackups, ReadyBackups, SendCopies, VerifyBackups
from llmchat_deploy.render.backup import DATABASE, backup_config, policy, remote_settings
from llmchat_deploy.render.names import Names

FOLDER_MODE = 0o2770
PRE_RESTORE = "pre-restore"
BROUGHT_MODE = 0o640
"""The job runs as another user, but belongs to this one's group."""
MAY_BE_THERE = (*helper.BACKUP_NAMES, ".brought-*", "lost+found")
"""What may be in a folder that becomes the backups' own: backups that were copied there, and a disk's own folder."""
OWNER = int(helper.USER.partition(":")[0])


def backups_folder(environment: Environment, host: HostReader) -> str:
    """Return the absolute path of the folder with the backups of an environment."""
    return environment.backup.folder or host.state_path("backups")


def back_up(step: BackUp, run: Run) -> None:
    """Make a verified backup of a data volume while it is used."""
    try:
        run.findings.backup = _create(step, run)
    except ArchiveFailed as error:
        if step.kind != PRE_RESTORE:
            raise
        # A restore is needed most where the present data is damaged. Its volume is kept as it is, whatever comes.
        run.findings.warnings.append(
            f"no_pre_restore_backup: The present data can't be backed up ({error.message}) Its volume"
            f" {step.data_volume} is kept: llmchat-deploy restore --undo goes back to it."
        )


def _create(step: BackUp, run: Run) -> dict[str, Any]:
    folder = ready_folder(run.environment, run.host, step.image)
    scratch = Names(step.project).scratch_volume
    run.engine.create_volume(scratch, step.project, "scratch")
    mounts = (Mount(step.data_volume, "/app/db"), Mount(scratch, "/scratch"), Mount(folder, "/backups"))
    sidecar: dict[str, Any] = _jobs(step.image, run, "create", create_job(step, run), mounts)["sidecar"]
    return sidecar


def create_job(step: BackUp, run: Run) -> dict[str, Any]:
    """Return what the job is told; settings and secrets travel along only where the backup is encrypted."""
    environment = run.environment
    recipients = list(environment.backup.keys)
    recorded = read_recorded(run.host)
    return {
        "project": step.project,
        "environment": environment.name,
        "kind": step.kind,
        "label": step.label,
        "compact": step.compact,
        "recipients": recipients,
        "release": {"release": recorded.release, "digest": recorded.digest} if recorded else None,
        "config": backup_config(environment),
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
    brought = f".brought-{step.project}"
    run.host.remove(f"{folder}/{brought}")  # what a killed run left there
    archive = step.archive
    if step.path:
        archive = f"{brought}/{step.archive}"
        run.host.make_folder(f"{folder}/{brought}")
        run.host.copy_file(step.path, f"{folder}/{archive}", mode=BROUGHT_MODE)
    mounts = [Mount(step.volume, "/app/db"), Mount(scratch, "/scratch"), Mount(folder, "/backups")]
    if step.present:
        mounts.append(Mount(step.present, "/present"))
    job = {
        "project": None if step.foreign else step.project,
        "file": f"/backups/{archive}",
        "identities": list(run.identities),
        "data": "/app/db",
        "database": DATABASE,
        "scratch": "/scratch",
        "present": "/present" if step.present else None,
    }
    verb = "import-guide" if step.accounts_only else "prepare"
    try:
        run.findings.restored = _jobs(step.image, run, verb, job, tuple(mounts))
    finally:
        if step.path:
            run.host.remove(f"{folder}/{brought}")


def send_copies(step: SendCopies, run: Run) -> None:
    """Send the backup of this run to every remote. One that fails is told, and takes nothing from the others."""
    made = run.findings.backup or {}
    remotes = run.environment.backup.remotes
    job = {
        "project": step.project,
        "ids": [made["id"]],
        "backups": "/backups",
        "remotes": {name: remote_settings(remote) for name, remote in remotes.items()},
    }
    mounts = (Mount(backups_folder(run.environment, run.host), "/backups"),)
    result = _jobs(step.image, run, "upload", job, mounts, network=True)
    run.findings.copies = result.get("backups", [{}])[0].get("remotes", {})


def verify(step: VerifyBackups, run: Run) -> None:
    """Read backups back, all where the step names none."""
    job = {"project": step.project, "ids": list(step.ids) or "all", "identities": list(run.identities)}
    folder = ready_folder(run.environment, run.host, step.image)
    result = _jobs(step.image, run, "verify", job | {"backups": "/backups"}, (Mount(folder, "/backups"),))
    run.findings.verified = result["backups"]


def drill(step: Drill, run: Run) -> None:
    """Restore a backup in a container of its own and start the service on it there."""
    folder = ready_folder(run.environment, run.host, step.image)
    scratch = Names(step.project).scratch_volume
    run.engine.create_volume(scratch, step.project, "scratch")
    job = {
        "project": step.project,
        "id": step.id,
        "identities": list(run.identities),
        "database": DATABASE,
        "backups": "/backups",
        "scratch": "/scratch",
    }
    mounts = (Mount(scratch, "/scratch"), Mount(folder, "/backups"))
    result = _jobs(step.image, run, "drill", job, mounts)
    run.findings.drill = {key: value for key, value in result.items() if key != "event"}


def prune(step: PruneBackups, run: Run) -> None:
    """Remove the backups that no rule keeps. A remote that fails is told, and takes nothing from the others."""
    folder = ready_folder(run.environment, run.host, step.image)
    backup = run.environment.backup
    job = {
        "project": step.project,
        "backups": "/backups",
        "policy": policy(backup),
        "timezone": step.timezone,
        "dry_run": False,
        "remotes_configured": bool(backup.remotes),
        "remotes": {name: remote_settings(remote) for name, remote in backup.remotes.items()},
    }
    mounts = (Mount(folder, "/backups"),)
    run.findings.pruned = _jobs(step.image, run, "prune", job, mounts, network=bool(backup.remotes))


def ready(step: ReadyBackups, run: Run) -> None:
    """Make folder and lock ready for a container that makes backups by itself."""
    ready_folder(run.environment, run.host, step.image)
    run.host.share_lock()


def ready_folder(environment: Environment, host: Host, image: str) -> str:
    """Return the backups folder, made and given to the backend's user; this user's group may use it too.

    Raises HostError where that can't be done, or mustn't: a folder that holds other things isn't taken from its owner.
    """
    folder = backups_folder(environment, host)
    host.make_folder(folder)
    wanted = (OWNER, host.group(), FOLDER_MODE)
    found = host.folder_owner(folder)
    if found != wanted:
        if found is not None and found[0] != OWNER:
            _refuse_used(folder, host)
        done = host.run(helper.hand_over(image, folder, group=host.group()))
        if done.status != 0:
            raise HostError(
                f"The backups folder {folder} can't be given to the backend's user (id {OWNER}).",
                hint="A network file system may forbid it: backup.folder names another folder.",
                details=tuple(done.stderr.strip().splitlines()[-5:]),
            )
    return folder


def _refuse_used(folder: str, host: HostReader) -> None:
    others = [name for name in host.folder_names(folder) if not any(fnmatch(name, each) for each in MAY_BE_THERE)]
    if others:
        raise HostError(
            f"{folder} isn't a folder for backups only: it holds {others[0]}. The backend's user becomes the owner of"
            " the folder that holds the backups.",
            hint=f'Give them one of their own: backup.folder = "{folder.rstrip("/")}/llmchat-backups"',
        )


def _jobs(  # noqa: PLR0913 - what is run, on what
    image: str, run: Run, verb: str, job: dict[str, Any], mounts: tuple[Mount, ...], *, network: bool = False
) -> dict[str, Any]:
    runner = JobRunner(run.host, run.engine, image, run.masked)
    result, warnings = runner.run(verb, job, mounts, run.progress, network=network)
    run.findings.warnings += warnings
    return result
