"""An environment at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.tables import print_table
from llmchat_deploy.output.words import as_typed, moment, size

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup_state import BackupState
    from llmchat_deploy.operations.certificate import CertificateState
    from llmchat_deploy.operations.maintenance import Maintenance
    from llmchat_deploy.operations.status import ServiceStatus, StatusData
    from llmchat_deploy.output.screen import Screen

_COLOURS = {"up": "green", "partial": "yellow", "down": "red"}
_GOOD, _BAD = {"healthy", "running"}, {"unhealthy", "exited", "dead"}


def show_status(screen: Screen, data: StatusData) -> None:
    """Show what runs, where it is reached, and whether it is what the files describe."""
    out = screen.out
    release = f"release {data.release}" if data.release else "never deployed"
    since = f", deployed {moment(data.deployed_at)}" if data.deployed_at else ""
    out.print(
        Text.assemble((data.environment, "bold"), " is ", (data.state, _COLOURS[data.state]), f": {release}{since}")
    )
    closed = data.maintenance is not None
    if data.maintenance:
        out.print(_maintenance(data.maintenance), soft_wrap=True)
    if data.services:
        out.print()
        heads = ("SERVICE", "STATE", "SINCE", "RESTARTS", "MEMORY", "CPU", *(["IMAGE"] if screen.verbose else []))
        # Image names are long and say little: --verbose shows them.
        print_table(out, heads, [_row(service, closed=closed)[: len(heads)] for service in data.services])
    if data.services and data.urls:
        out.print()
        out.print(Text.assemble(("Page ", "dim"), data.urls.web, ("   API ", "dim"), data.urls.api), soft_wrap=True)
    if data.services or data.backups.count:
        out.print(_backups(data.backups), soft_wrap=True)
    if data.services and data.certificate:
        out.print(_certificate(data.certificate), soft_wrap=True)
    if data.wanted and data.wanted != data.release:
        hint = as_typed(f"llmchat-deploy plan --env {data.environment}")
        out.print(Text(f"The files describe another release ({data.wanted}). See what up would do: {hint}"))


def _maintenance(page: Maintenance) -> Text:
    since = f" since {moment(page.since)}" if page.since else ""
    return Text.assemble(
        (f"The maintenance page is shown{since}", "bold red"), f"; {page.detail} → {as_typed(page.hint)}"
    )


def _certificate(state: CertificateState) -> Text:
    said = state.problem or f"good until {(state.not_after or '')[:10]}"
    line = Text.assemble(("Certificate ", "dim"), (said, "bold red" if state.problem else ""))
    return line.append(f" → {as_typed(state.hint)}") if state.hint else line


def _backups(state: BackupState) -> Text:
    line = Text.assemble(("Backups ", "dim"), (state.detail, "bold red" if state.late else ""))
    if state.proven_at:
        line.append(f"; a restore was last proved at {moment(state.proven_at)}")
    if state.next_run:
        line.append(f"; the next one is due at {moment(state.next_run)}")
    return line


def _row(service: ServiceStatus, *, closed: bool) -> tuple[Text | str, ...]:
    resting = ", not serving" if closed and service.service == "backend" else ", replaced"
    slot = f" (slot {service.slot}{', serving' if service.active else resting})" if service.slot else ""
    state = service.health or service.state
    colour = "green" if state in _GOOD else "red" if state in _BAD else "yellow"
    outdated = "" if service.up_to_date is not False else ", out of date"
    return (
        service.service + slot,
        Text.assemble((state, colour), (outdated, "yellow")),
        moment(service.since),
        str(service.restarts),
        "-" if service.memory is None else size(service.memory),
        "-" if service.cpu is None else f"{service.cpu:.1f} %",
        service.image,
    )
