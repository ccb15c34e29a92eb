"""Pure builders of ``docker run`` argv for containers that live for one job on the backups."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.engine.compose import Argv

PROGRAM = "llmchat-archive"
USER = "10001:10000"
"""User and group of the backend's image."""
HELPER_LABEL = "llmchat.helper=true"
BACKUP_NAMES = ("*-????????-??????-*", "*.state")
"""What jobs call their files (``PROJECT-YYYYMMDD-HHMMSS-NNNN…``), as patterns of a shell."""


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
        options = (f"source={self.source}", f"target={self.target}", *(("readonly",) if self.read_only else ()))
        return ",".join((f"type={kind}", *map(_field, options)))


def _field(text: str) -> str:
    """Return a field of a CSV line (RFC 4180), which is what Docker reads: paths may hold commas and quotes."""
    if not any(sign in text for sign in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


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

    The group may read and remove what the job writes there, so an operator needs no root for it: what is made in a
    folder with the setgid bit (2770) is its group's. Backups that were copied there by somebody else are given along.
    The folder's own mode comes last: it tells that all this is done.
    """
    options = [
        "--rm", "--log-driver", "none", "--network", "none", "--pull", "never", "--label", HELPER_LABEL,
        "--user", "0:0", "--read-only", "--cap-drop", "ALL", "--cap-add", "CHOWN", "--cap-add", "FOWNER",
        "--cap-add", "FSETID", "--cap-add", "DAC_OVERRIDE", "--security-opt", "no-new-privileges",
    ]  # fmt: skip
    owner = f"{USER.partition(':')[0]}:{group}"
    names = " -o ".join(f"-name '{name}'" for name in BACKUP_NAMES)
    files = rf"find /backups -maxdepth 1 -type f \( {names} \) -exec chown {owner} {{}} + -exec chmod 640 {{}} +"
    script = f"{files} && chown {owner} /backups && chmod 2770 /backups"
    mount = Mount(folder, "/backups").argument
    return ("docker", "run", *options, "--mount", mount, "--entrypoint", "/bin/sh", image, "-c", script)
