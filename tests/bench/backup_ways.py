"""Ways to back up a data volume while it is used, and to restore it: ours and those people use otherwise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from llmchat_archive import age

from llmchat_deploy.engine import helper
from llmchat_deploy.engine.helper import Mount
from tests.bench import chats, watched
from tests.bench.watched import Taken

PROJECT = "llmchat-bench"
PREFIX = "backup-bench"
LABEL = f"llmchat.bench.backup={os.getpid()}"
"""On every volume of this run, and on no others: what is left of a killed one can be told apart."""
ALPINE = "alpine"
LIKE_ALPINE = "llmchat-bench/busybox"
PASSWORD = "a password of the benchmark"


@dataclass(frozen=True)
class Volume:
    """A Docker volume and the folder where it is kept."""

    name: str
    path: Path


@contextmanager
def volume(owner: tuple[int, int] = (chats.USER, chats.GROUP)) -> Iterator[Volume]:
    """Make a volume and remove it afterwards."""
    name = f"{PREFIX}-{uuid.uuid4().hex[:8]}"
    subprocess.run(("docker", "volume", "create", "--label", LABEL, name), check=True, capture_output=True)
    asked = ("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", name)
    try:
        path = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
        os.chown(path, *owner)
        yield Volume(name, path)
    finally:
        subprocess.run(("docker", "volume", "rm", "--force", name), check=True, capture_output=True)


class Way(Protocol):
    """One way; ``target`` is an empty folder for the backup, ``scratch`` one for whatever else it writes."""

    name: str

    def back_up(self, data: Volume, target: Path, scratch: Volume) -> Taken:
        """Make a first backup."""
        ...

    def restore(self, target: Path, new: Volume, scratch: Volume) -> Path:
        """Restore it into a new volume; return where the data root lies there."""
        ...


@dataclass
class Ours:
    """The jobs as `llmchat-deploy backup` and `restore` run them; both check everything before they are done."""

    image: str
    encrypted: bool = True
    keys: tuple[str, str] = field(default_factory=age.new_identity)

    @property
    def name(self) -> str:
        return f"llmchat-deploy{'' if self.encrypted else ', not encrypted'}"

    def back_up(self, data: Volume, target: Path, scratch: Volume) -> Taken:
        os.chown(target, chats.USER, os.getgid())
        job = {
            "project": PROJECT,
            "environment": "bench",
            "kind": "manual",
            "label": "",
            "compact": False,
            "recipients": [self.keys[1]] if self.encrypted else [],
            "release": None,
            "config": {},
            "versions": {"image": self.image},
            "data": "/app/db",
            "database": chats.DATABASE,
            "backups": "/backups",
            "scratch": "/scratch",
        }
        mounts = (Mount(data.name, "/app/db"), Mount(scratch.name, "/scratch"), Mount(str(target), "/backups"))
        return self._run("create", job, mounts, scratch)

    def restore(self, target: Path, new: Volume, scratch: Volume) -> Path:
        archive = next(path for path in target.iterdir() if ".tar." in path.name)
        job = {
            "project": PROJECT,
            "file": f"/backups/{archive.name}",
            "identities": [self.keys[0]] if self.encrypted else [],
            "data": "/app/db",
            "database": chats.DATABASE,
            "scratch": "/scratch",
            "present": None,
        }
        mounts = (Mount(new.name, "/app/db"), Mount(scratch.name, "/scratch"), Mount(str(target), "/backups"))
        self._run("prepare", job, mounts, scratch)
        return new.path

    def _run(self, verb: str, job: dict[str, Any], mounts: tuple[Mount, ...], scratch: Volume) -> Taken:
        argv = helper.job(self.image, verb, mounts, group=os.getgid())
        return watched.run(argv, stdin=json.dumps(job).encode(), scratch=scratch.path)


@dataclass
class Guide:
    """The commands of the deployment guide, on Alpine's tar."""

    image: str
    name: str = "`tar czf`"

    def back_up(self, data: Volume, target: Path, scratch: Volume) -> Taken:
        return watched.run(self._tar("c", data, target), scratch=scratch.path)

    def restore(self, target: Path, new: Volume, scratch: Volume) -> Path:
        watched.run(self._tar("x", new, target), scratch=scratch.path)
        return new.path

    def _tar(self, verb: str, data: Volume, target: Path) -> tuple[str, ...]:
        mounts = ("-v", f"{data.name}:/data", "-v", f"{target}:/backup")
        rest = (".",) if verb == "c" else ()
        archive = "/backup/database-backup.tar.gz"
        return ("docker", "run", "--rm", *mounts, self.image, "tar", f"{verb}zf", archive, "-C", "/data", *rest)


