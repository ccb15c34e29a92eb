"""The Unix socket the edge connects to."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MODE = 0o660  # the edge shares our group
_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class SocketFile:
    """A listening socket and the file that leads to it."""

    path: Path
    listener: socket.socket
    inode: int

    def remove_if_ours(self) -> None:
        """Remove the file unless another process has put its own socket there meanwhile."""
        try:
            if self.path.stat().st_ino == self.inode:
                self.path.unlink()
        except FileNotFoundError:
            pass


def listen_at(path: Path) -> SocketFile:
    """Listen at `path`, replacing what is left there of a killed process in one step: it is never missing."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(temporary))
    temporary.chmod(_MODE)
    listener.listen(_BACKLOG)
    inode = temporary.stat().st_ino
    temporary.rename(path)
    return SocketFile(path, listener, inode)
