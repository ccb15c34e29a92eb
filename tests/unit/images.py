"""The service's real images, built as ``up`` builds them where this machine hasn't them yet."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.observe import observe
from llmchat_deploy.engine.sdk import SdkEngine
from llmchat_deploy.host.local import LocalHost
from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.plan.images import plan_images
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import BuildImage
from llmchat_deploy.render.render import render_release
from tests.unit.world import ROOT, an_environment


@cache
def image(service: str) -> str:
    """Return the tag of a service's image; building takes a minute or two, once."""
    environment, engine = an_environment(project="llmchat-test-images"), SdkEngine.connect()
    release = render_release(environment, ProjectTemplates(ROOT))
    with TemporaryDirectory() as folder:
        host = LocalHost(Path(folder), environment.project, state_root=Path(folder))
        steps = plan_images(release, observe(environment, release, host, engine))
        wanted = tuple(step for step in steps if not isinstance(step, BuildImage) or step.image.service == service)
        if any(isinstance(step, BuildImage) for step in wanted):
            plan = Plan(environment=environment.name, project=environment.project, steps=wanted)
            execute(plan, environment, host, engine, lambda event: None)
    found = release.service(service)
    assert found
    return found.image.tag
