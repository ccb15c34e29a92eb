"""Which engine ``docker`` would talk to, and whether it is this machine's own.

Files, ports and the loopback addresses of models are this machine's: an engine elsewhere would mount, publish and reach
its own. The order is the Docker command line's: ``DOCKER_HOST``, ``DOCKER_CONTEXT``, ``currentContext`` of
``config.json`` (https://docs.docker.com/engine/manage-resources/contexts/).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llmchat_deploy.errors import DockerElsewhere, DockerUnavailable

DEFAULT = "default"
REMOTE_SCHEMES = ("tcp", "http", "https", "ssh")
"""What Docker reaches an engine over a network by, besides a socket or a pipe of the machine."""


def engine_address(environ: Mapping[str, str], home: Path) -> str:
    """Return the address of the engine that ``docker`` would use; empty: the default one.

    Raises DockerElsewhere where it is another machine's, DockerUnavailable where the chosen context can't be read or
    what is chosen is no address.
    """
    if address := environ.get("DOCKER_HOST", ""):
        return _here(address, f"DOCKER_HOST={_shown(address)}", "unset DOCKER_HOST")
    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    config: Any = _json(folder / "config.json")
    current = config.get("currentContext") if isinstance(config, dict) else None
    name = environ.get("DOCKER_CONTEXT") or str(current or DEFAULT)
    if name == DEFAULT:
        return ""
    back = "unset DOCKER_CONTEXT" if environ.get("DOCKER_CONTEXT") else "docker context use default"
    # Docker names the folder by the SHA-256 of the context's name.
    meta = _json(folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json")
    try:
        address = str(meta["Endpoints"]["docker"]["Host"])
    except (KeyError, TypeError) as error:
        raise DockerUnavailable(
            f"Docker's context '{name}' can't be read.", hint=f"Look: docker context ls. This machine's own: {back}"
        ) from error
    return _here(address, f"Docker's context '{name}' ({_shown(address)})", back)


def _here(address: str, chosen_by: str, back: str) -> str:
    scheme, host = _parts(address)
    if scheme == "unix" or (scheme == "tcp" and _is_loopback(host)):
        return address
    if not scheme:
        socket = address if address.startswith("/") else "/var/run/docker.sock"
        raise DockerUnavailable(
            f"{chosen_by} is no address of an engine.",
            hint=f"This machine's own: {back}, or write unix://{socket}",
        )
    raise DockerElsewhere(
        f"{chosen_by} is an engine on another machine.",
        hint=f"This tool works with the machine's own engine: log in there and run it there, or {back}.",
    )


def _parts(address: str) -> tuple[str, str]:
    """Return the scheme of an engine's address and its host; neither where it is no address that Docker reads."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        port = parts.port
    except ValueError:  # a port that is none, brackets around no address
        return "", ""
    if parts.scheme in ("unix", "npipe"):
        return parts.scheme, ""
    if parts.scheme not in REMOTE_SCHEMES or not parts.hostname or not ("://" in address or port):
        return "", ""
    return parts.scheme, parts.hostname


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(address: str) -> str:
    scheme, separator, rest = address.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
