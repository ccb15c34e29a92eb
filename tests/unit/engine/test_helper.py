"""The argv of jobs on backups: what they may touch, and what nobody may read off them."""

from __future__ import annotations

import csv

from llmchat_deploy.engine.helper import Mount, hand_over, job


def test_a_job_has_no_network_no_log_and_no_rights():
    argv = job("llmchat-backend:1", "create", (Mount("llmchat-test_backend-db", "/app/db"),), group=1000)

    line = " ".join(argv)
    for part in ("--network none", "--log-driver none", "--read-only", "--cap-drop ALL", "--pull never", "--rm"):
        assert part in line
    assert "--group-add 1000" in line
    assert argv[-4:] == ("--entrypoint", "llmchat-archive", "llmchat-backend:1", "create")


def test_a_folder_is_bound_and_a_volume_is_named():
    assert Mount("/srv/backups", "/backups").argument == "type=bind,source=/srv/backups,target=/backups"
    assert Mount("data", "/data", read_only=True).argument == "type=volume,source=data,target=/data,readonly"


def test_a_path_with_signs_of_the_option_itself_is_quoted():
    told = Mount('/srv/a, "b" c/backups', "/backups").argument

    assert told == 'type=bind,"source=/srv/a, ""b"" c/backups",target=/backups'
    assert next(csv.reader([told])) == ["type=bind", 'source=/srv/a, "b" c/backups', "target=/backups"]


def test_handing_a_folder_over_gives_root_only_what_it_takes():
    line = " ".join(hand_over("llmchat-backend:1", "/srv/backups", group=1000))

    assert line.endswith("&& chown 10001:1000 /backups && chmod 2770 /backups")
    assert "--cap-drop ALL --cap-add CHOWN --cap-add FOWNER --cap-add FSETID --cap-add DAC_OVERRIDE" in line
