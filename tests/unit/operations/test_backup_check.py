"""Real keys on a real archive."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from llmchat_archive import age as archive_age
from llmchat_archive.errors import ArchiveError
from llmchat_archive.stream import open_archive_reader

from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.host import age_keys, archives
from llmchat_deploy.operations.backup_check import check
from llmchat_deploy.secret import Secret
from tests.fakes import FakeHost
from tests.sidecars import put
from tests.unit.world import an_environment