@dataclass
class Restic:
    """restic on the live volume, from outside; its repository is always encrypted."""

    name: str = "restic"

    def back_up(self, data: Volume, target: Path, scratch: Volume) -> Taken:
        self._run(target, scratch, "init")
        return self._run(target, scratch, "backup", str(data.path))

    def restore(self, target: Path, new: Volume, scratch: Volume) -> Path:
        self._run(target, scratch, "restore", "latest", "--target", str(new.path))
        return next(new.path.rglob(chats.DATABASE)).parent

    def _run(self, target: Path, scratch: Volume, *argv: str) -> Taken:
        environ = {**os.environ, "RESTIC_PASSWORD": PASSWORD, "TMPDIR": str(scratch.path)}
        cache = ("--cache-dir", str(scratch.path / "cache"))
        return watched.run(("restic", "-r", str(target), *cache, *argv), scratch=scratch.path, environ=environ)


@dataclass
class Borg:
    """borg on the live volume, from outside, encrypted; it says with status 1 that a file changed under it."""

    name: str = "borg"

    def back_up(self, data: Volume, target: Path, scratch: Volume) -> Taken:
        self._run(target, scratch, data.path, "init", "--encryption", "repokey-blake2", str(target))
        return self._run(target, scratch, data.path, "create", "--compression", "zstd,3", f"{target}::one", ".")

    def restore(self, target: Path, new: Volume, scratch: Volume) -> Path:
        self._run(target, scratch, new.path, "extract", f"{target}::one")
        return new.path

    def _run(self, target: Path, scratch: Volume, folder: Path, *argv: str) -> Taken:
        environ = {
            **os.environ,
            "BORG_PASSPHRASE": PASSWORD,
            "BORG_BASE_DIR": str(scratch.path),
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
            "TMPDIR": str(scratch.path),
        }
        within = ("env", "--chdir", str(folder))
        return watched.run((*within, "borg", *argv), scratch=scratch.path, environ=environ, good=(0, 1))


def alpine() -> str:
    """Return Alpine's image or, where no registry can be asked, one with the program it takes tar from: BusyBox."""
    if subprocess.run(("docker", "image", "inspect", ALPINE), check=False, capture_output=True).returncode == 0:
        return ALPINE
    program = shutil.which("busybox")
    if program is None:
        raise SystemExit("Neither the image alpine nor busybox (Debian: busybox-static) is on this machine.")
    links = ("--transform", "s,.*,bin/busybox,", program)
    packed = subprocess.run(("tar", "--create", "--absolute-names", *links), check=True, capture_output=True).stdout
    bare = ("docker", "import", "-", f"{LIKE_ALPINE}:bare")
    subprocess.run(bare, input=packed, check=True, capture_output=True)
    text = f'FROM {LIKE_ALPINE}:bare\nRUN ["/bin/busybox", "--install", "/bin"]\n'
    build = ("docker", "build", "--quiet", "--tag", LIKE_ALPINE, "-")
    subprocess.run(build, input=text.encode(), check=True, capture_output=True)
    return LIKE_ALPINE


def others() -> list[Way]:
    """Return what is installed of the others."""
    known: list[Way] = [Restic(), Borg()]
    return [way for way in known if shutil.which(way.name)]
