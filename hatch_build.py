"""Put templates, environments and service into the wheel, as ``llmchat_deploy/_data``.

What a checkout gathers beside the sources (``node_modules``, caches, tests) stays out, by the same list that keeps it
out of the digests of the images: an installed tool and a checkout of the same version build the same images.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("templates", "environments", "service")


class WheelData(BuildHookInterface):  # type: ignore[type-arg]
    """Name every data file, for hatchling runs no glob over folders outside the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to the wheel; an editable install reads them from the checkout instead."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, self.root)
        from llmchat_deploy.host.templates import source_files  # noqa: PLC0415 - importable only from here on

        for folder in FOLDERS:
            for path in source_files(root / folder):
                build_data["force_include"][str(path)] = f"llmchat_deploy/_data/{path.relative_to(root).as_posix()}"
