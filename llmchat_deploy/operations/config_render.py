"""Write the rendered files of an environment into a folder, for a look; touches nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llmchat_deploy.apply.places import places_of
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.render.release import RenderedFile, Slot, Slots
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.slots import render_slots
from llmchat_deploy.render.templates import Templates

Writer = Callable[[str, str], None]
"""Takes a relative path and a text."""


@dataclass(frozen=True, slots=True)
class RenderData:
    """What was written, and which files were left out because they hold secrets."""

    environment: str
    release: str
    out: str
    files: tuple[str, ...]
    withheld: tuple[str, ...]


def render(
    environment: Environment, templates: Templates, host: HostReader, *, out: str, write: Writer
) -> Outcome[RenderData]:
    """Render and write everything that isn't secret, as it would stand for slot a."""
    release = render_release(environment, templates, places_of(environment, host))
    files: list[RenderedFile] = [render_slots(templates, Slots(Slot.A, Slot.A))]
    for service in release.services:
        files += [service.compose, *service.files]
    shown = [file for file in files if isinstance(file.content, str)]
    for file in shown:
        assert isinstance(file.content, str)  # noqa: S101 - just selected
        write(file.path, file.content)
    return Outcome(
        "config render",
        RenderData(
            environment=environment.name,
            release=release.id,
            out=out,
            files=tuple(sorted(file.path for file in shown)),
            withheld=tuple(sorted(file.path for file in files if file.sensitive)),
        ),
    )
