"""The SQLite library: the one of the image (3.51.3 or later), on a host the one that Python has."""

from __future__ import annotations

from typing import Any

try:
    import pysqlite3 as _library  # type: ignore[import-untyped]
except ImportError:
    import sqlite3 as _library

sqlite: Any = _library
