"""Templates and service sources on this machine: a project folder's own copy wins over the shipped one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from llmchat_deploy.errors import RenderError
from llmchat_deploy.render.release import Revision

NOT_INPUTS = frozenset({"node_modules", "tests", "__pycache__", "next-env.d.ts"})
"""What no image is built from; the ``.dockerignore`` of each image says the same. Hidden files are left out too."""

REVISIONS = "backend/llmchat_backend/db/revision.py"
"""Where the backend lists its revisions, oldest first, and which are offline; its own tests hold that against the
migrations."""

SHARED = {"backend": ("archive",)}
"""Folders that an image is built from besides the service's own and the build steps."""


class ProjectTemplates:
    """Implement :class:`llmchat_deploy.render.templates.Templates` with files."""

    def __init__(self, *roots: Path) -> None:
        """Look into ``roots`` in order; each may hold ``templates/`` and ``service/``."""
        self._roots = roots

    @property
    def context(self) -> str:
        """Return the folder of the build context."""
        return str(self._find("service"))

    def text(self, name: str) -> str:
        """Return the template of that name."""
        return self._find(f"templates/{name}").read_text(encoding="utf-8")

    def revisions(self) -> tuple[Revision, ...]:
        """Return the backend's ``REVISIONS``, with what ``OFFLINE`` says of them; none without such a list."""
        try:
            text = (self._find("service") / REVISIONS).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ()
        found = re.search(r"^REVISIONS = \(([^)]*)\)", text, re.MULTILINE)
        names = re.findall(r"""["']([^"']+)["']""", found[1]) if found else []
        told = re.search(r"^OFFLINE\b[^=\n]*= \{([^}]*)\}", text, re.MULTILINE)
        offline = dict(re.findall(r"""["']([^"']+)["']: (\d+)""", told[1])) if told else {}
        return tuple(Revision(name, int(offline[name]) if name in offline else None) for name in names)

    def inputs(self, service: str) -> str:
        """Return the digest of an image's files: the service's own, what it shares, and the build steps."""
        context = self._find("service")
        digest = hashlib.sha256()
        for folder in (context / name for name in (service, *SHARED.get(service, ()), "base")):
            if not folder.is_dir():
                raise RenderError(f"{folder} is missing: the image of {service} is built from it.")
            for path in sorted(source_files(folder)):
                executable = path.stat().st_mode & 0o100
                name = path.relative_to(context).as_posix()
                digest.update(f"{name}\0{executable}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def _find(self, name: str) -> Path:
        for root in self._roots:
            path = root / name
            if path.exists():
                return path
        raise RenderError(f"{name} is missing, in the project folder as in the installed package.")


def source_files(folder: Path) -> list[Path]:
    """Return the files of a folder that belong to the product, without what working in it leaves behind."""
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.name in NOT_INPUTS or entry.name.startswith(".") or entry.name.endswith((".pyc", ".tsbuildinfo")):
            continue
        if entry.is_dir():
            found += source_files(entry)
        else:
            found.append(entry)
    return found
