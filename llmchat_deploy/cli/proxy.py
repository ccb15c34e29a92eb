"""``proxy``: configuration for a proxy of one's own in front."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

ABOUT = "Configuration for a proxy of your own in front."

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there instead.", show_default=False)]
Chain = Annotated[
    str | None, typer.Option("--certificate", metavar="PATH", help="Certificate chain, for https.", show_default=False)
]
Key = Annotated[str | None, typer.Option("--key", metavar="PATH", help="Its private key.", show_default=False)]


def nginx(session: Session, out: Out = None, certificate: Chain = None, key: Key = None) -> int:
    """Print the configuration of an nginx in front: right for streamed answers, slow models, uploads and log-ins.

    PUBLIC_URL says where users find the page, https:// or http://; an API with a host of its own
    (NEXT_PUBLIC_API_URL) gets a server block of its own.
    """
    from llmchat_deploy.operations import proxy as operation
    from llmchat_deploy.output.proxy_view import show_proxy
    from llmchat_deploy.render.proxy import Certificate

    if bool(certificate) != bool(key):
        raise typer.BadParameter("--certificate and --key belong together.")
    outcome = operation.nginx(
        session.environment,
        session.templates,
        certificate=Certificate(certificate, key) if certificate and key else None,
        out=str(out) if out else None,
        write=lambda text: session.world.write_file(out or Path(), text),
    )
    return session.finish(outcome, show_proxy)


EXAMPLES = """
llmchat-deploy proxy nginx --env production
llmchat-deploy proxy nginx --env production --out /etc/nginx/conf.d/chat.conf
"""
COMMANDS: Commands = {"nginx": (nginx, EXAMPLES)}
