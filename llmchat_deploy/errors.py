"""Every error the tool raises on purpose, with its stable code and exit code.

Errors hold plain text: what is wrong, where, and a hint that names the next command. Only ``output`` styles them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of the command line; scripts rely on them (``docs/reference/exit-codes.md``)."""

    OK = 0
    BUG = 1
    USAGE = 2
    CONFIG = 3
    PREREQUISITE = 4
    HOST = 5
    REFUSED = 6
    LOCK_HELD = 7
    STEP_FAILED = 8
    UNHEALTHY = 9
    CHANGES_FOUND = 10
    ARCHIVE = 11
    INTERRUPTED = 130


class DeployError(Exception):
    """An expected failure: shown as a message and a hint, never as a traceback."""

    code: str = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details
        """Lines that belong to the failure, such as the last lines of a build or of a container's log."""
        self.way_back = ""
        """What brings back what was there before, where it was left by then; part of the hint, too."""

    def add_way_back(self, way_back: str) -> None:
        """Name in the hint what brings back what was there before."""
        self.way_back = way_back
        self.hint = f"{self.hint} {way_back}".strip()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the configuration.

    ``source`` is a file (with ``:line`` where it is known) or an option, ``key`` the setting as the user writes it.
    """

    source: str
    key: str
    message: str
    hint: str = ""


class ConfigError(DeployError):
    """The configuration can't be used; nothing was changed."""

    code = "config_error"
    exit_code = ExitCode.CONFIG


class InvalidConfig(ConfigError):
    """One or several settings are wrong; carries all of them, not only the first."""

    code = "invalid_config"

    def __init__(self, problems: tuple[Problem, ...], *, environment: str = "") -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        where = f" of environment '{environment}'" if environment else ""
        super().__init__(f"The configuration{where} has {count}.", hint="Nothing was changed. Mend and run again.")
        self.problems = problems


class CertificateEnded(ConfigError):
    """The certificate that the profile names is no longer, or not yet, valid."""

    code = "certificate_ended"


class EnvironmentNotFound(ConfigError):
    """No profile has the given name."""

    code = "environment_not_found"


class BadAddress(ConfigError):
    """What was given as an address is none that users could type, or none that could move."""

    code = "bad_address"


class AddressNotFound(ConfigError):
    """The old address stands in none of the environment's files."""

    code = "address_not_found"


class RenderError(ConfigError):
    """A template can't be rendered; says which one and where."""

    code = "render_error"


class PrerequisiteError(DeployError):
    """Something that must be there before any change is missing or too old."""

    code = "prerequisite_missing"
    exit_code = ExitCode.PREREQUISITE


class DockerUnavailable(PrerequisiteError):
    """No Docker engine answers, or it may not be used by this user."""

    code = "docker_unavailable"


class DockerElsewhere(PrerequisiteError):
    """Docker's settings point to an engine on another machine."""

    code = "docker_elsewhere"


class DockerTooOld(PrerequisiteError):
    """The Docker engine or Compose is older than what the tool supports."""

    code = "docker_too_old"


class BaseImageMissing(PrerequisiteError):
    """The base image can neither be had nor made here."""

    code = "base_image_missing"


class PortTaken(PrerequisiteError):
    """A port the environment needs is held by somebody else, who is named."""

    code = "port_taken"


class DiskFull(PrerequisiteError):
    """A disk has no room for the next step."""

    code = "disk_full"


class HostError(DeployError):
    """The machine doesn't do what it was asked: a file can't be written, a command can't be started."""

    code = "host_error"
    exit_code = ExitCode.HOST


class RemoteUnreachable(HostError):
    """The remote that holds the project's new version doesn't answer, or not to this user."""

    code = "remote_unreachable"


class RefusedError(DeployError):
    """The tool declines: a confirmation is missing, or going on would lose something."""

    code = "refused"
    exit_code = ExitCode.REFUSED


class NotInteractive(RefusedError):
    """A question would have to be asked but there is nobody to answer; names the option that answers it."""

    code = "not_interactive"


class PlanChanged(RefusedError):
    """Between showing and applying the plan the machine changed."""

    code = "plan_changed"


class VolumeMissing(RefusedError):
    """A data volume that was there is gone; going on would start with empty data."""

    code = "volume_missing"


class SecretsMissing(RefusedError):
    """A release is recorded and the SECRET_KEY it runs with is gone; a new one would log everybody out."""

    code = "secrets_missing"


class FileIsThere(RefusedError):
    """A file that is never overwritten is there already."""

    code = "file_is_there"


class GenerationUnknown(RefusedError):
    """Data was restored here, but the record of which volume is current is gone."""

    code = "generation_unknown"


class RestoreCut(RefusedError):
    """The first data of an environment was to come from a restore, which was cut before it was whole."""

    code = "restore_cut"


class NothingToUndo(RefusedError):
    """No earlier data is kept that could be gone back to."""

    code = "nothing_to_undo"


class CloneRefused(RefusedError):
    """The project's clone can't go to another version as it is; ``code`` says why (``local_changes``, ``diverged``)."""

    def __init__(self, message: str, *, code: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint, details=details)
        self.code = code


class AddressChangeCut(RefusedError):
    """A change to another address was cut and has to be finished or taken back first."""

    code = "address_change_cut"


class NothingToRollBack(RefusedError):
    """No earlier release is kept that could be run again."""

    code = "nothing_to_roll_back"


class ImagesGone(RefusedError):
    """An image of the release that is to run again isn't on the machine any more."""

    code = "images_gone"


class SnapshotMissing(RefusedError):
    """The schema has moved since a release ran, and no backup of the data from before is known."""

    code = "snapshot_missing"


class LockHeld(DeployError):
    """Another operation on the same environment is running."""

    code = "lock_held"
    exit_code = ExitCode.LOCK_HELD


class StepFailed(DeployError):
    """A step of the plan failed; what was done before it stays and the next run goes on from there."""

    code = "step_failed"
    exit_code = ExitCode.STEP_FAILED


class PullFailed(StepFailed):
    """A registry refuses an image or doesn't deliver it in time."""

    code = "pull_failed"


class Unhealthy(DeployError):
    """A service doesn't get healthy or can't chat; says whether what ran before still runs."""

    code = "unhealthy"
    exit_code = ExitCode.UNHEALTHY


class ArchiveFailed(DeployError):
    """A backup can't be made, read or restored; ``code`` says what is wrong with it (``wrong_key``, ``damaged``)."""

    code = "archive_failed"
    exit_code = ExitCode.ARCHIVE

    def __init__(self, message: str, *, code: str = "", hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint, details=details)
        self.code = code or self.code
