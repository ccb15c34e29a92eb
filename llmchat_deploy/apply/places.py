"""What rendering must know of this machine, read from it."""

from __future__ import annotations

from llmchat_deploy.apply.backups import backups_folder
from llmchat_deploy.apply.base_age import read_base
from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.render.places import Places


def places_of(environment: Environment, host: HostReader) -> Places:
    """Return which data is current, and what is shared with the scheduled backups where there are any."""
    generation = read_generations(host).current
    base = read_base(host).stamp
    if not environment.backup.schedule:
        return Places(generation, base=base)
    return Places(
        generation,
        base=base,
        backups=backups_folder(environment, host),
        lock=host.lock_path(),
        timezone=host.timezone(),
    )
