"""What the ``cert`` commands say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.words import moment

if TYPE_CHECKING:
    from llmchat_deploy.operations.certificate import AuthorityData, CertificateData
    from llmchat_deploy.output.screen import Screen


def show_certificate(screen: Screen, data: CertificateData) -> None:
    """Show the facts of the certificate, and what to do where something is wrong."""
    out, state = screen.out, data.certificate
    if state.not_before and state.not_after:
        facts = {
            "Names": ", ".join(state.names),
            "Issuer": state.issuer,
            "From": moment(state.not_before),
            "Until": f"{moment(state.not_after)} ({state.days_left} days)",
            "SHA-256": state.fingerprint,
        }
        for name, value in facts.items():
            out.print(Text.assemble((f"{name:<9}", "dim"), value), soft_wrap=True)
    if state.hint:
        screen.advise(state.hint)


def show_authority(screen: Screen, data: AuthorityData) -> None:
    """Print the certificate as it is, for a file."""
    for line in data.authority.splitlines():
        screen.plain_line(line)
