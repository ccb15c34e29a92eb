"""Pure builders of ``docker run`` argv for containers that live for one job on the backups."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.engine.compose import Argv

PROGRAM = "llmchat-archive"
USER = "10001:10000"
"""User and group of the backend's image."""
HELPER_LABEL = "llmchat.helper=true"


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume (by name) or a folder of the machine (by absolute path) at a path inside."""

    source: str
    target: str
    read_only: bool = False

    @property
    def argument(self) -> str:
        """Return the value of ``--mount``: unlike ``--volume`` it makes no folder that isn't there."""
        kind = "bind" if self.source.startswith("/") else "volume"
        return f"type={kind},source={self.source},target={self.target}{',readonly' if self.read_only else ''}"


def job(image: str, verb: str, mounts: tuple[Mount, ...], *, group: int | None = None, network: bool = False) -> Argv:
    """Build the argv of a job: it is told what to do on its standard input, which no process list shows.

    No log driver: Docker would copy what a job prints to its disk. No network, unless
    copies are sent: what must not leave, can't.
    """
    options = [
        "--rm", "--interactive", "--log-driver", "none", "--network", "bridge" if network else "none",
        "--pull", "never", "--label", HELPER_LABEL, "--user", USER, "--read-only", "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:size=64m", "--init",  # noqa: S108 - inside the container
    ]  # fmt: skip
    if group is not None:
        options += ["--group-add", str(group)]
    for mount in mounts:
        options += ["--mount", mount.argument]
    return ("docker", "run", *options, "--entrypoint", PROGRAM, image, verb)


def hand_over(image: str, folder: str, *, group: int) -> Argv:
    """Build the argv that gives a folder of the machine to the backend's user, and to a group of the machine.

    The group may read and remove what the job writes there, so an operator needs no root for it.
    """
    options = [
        "--rm", "--log-driver", "none", "--network", "none", "--pull", "never", "--label", HELPER_LABEL,
        "--user", "0:0", "--read-only", "--cap-drop", "ALL", "--cap-add", "CHOWN", "--cap-add", "FOWNER",
        "--cap-add", "DAC_OVERRIDE", "--security-opt", "no-new-privileges",
    ]  # fmt: skip
    uid = USER.partition(":")[0]
    script = f"chown {uid}:{group} /backups && chmod 2770 /backups"
    mount = Mount(folder, "/backups").argument
    return ("docker", "run", *options, "--mount", mount, "--entrypoint", "/bin/sh", image, "-c", script)
