"""Look for secrets by their value wherever a machine shows things: process tables, Docker's answers, files."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import docker.errors

from tests.e2e import facts


class Secrets:
    """Values that nothing may show, by name; a search tells names, so that a failing test shows no value."""

    def __init__(self, **values: str) -> None:
        self._values = {name: value.encode() for name, value in values.items()}

    def add(self, name: str, value: str) -> None:
        self._values[name] = value.encode()

    def found_in(self, content: bytes | str) -> list[str]:
        raw = content.encode() if isinstance(content, str) else content
        # JSON and YAML write some characters in another way.
        return [name for name, value in self._values.items() if value in raw or _escaped(value) in raw]


def _escaped(value: bytes) -> bytes:
    return json.dumps(value.decode())[1:-1].encode()


class ProcessWatch:
    """Sample arguments and environment of every process of the machine, those in containers included."""

    def __init__(self, secrets: Secrets, *, pause: float = 0.01) -> None:
        self._secrets, self._pause = secrets, pause
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples = 0
        self.programs: set[str] = set()
        self.leaks: set[str] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._pause):
            self.samples += 1
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    with contextlib.suppress(OSError):
                        self._look_at(process)

    def _look_at(self, process: Path) -> None:
        for name in ("cmdline", "environ"):
            content = (process / name).read_bytes()
            if name == "cmdline":
                self.programs.add(Path(content.split(b"\0")[0].decode(errors="replace")).name)
            for secret in self._secrets.found_in(content):
                self.leaks.add(f"{secret} in {name} of {(process / 'comm').read_text().strip()}")


def docker_answers(project: str) -> Iterator[tuple[str, str]]:
    """Yield everything Docker tells about the project, each with where it is from."""
    api: Any = facts.client().api
    for container in facts.containers(project):
        yield f"inspect {container.name}", json.dumps(api.inspect_container(container.id), ensure_ascii=False)
        yield f"logs {container.name}", container.logs().decode(errors="replace")
        image = container.attrs["Image"]
        yield f"image of {container.name}", json.dumps(api.inspect_image(image), ensure_ascii=False)
        yield f"history of {container.name}", json.dumps(api.history(image), ensure_ascii=False)
    for volume in facts.volumes(project):
        yield f"inspect {volume}", json.dumps(api.inspect_volume(volume), ensure_ascii=False)
    for network in facts.networks(project):
        yield f"inspect {network}", json.dumps(api.inspect_network(network), ensure_ascii=False)


@contextlib.contextmanager
def job_containers() -> Iterator[dict[str, str]]:
    """Collect what Docker tells, while they live, of the containers that work on backups, each by its id."""
    api: Any = facts.client().api
    found: dict[str, str] = {}
    done = threading.Event()

    def collect() -> None:
        while not done.wait(0.05):
            for item in api.containers(all=True, filters={"label": "llmchat.helper"}):
                if item["Id"] not in found:
                    with contextlib.suppress(docker.errors.APIError):  # it has ended
                        found[item["Id"]] = json.dumps(api.inspect_container(item["Id"]), ensure_ascii=False)

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def composed(files: Iterator[Path]) -> Iterator[tuple[str, str]]:
    """Yield what Compose makes of each file."""
    for file in files:
        argv = ["docker", "compose", "-f", str(file), "config"]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        yield f"docker compose config of {file.name}", done.stdout + done.stderr


def image_layers(image: str) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of each layer and each description of an image, unpacked where the engine packs them."""
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(saved)) as outer:
        for member in outer.getmembers():
            file = outer.extractfile(member)
            if file is not None:
                content = file.read()
                yield member.name, gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
