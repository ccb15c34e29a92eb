"""The settings of backups: how they reach the environment, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmchat_deploy.config.describe import describe
from llmchat_deploy.secret import MASK, Secret
from tests.unit.config.project import ENV_FILE, FakeProject, load, only, problems, production

TOML = "environments/production.toml"
KEY = "age1v4ucelk83e3u8jm9kqxn04hjpu4s36eyve6h6rfz82thw0a2wfes5y4l3c"
PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----\n"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS"
S3 = '[backup.remotes.off-site]\nkind = "s3"\nendpoint = "https://s3.example.com"\nbucket = "chat-backups"\n'
S3_KEYS = "BACKUP_REMOTE_OFF_SITE_ACCESS_KEY=AK4711\nBACKUP_REMOTE_OFF_SITE_SECRET_KEY=hunter2-hunter2\n"
SFTP = f'[backup.remotes.nas]\nkind = "sftp"\nhost = "nas.example.com"\nuser = "chat"\nhost_key = "{HOST_KEY}"\n'
HOOK = "https://hooks.example.com/T0/hunter2-hunter2"


def project(toml: str, env: str = "") -> FakeProject:
    return production(env, toml=toml)


def test_nothing_needs_to_be_said_about_backups() -> None:
    backup = load(production()).environment.backup
    assert (backup.schedule, backup.keys, backup.remotes) == ("", (), {})


def test_recipients_are_separated_by_spaces_or_commas() -> None:
    loaded = load(production(f"BACKUP_RECIPIENTS='{KEY}, {KEY} {KEY}'\n"))
    assert loaded.environment.backup.keys == (KEY, KEY, KEY)


def test_nothing_is_encrypted_where_encryption_is_off() -> None:
    loaded = load(production(f"BACKUP_RECIPIENTS={KEY}\n"), "production", "backup.encryption=off")
    assert loaded.environment.backup.keys == ()


def test_remotes_take_their_secrets_from_the_env_file() -> None:
    found = load(project(S3 + SFTP, S3_KEYS + "BACKUP_REMOTE_NAS_PASSWORD='p w'\n")).environment.backup.remotes
    assert list(found) == ["off-site", "nas"]
    assert found["off-site"].secret_key == Secret("hunter2-hunter2")
    assert (found["nas"].port, found["nas"].password) == (22, Secret("p w"))


@pytest.mark.parametrize("value", [f"'{PRIVATE}'", "keys/nas"])
def test_a_private_key_is_given_as_text_or_by_its_file(value: str) -> None:
    files = {"keys/nas": PRIVATE}
    found = load(replace(project(SFTP, f"BACKUP_REMOTE_NAS_PRIVATE_KEY={value}\n"), files=files))
    assert found.environment.backup.remotes["nas"].private_key == Secret(PRIVATE)


def test_secrets_of_backups_are_masked_and_never_shown() -> None:
    env = S3_KEYS + f"BACKUP_REMOTE_NAS_PRIVATE_KEY='{PRIVATE}'\nBACKUP_WEBHOOK_URL={HOOK}\nBACKUP_PING_URL={HOOK}/p\n"
    loaded = load(project(S3 + SFTP, env))
    values = {"AK4711", "hunter2-hunter2", PRIVATE, HOOK, f"{HOOK}/p"}
    assert values <= {secret.reveal() for secret in loaded.environment.secrets}
    text = repr(describe(loaded)) + repr(loaded) + loaded.environment.model_dump_json()
    assert not [value for value in values if value in text or repr(value)[1:-1] in text]
    shown = {row.key: row.value for row in describe(loaded)}
    assert shown["backup.webhook"] == shown["backup.remotes.off-site.secret_key"] == MASK


def test_a_schedule_without_encryption_gets_a_warning() -> None:
    (warning,) = load(production("BACKUP_SCHEDULE='30 3 * * *'\n")).warnings
    assert "are not encrypted" in warning
    assert not load(FakeProject(env={"development": "BACKUP_SCHEDULE='every 6h'\n"}), "development").warnings
    assert "backup key create --env production" in warning
    assert not load(production(f"BACKUP_SCHEDULE='30 3 * * *'\nBACKUP_RECIPIENTS={KEY}\n")).warnings


@pytest.mark.parametrize(
    ("toml", "env", "key", "says", "hint"),
    [
        ("encryption = 'on'", "", "backup.encryption", "no key to encrypt to", "backup key create --env production"),
        ("recipients = 'age1x'", "", "backup.recipients", "'age1x' is no public key", "62 characters"),
        (f"recipients = '{KEY[:-1]}d'", "", "backup.recipients", "is no public key", "mistyped"),
        ("recipients = 'AGE-SECRET-KEY-1HUNTER2'", "", "backup.recipients", "private key", "make a new key"),
        ("folder = 'backups'", "", "backup.folder", "no absolute path", "/srv/backups/chat"),
        ("folder = '/srv/../etc'", "", "backup.folder", "no folder of its own", "/srv/backups/chat"),
        ("folder = '/'", "", "backup.folder", "no folder of its own", "/srv/backups/chat"),
        ("folder = '/srv/a,b'", "", "backup.folder", "in its own way", "Leave out"),
        ("schedule = 'daily'", "", "backup.schedule", "is no schedule", "30 3 * * *"),
        ("timezone = 'Mars/Base'", "", "backup.timezone", "no time zone", "Asia/Shanghai"),
        ("timezone = '../etc'", "", "backup.timezone", "no time zone", "Asia/Shanghai"),
        ("keep_within = '2 weeks'", "", "backup.keep_within", "no time span", "14d"),
        ("keep_last = -1", "", "backup.keep_last", "out of range", "at least 0"),
        ("webhook = 'https://x'", "", "backup.webhook", "is a secret", "BACKUP_WEBHOOK_URL"),
        ("", "BACKUP_PING_URL=ftp://u:hunter2@x\n", "BACKUP_PING_URL", "no http or https URL", "https://"),
        ("", "BACKUP_REMOTE_X_PASSWORD=x\n", "BACKUP_REMOTE_X_PASSWORD", "doesn't exist", "[backup.remotes.NAME]"),
        ("", "BACKUP_SHEDULE=x\n", "BACKUP_SHEDULE", "not a known variable", "BACKUP_SCHEDULE?"),
    ],
)  # fmt: skip
def test_a_mistake_about_backups_is_told_at_its_place(toml: str, env: str, key: str, says: str, hint: str) -> None:
    problem = only(problems(project(f"[backup]\n{toml}\n", env)))
    assert (problem.source, problem.key) == (".env.production:11" if env else f"{TOML}:2", key)
    assert says in problem.message
    assert hint in problem.hint
    assert "hunter2" not in repr(problem).lower()


def test_a_policy_that_keeps_nothing_is_refused() -> None:
    nothing = "[backup]\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\n"
    assert "keeps no backup" in only(problems(project(nothing))).message
    assert not problems(project(nothing + "keep_within = '14d'\n"))


@pytest.mark.parametrize(
    ("remote", "key", "says", "hint"),
    [
        ("bucket = 'chat-backups'", "kind", "is missing", "sftp"),
        ("kind = 'ftp'", "kind", "is the text 'ftp'", "s3, sftp"),
        ("kind = 's3'\nregion = 'eu'", "bucket", "is missing", "chat-backups"),
        ("kind = 's3'\nregion = 'eu'\nbucket = ''", "bucket", "is empty", "chat-backups"),
        ("kind = 's3'\nregion = 'eu'\nbucket = 'a/b'", "bucket", "is no bucket", "prefix"),
        ("kind = 's3'\nbucket = 'chat-backups'", "endpoint", "is missing", "region"),
        ("kind = 's3'\nendpoint = 's3.example.com'\nbucket = 'abc'", "endpoint", "no scheme", "https://s3"),
        ("kind = 's3'\nendpoint = 'http://s3.lan'\nbucket = 'abc'", "endpoint", "without TLS", "allow_http"),
        ("kind = 's3'\nregion = 'eu'\nbucket = 'abc'\nprefix = '/x'", "prefix", "is no prefix", "chat/"),
        ("kind = 's3'\nregion = 'eu'\nbucket = 'abc'\nhost = 'x'", "host", "no meaning for s3", "sftp"),
        (f"kind = 'sftp'\nuser = 'u'\nhost_key = '{HOST_KEY}'", "host", "is missing", "backup.example.com"),
        (f"kind = 'sftp'\nhost = 'u@x:1'\nuser = 'u'\nhost_key = '{HOST_KEY}'", "host", "has a port", "Leave it out"),
        (f"kind = 'sftp'\nhost = 'x'\nhost_key = '{HOST_KEY}'", "user", "is missing", "logs in"),
        ("kind = 'sftp'\nhost = 'x'\nuser = 'u'", "host_key", "is missing", "ssh-keyscan"),
        ("kind = 'sftp'\nhost = 'x'\nuser = 'u'\nhost_key = 'SHA256:x'", "host_key", "no public key", "AAAA"),
        ("kind = 'sftp'\nport = 0", "port", "out of range", "65535"),
    ],
)  # fmt: skip
def test_a_remotes_mistake_is_told_by_its_setting(remote: str, key: str, says: str, hint: str) -> None:
    env = "".join(f"BACKUP_REMOTE_A_{word}=x4711x\n" for word in ("ACCESS_KEY", "SECRET_KEY", "PASSWORD"))
    if "kind = 's3'" in remote:
        env = env.replace("PASSWORD=x4711x", "PASSWORD=")
    if "kind = 'sftp'" in remote:
        env = env.replace("_KEY=x4711x", "_KEY=")
    found = problems(project(f"[backup.remotes.a]\n{remote}\n", env))
    mine = [problem for problem in found if problem.key == f"backup.remotes.a.{key}"]
    problem = only(tuple(mine))
    assert problem.source.startswith(TOML)
    assert says in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("toml", "missing"),
    [
        (S3, ["BACKUP_REMOTE_OFF_SITE_ACCESS_KEY", "BACKUP_REMOTE_OFF_SITE_SECRET_KEY"]),
        (SFTP, ["BACKUP_REMOTE_NAS_PRIVATE_KEY"]),
    ],
)
def test_a_remotes_secrets_are_asked_for_by_their_variables(toml: str, missing: list[str]) -> None:
    found = problems(project(toml))
    assert [(problem.source, problem.key) for problem in found] == [(".env.production", key) for key in missing]


def test_a_private_key_that_is_none_is_not_repeated() -> None:
    problem = only(problems(project(SFTP, "BACKUP_REMOTE_NAS_PRIVATE_KEY=hunter2\n")))
    assert problem.key == "BACKUP_REMOTE_NAS_PRIVATE_KEY"
    assert "neither a private key" in problem.message
    assert "hunter2" not in repr(problem)


def test_a_remotes_name_fits_into_a_variable() -> None:
    problem = only(problems(project('[backup.remotes."Off_Site"]\nkind = "s3"\n')))
    assert (problem.key, problem.message) == ("backup.remotes.Off_Site", "is no name")


def test_a_remote_can_be_set_by_options() -> None:
    options = ("backup.remotes.a.kind=s3", "backup.remotes.a.region=eu", "backup.remotes.a.bucket=abc")
    env = "BACKUP_REMOTE_A_ACCESS_KEY=x\nBACKUP_REMOTE_A_SECRET_KEY=y\n"
    found = load(FakeProject(env={"production": ENV_FILE + env}), "production", *options)
    assert found.environment.backup.remotes["a"].bucket == "abc"
    near = only(problems(production(), "production", "backup.remotes.a.buckt=abc"))
    assert near.hint == "Did you mean 'backup.remotes.a.bucket'?"
