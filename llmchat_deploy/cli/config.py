"""``config``: what an environment is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

ABOUT = "Show, check or render the configuration."

OutDir = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="Folder to write into; made where it isn't there.", file_okay=False),
]


def show(session: Session) -> int:
    """Show every setting, its value and where it comes from; keys are masked."""
    from llmchat_deploy.operations import config_show as operation
    from llmchat_deploy.output.config_view import show_settings

    return session.finish(operation.show(session.loaded), show_settings)


def validate(session: Session) -> int:
    """Check the configuration; every problem is listed with its file, key and remedy."""
    from llmchat_deploy.operations import config_validate as operation
    from llmchat_deploy.output.config_view import show_valid

    world = session.world
    outcome = operation.validate(session.name, world.sources(), session.options.overrides, new_secret=world.new_secret)
    return session.finish(outcome, show_valid)


def render(session: Session, out: OutDir) -> int:
    """Write the files a deploy would use into a folder, for a look; nothing else is touched.

    Files that hold keys are left out.
    """
    from llmchat_deploy.operations import config_render as operation
    from llmchat_deploy.output.config_view import show_rendered

    outcome = operation.render(
        session.environment,
        session.templates,
        session.host,
        out=str(out),
        write=lambda name, text: session.world.write_file(out / name, text),
    )
    return session.finish(outcome, show_rendered)


COMMANDS: Commands = {
    "show": (show, "llmchat-deploy config show --env production"),
    "validate": (validate, "llmchat-deploy config validate --env production"),
    "render": (render, "llmchat-deploy config render --env production --out rendered"),
}
