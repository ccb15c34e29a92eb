"""Pure builders of ``docker`` argv: they say what would be run, and run nothing."""

from __future__ import annotations

from collections.abc import Mapping

from llmchat_deploy.config.model import Build
from llmchat_deploy.render.release import Slot

Argv = tuple[str, ...]
OWN_IMAGE = "llmchat.image"
"""Label of every image that this tool makes."""
BUILT_BY = "llmchat.built-by"
"""Label with the project that an image was built for; not ``llmchat.project``, which containers would inherit."""


def up(project: str, service: str, file: str) -> Argv:
    """Build the argv that starts one service of a Compose project and touches no other.

    Every option is one that Compose 2.0 knows; that no image is pulled, the file says (``pull_policy``).
    """
    compose = ("docker", "compose", "--project-name", project, "--file", file)
    return (*compose, "up", "--detach", "--no-deps", "--no-build", "--quiet-pull", service)


def variables(slot: Slot | None) -> Mapping[str, str]:
    """Return what Compose is told by its environment; ``SLOT`` is the only thing our files interpolate."""
    # Edge and model share a project but not a file: neither is an orphan of the other.
    return {"COMPOSE_IGNORE_ORPHANS": "true", **({"SLOT": str(slot)} if slot else {})}


def version() -> Argv:
    """Build the argv that prints the version of Compose."""
    return ("docker", "compose", "version", "--short")


def config_check(file: str) -> Argv:
    """Build the argv that validates a Compose file."""
    return ("docker", "compose", "--file", file, "config", "--quiet")


def build(  # noqa: PLR0913 - a build has these parts
    *,
    project: str,
    tag: str,
    dockerfile: str,
    context: str,
    base: str,
    settings: Build,
    ca_bundle: str | None,
    fresh: bool = False,
) -> tuple[Argv, Mapping[str, str]]:
    """Build argv and environment of an image build.

    Values that may hold a password (proxies, indexes) go through the environment: ``--build-arg NAME`` without a
    value takes it from there, so no process list shows them.
    """
    passed = {
        "APT_MIRROR": settings.apt_mirror,
        "PIP_INDEX_URL": settings.pip_index,
        "NPM_CONFIG_REGISTRY": settings.npm_registry,
        "HTTP_PROXY": settings.http_proxy,
        "HTTPS_PROXY": settings.https_proxy,
        "NO_PROXY": settings.no_proxy,
    }
    variables = {name: value for name, value in passed.items() if value}
    # Docker's lower-case twins of the proxy variables are what most programs read.
    variables |= {name.lower(): value for name, value in variables.items() if name.endswith("_PROXY")}
    argv = [
        "docker", "build", "--progress", "plain", "--tag", tag,
        "--file", f"{context}/{dockerfile}", "--label", f"{OWN_IMAGE}=true", "--label", f"{BUILT_BY}={project}",
        "--build-arg", f"BASE_IMAGE={base}",
    ]  # fmt: skip
    if fresh:
        argv.append("--no-cache")
    for name in variables:
        argv += ["--build-arg", name]
    if ca_bundle:
        argv += ["--secret", f"id=ca,src={ca_bundle}"]
    return (*argv, context), {**variables, "DOCKER_BUILDKIT": "1"}
