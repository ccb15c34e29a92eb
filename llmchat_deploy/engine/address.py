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


def engine_address(environ: Mapping[str, str], home: Path) -> str:
    """Return the address of the engine that ``docker`` would use; empty: the default one.

    Raises DockerElsewhere where it is another machine's, DockerUnavailable where the chosen context can't be read.
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
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme == "unix" or (parts.scheme == "tcp" and _is_loopback(parts.hostname or "")):
        return address
    raise DockerElsewhere(
        f"{chosen_by} is an engine on another machine.",
        hint=f"This tool works with the machine's own engine: log in there and run it there, or {back}.",
    )


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
