from __future__ import annotations

import json

from llmchat_deploy.apply.places import places_of
from llmchat_deploy.render.places import FIRST, Places
from tests.fakes import FakeHost
from tests.unit.world import an_environment


def test_a_fresh_machine_has_the_first_generation_and_shares_nothing() -> None:
    assert places_of(an_environment(), FakeHost()) == FIRST


def test_the_generation_is_the_recorded_one() -> None:
    host = FakeHost(state={"data.json": json.dumps({"current": 4, "staging": 5, "previous": []})})
    assert places_of(an_environment(), host) == Places(4)


def test_scheduled_backups_share_folder_and_lock_and_follow_the_machines_clock() -> None:
    host = FakeHost(zone="Asia/Shanghai")
    assert places_of(an_environment(backup__schedule="every 6h"), host) == Places(
        1, "/state/backups", "/state/lock", "Asia/Shanghai"
    )
    own = an_environment(backup__schedule="every 6h", backup__folder="/srv/chat")
    assert places_of(own, host).backups == "/srv/chat"
