"""Images that nothing needs any more: what is known about them, and their end."""

from __future__ import annotations

from collections.abc import Iterator

from llmchat_deploy.apply.audit import read_runs
from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.apply.run import Run
from llmchat_deploy.config.model import Build, Environment
from llmchat_deploy.engine.base import EngineReader
from llmchat_deploy.errors import DeployError, HostError
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.plan.observed import OldImages
from llmchat_deploy.plan.steps import PruneCache, RemoveImage

UNTOLD = Build().keep_releases
"""How many releases an environment keeps that hasn't recorded it yet."""


def read_old_images(environment: Environment, host: HostReader, engine: EngineReader) -> OldImages:
    """Return what there is to decide about; images are shared, so every environment of the machine is asked.

    What this environment needs isn't known where no run wrote down what it led to: then nothing with a name goes.
    """
    try:
        others = frozenset(tag for each in host.neighbours() for tag in _needed(each, _kept_by(each)))
    except HostError:
        return OldImages(engine.own_images(), None, host.now())
    needed = frozenset(_needed(host, environment.build.keep_releases))
    return OldImages(engine.own_images(), needed | others if needed else None, host.now())


def remove_image(step: RemoveImage, run: Run) -> None:
    """Remove an image; one that is in use by now stays, and a failure is worth a warning only."""
    try:
        if not run.engine.remove_image(step.reference):
            run.progress("in use by now: it stays")
    except DeployError as error:
        run.findings.warnings.append(f"The old image {step.reference} couldn't be removed: {error.message}")


def prune_cache(step: PruneCache, run: Run) -> None:
    """Bound the build cache; a failure is worth a warning only."""
    try:
        freed = run.engine.prune_cache(keep_bytes=step.keep_bytes, unused_hours=step.unused_hours)
    except DeployError as error:
        run.findings.warnings.append(f"The build cache couldn't be pruned: {error.message}")
        return
    if freed:
        run.progress(f"{freed / 10**6:.0f} MB freed")


def _kept_by(host: HostReader) -> int:
    recorded = read_recorded(host)
    return (recorded.keep_releases if recorded else 0) or UNTOLD


def _needed(host: HostReader, count: int) -> Iterator[str]:
    """Yield the images of the releases that an environment keeps: those that ran last."""
    kept: set[str] = set()
    for run in reversed(read_runs(host)):
        if not run.release or run.result != "finished" or run.release in kept:
            continue
        if len(kept) == count:
            return
        kept.add(run.release)
        yield from (image["tag"] for image in run.images.values())
