"""Where the sources of this checkout are."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PYTHONPATH = os.pathsep.join(str(REPOSITORY / folder) for folder in ("", "service/archive"))
"""For programs that tests start: this checkout's packages, whatever else is installed."""
