"""Pull, make and build images."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from llmchat_deploy.apply.run import Run
from llmchat_deploy.engine import compose
from llmchat_deploy.errors import PullFailed, StepFailed
from llmchat_deploy.plan.steps import BuildImage, MakeBase, PullBase

SHOWN_LINES = 25
"""Lines of a failed build that are shown; its cause is nearly always among them."""


def pull_base(step: PullBase, run: Run) -> None:
    """Pull the base image; where its registry doesn't deliver, make what stands in for it."""
    try:
        run.engine.pull(step.reference, run.progress)
    except PullFailed as error:
        run.require_engine()
        if step.instead is None:
            raise
        run.progress(error.message)
        make_base(step.instead, run)
        run.findings.base = step.instead.tag
        run.findings.warnings.append(f"base_image_made: {error.message} The base image was made here instead.")


def make_base(step: MakeBase, run: Run) -> None:
    """Make the base image from the distribution's packages."""
    build = run.environment.build
    proxies = {"http_proxy": build.http_proxy, "https_proxy": build.https_proxy, "no_proxy": build.no_proxy}
    mirror = (build.apt_mirror,) if build.apt_mirror else ()
    _run(
        run,
        (step.script, step.tag, *mirror),
        {name: value for name, value in proxies.items() if value},
        what="The base image can't be made",
        hint="No registry answers and the Debian mirror failed too. Set build.apt_mirror or build.registry_prefix"
        " in the profile to one that this machine reaches.",
    )


def build_image(step: BuildImage, run: Run) -> None:
    """Build one image, showing its lines as they come."""
    argv, variables = compose.build(
        project=run.environment.project,
        fresh=step.fresh,
        tag=step.image.tag,
        dockerfile=step.image.dockerfile,
        context=step.context,
        base=run.findings.base or step.base,
        settings=run.environment.build,
        ca_bundle=run.host.ca_bundle(run.environment.build.ca_bundle),
    )
    _run(
        run,
        argv,
        variables,
        what=f"The image {step.image.tag} can't be built",
        hint="The lines above say why. Slow or blocked package sources: set build.apt_mirror, build.pip_index or"
        f" build.npm_registry in the profile.{'' if step.way_back else ' What ran before still runs.'}",
    )


def _run(run: Run, argv: tuple[str, ...], variables: Mapping[str, str], *, what: str, hint: str) -> None:
    last: deque[str] = deque(maxlen=SHOWN_LINES)

    def on_line(line: str) -> None:
        text = run.masked(line.rstrip())
        if text:
            last.append(text)
            run.progress(text)

    result = run.host.run(argv, env=variables, on_line=on_line)
    if result.status != 0:
        run.require_engine()
        full = any("no space left" in line.lower() for line in last)
        raise StepFailed(
            f"{what} (exit status {result.status})" + (": the disk is full." if full else "."),
            hint=f"Free space: df -h {run.engine.data_root()}; docker system df" if full else hint,
            details=tuple(last),
        )
