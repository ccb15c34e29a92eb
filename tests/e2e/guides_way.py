"""What the deployment guide does by hand, done to an environment of ours: the other side of a comparison.

Its commands are those of the guide: ``docker compose down``, then ``up -d --build``. Containers are stopped and started
where Compose would remove and create them, which is a little faster.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from llmchat_deploy.config.model import Build
from llmchat_deploy.engine import compose
from tests.e2e import facts
from tests.e2e.chat import Chat
from tests.e2e.scenario import Scenario

CA_BUNDLE = os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"
CHANGED = {"backend": "backend/llmchat_backend/changed.txt", "frontend": "frontend/public/changed.txt"}
"""A file of each service's sources that nobody reads."""
STOP_SECONDS = 10
"""Docker's own grace period; the guide sets none."""


def new_version(scenario: Scenario, context: Path, answers: Chat) -> float:
    """Stop everything, build both images from changed sources, start everything; return the seconds it took.

    ``context`` is the environment's own copy of the sources; ``answers`` is a client that is served when all is up.
    """
    begun = time.monotonic()
    services = [facts.container(scenario.project, name) for name in ("edge", "frontend", "backend")]
    for container in services:
        container.stop(timeout=STOP_SECONDS)
    for name in CHANGED:
        build(scenario, name, context)
    for container in reversed(services):
        container.start()
    wait_for(answers)
    return time.monotonic() - begun


def new_page(scenario: Scenario, context: Path, answers: Chat) -> float:
    """Stop the page, build its image, start it, as its scenario 4 does for a new address."""
    begun = time.monotonic()
    page = facts.container(scenario.project, "frontend")
    page.stop(timeout=STOP_SECONDS)
    build(scenario, "frontend", context)
    page.start()
    wait_for(answers, "/auth")
    return time.monotonic() - begun


def build(scenario: Scenario, service: str, context: Path) -> None:
    """Build a service's image anew, whatever is cached."""
    changed = context / CHANGED[service]
    changed.parent.mkdir(exist_ok=True)
    changed.write_text(f"{time.time()}\n")
    repository = facts.container(scenario.project, service).attrs["Config"]["Image"].partition(":")[0]
    argv, variables = compose.build(
        project=scenario.project,
        tag=f"{repository}:guide",
        dockerfile=f"{service}/Dockerfile",
        context=str(context),
        base=_base(),
        settings=Build(),
        ca_bundle=CA_BUNDLE,
    )
    done = subprocess.run(argv, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    subprocess.run(("docker", "image", "rm", f"{repository}:guide"), capture_output=True, check=True)


def wait_for(chat: Chat, path: str = "/health/ready", seconds: float = 120) -> None:
    """Wait until a client is answered."""
    deadline = time.monotonic() + seconds
    while chat.status(path) != 200:
        assert time.monotonic() < deadline, f"{path} isn't served"
        time.sleep(0.1)


def _base() -> str:
    """Return the base image that is here: the one of a registry, or the one the tool makes where none answers."""
    for name in (Build().base_image, "llmchat/base:13"):
        if subprocess.run(("docker", "image", "inspect", name), capture_output=True, check=False).returncode == 0:
            return name
    raise AssertionError("no base image is here: the environment isn't deployed")
