"""The wheel in an empty folder is the whole tool: templates, environments and the service's sources inside."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.scenario import free_port
from tests.paths import REPOSITORY

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

LIMIT = 2_000_000
"""Bytes: sources only."""


@dataclass(frozen=True)
class Installed:
    wheel: Path
    program: Path
    folder: Path

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        clean["LLMCHAT_STATE_DIR"] = str(self.folder / "state")
        return subprocess.run(
            [self.program, *argv], cwd=self.folder, env=clean, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder / "dist"), str(REPOSITORY)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, capture_output=True)
    (folder / "empty").mkdir()
    return Installed(wheel, folder / "venv/bin/llmchat-deploy", folder / "empty")


def test_it_plans_a_whole_deploy_in_an_empty_folder(installed: Installed) -> None:
    own = ("project=llmchat-wheel", f"server.web_port={free_port()}", f"server.api_port={free_port()}")
    done = installed.run("plan", "--env", "development", *(word for item in own for word in ("--set", item)))
    assert done.returncode == 0, done.stderr
    assert "start edge" in done.stdout


def test_it_renders_every_file(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("config", "render", "--env", "development", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    written = {path.name for path in tmp_path.iterdir()}
    assert written >= {"backend.compose.yaml", "edge.compose.yaml", "frontend.compose.yaml", "haproxy.cfg"}


def test_its_images_are_the_same_as_the_repositorys(installed: Installed, tmp_path: Path) -> None:
    installed.run("config", "render", "--env", "development", "--out", str(tmp_path / "wheel"))
    render = [sys.executable, "-m", "llmchat_deploy", "config", "render", "--env", "development", "--out"]
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([*render, str(tmp_path / "repository")], cwd=installed.folder, env=environ, check=True)
    for name in ("backend", "edge", "frontend", "model"):
        wheel, repository = (image_in(tmp_path / where / f"{name}.compose.yaml") for where in ("wheel", "repository"))
        assert wheel == repository
        assert f"llmchat/{name}:" in wheel


def image_in(file: Path) -> str:
    """Return the line that names the image: its tag is the digest of everything it is built from."""
    (line,) = [line for line in file.read_text().splitlines() if line.strip().startswith("image:")]
    return line


def test_it_carries_sources_and_nothing_that_was_built_from_them(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
    size = installed.wheel.stat().st_size
    sys.stdout.write(f"{installed.wheel.name}: {size / 1000:.0f} kB, {len(names)} files\n")
    gathered = ("node_modules", ".next/", "__pycache__", ".venv", "_cache", ".env.", "/tests/")
    assert [
        name for name in names if any(part in name for part in gathered) and not name.endswith(".env.example")
    ] == []
    for part in ("service/backend/Dockerfile", "service/frontend/package-lock.json", "service/base/make-base",
                 "templates/haproxy.cfg.j2", "environments/base.toml"):  # fmt: skip
        assert any(name.endswith(f"_data/{part}") for name in names), part
    assert size < LIMIT
