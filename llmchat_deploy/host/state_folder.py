"""Where an environment's records are, and whose they are."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from llmchat_deploy.errors import HostError

SHARED = Path("/var/lib/llmchat-deploy")


def state_folder(project: str, *, shared: Path = SHARED) -> Path:
    """Return where a project's records are kept: below ``shared`` where this user may write there, else their own.

    An environment whose records are in the shared folder keeps them there, whoever asks: with other records it would
    look as if it had never been deployed. ``LLMCHAT_STATE_DIR`` chooses another place. Raises HostError where a user
    without a home has none.
    """
    chosen = os.environ.get("LLMCHAT_STATE_DIR")
    if chosen:
        return Path(chosen) / project
    if os.geteuid() == 0 or os.access(shared, os.W_OK, effective_ids=True) or _is_there(shared / project):
        return shared / project
    own = os.environ.get("XDG_STATE_HOME")
    if own:
        return Path(own) / "llmchat-deploy" / project
    try:
        return Path.home() / ".local" / "state" / "llmchat-deploy" / project
    except RuntimeError as error:
        raise HostError(
            "This user has no home in which records could be kept.", hint="Set LLMCHAT_STATE_DIR, or run with sudo."
        ) from error


def owner_hint(path: Path) -> str:
    """Return what to do about a path that this user may not use: it names whose it is, as far as that can be seen."""
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner != os.geteuid():
            return f"{place} belongs to {_name(owner)}: run as that user, or with sudo."
        break
    return f"Look at it: ls -ld {path}"


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # what can't be looked at is somebody else's
        return True


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
