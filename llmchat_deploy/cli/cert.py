"""``cert``: the certificate that the edge serves."""

from __future__ import annotations

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

ABOUT = "Look after the certificate of HTTPS."


def show(session: Session) -> int:
    """Show for which names the certificate is, who signed it and until when it is good."""
    from llmchat_deploy.operations import certificate as operation
    from llmchat_deploy.output.certificate_view import show_certificate

    outcome = operation.show(session.environment, session.host, session.engine)
    return session.finish(outcome, show_certificate)


def renew(session: Session) -> int:
    """Have the authority issue a new certificate at once (tls.mode = "acme"); by itself that is done in time.

    The edge serves it from then on; no connection is cut. Authorities count: Let's Encrypt issues five a week for the
    same names.
    """
    from llmchat_deploy.operations import certificate as operation
    from llmchat_deploy.output.certificate_view import show_certificate

    outcome = operation.renew(session.environment, session.host, session.engine)
    return session.finish(outcome, show_certificate)


def ca(session: Session) -> int:
    """Print the certificate of the environment's own authority (tls.mode = "internal"), to install in browsers.

    Whoever installs it believes every certificate that this authority signs; its private key stays on this machine.
    """
    from llmchat_deploy.operations import certificate as operation
    from llmchat_deploy.output.certificate_view import show_authority

    return session.finish(operation.authority(session.environment, session.host), show_authority)


COMMANDS: Commands = {
    "show": (show, "llmchat-deploy cert show --env production"),
    "renew": (renew, "llmchat-deploy cert renew --env production"),
    "ca": (ca, "llmchat-deploy cert ca --env production > our-chat.crt"),
}
