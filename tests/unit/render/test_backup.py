"""What the scheduled backups are told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from llmchat_deploy.config.model import Environment, Remote
from llmchat_deploy.render.backup import backup_config, policy, remote_settings
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.places import FIRST, Places
from llmchat_deploy.render.release import Release, Service
from llmchat_deploy.render.render import keys_volume, render_release
from llmchat_deploy.secret import Secret
from tests.unit.world import LLM_API_KEY, SECRET_KEY, SHIPPED, an_environment

RECIPIENT = "age1v4ucelk83e3u8jm9kqxn04hjpu4s36eyve6h6rfz82thw0a2wfes5y4l3c"
PLACES = Places(generation=1, backups="/srv/backups", lock="/state/lock", timezone="Europe/Berlin")
S3 = Remote(kind="s3", bucket="chat", region="eu", access_key=Secret("AK4711"), secret_key=Secret("hunter2-hunter2"))


def scheduled(**changes: object) -> Environment:
    return an_environment(backup__schedule="30 3 * * *", **changes)


def service(environment: Environment, places: Places = PLACES) -> Service:
    found = render_release(environment, SHIPPED, places).service("backup")
    assert found
    return found


def told(environment: Environment, places: Places = PLACES) -> dict[str, Any]:
    (file,) = service(environment, places).files
    assert (file.path, file.mode, file.sensitive) == ("backup.json", 0o400, True)
    assert isinstance(file.content, Secret)
    data: dict[str, Any] = json.loads(file.content.reveal())
    return data


def test_there_is_no_such_service_without_a_schedule() -> None:
    assert render_release(an_environment(), SHIPPED, FIRST).service("backup") is None


def test_it_runs_the_backends_image_which_is_built_once() -> None:
    release = render_release(scheduled(), SHIPPED, PLACES)
    backend, backup = release.service("backend"), release.service("backup")
    assert backend
    assert backup
    assert backup.image == backend.image
    assert [image.service for image in release.images] == ["edge", "backend", "frontend"]


def test_it_is_told_what_to_do_when_and_where() -> None:
    data = told(scheduled(backup__keep_within="2w"))
    assert (data["project"], data["environment"]) == ("llmchat-test", "test")
    assert (data["schedule"], data["timezone"], data["drill_every"]) == ("30 3 * * *", "Europe/Berlin", 7)
    assert data["policy"] == {
        "last": 0, "hourly": 0, "daily": 7, "weekly": 4, "monthly": 6, "yearly": 0, "within": 1_209_600,
    }  # fmt: skip
    assert (data["data"], data["database"], data["backups"]) == ("/app/db", "llmchat.db", "/backups")
    assert (data["scratch"], data["lock"]) == ("/scratch", "/run/llmchat-lock")
    assert (data["webhook"], data["ping"], data["remotes"]) == ("", "", {})


def test_a_time_zone_that_is_set_goes_before_the_machines() -> None:
    assert told(scheduled(backup__timezone="Asia/Shanghai"))["timezone"] == "Asia/Shanghai"


def test_remotes_are_told_with_their_secrets_and_without_what_is_empty() -> None:
    assert told(scheduled(backup__remotes={"offsite": S3}))["remotes"]["offsite"] == {
        "kind": "s3", "bucket": "chat", "region": "eu", "port": 22,
        "access_key": "AK4711", "secret_key": "hunter2-hunter2",
    }  # fmt: skip


def test_a_job_on_the_command_line_is_told_the_same_but_secrets_stay_hidden() -> None:
    assert remote_settings(S3)["secret_key"] == S3.secret_key
    config = backup_config(scheduled(backup__recipients=RECIPIENT))
    assert config
    assert isinstance(config["env"], Secret)
    assert policy(an_environment().backup)["daily"] == 7


def test_settings_and_keys_travel_in_encrypted_backups_only() -> None:
    plain, encrypted = told(scheduled()), told(scheduled(backup__recipients=RECIPIENT))
    assert (plain["recipients"], plain["config"]) == ([], None)
    assert encrypted["recipients"] == [RECIPIENT]
    assert SECRET_KEY in encrypted["config"]["env"]
    assert LLM_API_KEY not in encrypted["config"]["test.toml"]
    assert told(scheduled(backup__recipients=RECIPIENT, backup__encryption="off"))["config"] is None


def test_backups_say_which_release_they_are_of() -> None:
    release = render_release(scheduled(), SHIPPED, PLACES)
    assert told(scheduled())["release"] == {"release": release.id, "digest": release.digest}


@pytest.mark.parametrize(
    "changed",
    [
        scheduled(backup__keep_daily=8),
        scheduled(backup__ping=Secret("https://ping.example.com/x")),
        scheduled(resources__backup_memory="1g"),
        scheduled(models__idle_timeout=60),
    ],
)
def test_what_it_is_told_is_in_its_digest_and_in_the_releases(changed: Environment) -> None:
    before, after = service(scheduled()), service(changed)
    assert before.digest != after.digest
    assert render_release(scheduled(), SHIPPED, PLACES).id != render_release(changed, SHIPPED, PLACES).id


@pytest.mark.parametrize(
    "places",
    [replace(PLACES, generation=2), replace(PLACES, backups="/srv/other"), replace(PLACES, timezone="UTC")],
)
def test_another_place_is_another_container(places: Places) -> None:
    assert service(scheduled()).digest != service(scheduled(), places).digest


def test_other_secrets_are_another_volume_and_never_in_the_file_that_can_be_read() -> None:
    def volume(release: Release) -> str:
        found = release.service("backup")
        assert found
        assert "hunter2" not in str(found.compose.content)
        return keys_volume(Names("llmchat-test"), found.files)

    remotes = [{"a": S3}, {"a": S3.model_copy(update={"secret_key": Secret("hunter2-hunter3")})}]
    volumes = [volume(render_release(scheduled(backup__remotes=each), SHIPPED, PLACES)) for each in remotes]
    assert volumes[0] != volumes[1]


def test_the_data_volume_is_the_one_of_the_present_generation() -> None:
    text = str(service(scheduled(), replace(PLACES, generation=3)).compose.content)
    assert "name: llmchat-test_backend-db-g3\n" in text
