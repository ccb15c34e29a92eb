"""The program that gets certificates: when it asks, what it asks, and how it says what went wrong."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import llmchat_acme as acme
import pytest

from tests.unit.certificates import NOW, pair

DAY = 86_400
SETTINGS = acme.Settings(("chat.example.com",), "it@example.com", "https://ca.example/dir", "http", "", {})
REFUSED = """\
Saving debug log to /tmp/certbot/logs/letsencrypt.log

Certbot failed to authenticate some domains. The Certificate Authority reported these problems:
  Domain: chat.example.com
  Type:   connection
  Detail: 192.0.2.7: Fetching http://chat.example.com/.well-known/acme-challenge/x: Connection refused

Hint: The Certificate Authority failed to download the challenge files.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org.
"""


BY_PARTS = """\
alidns: failed to add record: SDKError:
   StatusCode: 400
   Code: SignatureDoesNotMatch
   Message: code: 400, Specified signature is not matched with our calculation. request id: 1
   Detail: <nil>
   Data: {"Code":"SignatureDoesNotMatch"}
"""


def test_it_asks_again_two_thirds_into_the_life_of_a_certificate():
    due = acme.due_at(pair().certificate, acme.Status())
    assert due == pytest.approx(NOW + 398 * DAY * 2 / 3, abs=DAY / 2)


def test_after_a_failure_it_waits_longer_each_time():
    assert acme.due_at(pair().certificate, acme.Status(failures=2, next=NOW + 300)) == NOW + 300
    assert list(acme.DELAYS) == sorted(acme.DELAYS)
    assert sum(delay < 3600 for delay in acme.DELAYS) < 5, "Let's Encrypt bears five failures an hour"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (REFUSED, "192.0.2.7: Fetching http://chat.example.com/.well-known/acme-challenge/x: Connection refused"),
        ("An unexpected error occurred:\nrateLimited :: too many certificates\nAsk for help", "rateLimited"),
        (BY_PARTS * 2, "Code: SignatureDoesNotMatch Message: code: 400, Specified signature is not matched"),
        (
            "tencentcloud: API call failed: [TencentCloudSDKError] Code=AuthFailure, Message=no",
            "tencentcloud: API call",
        ),
        ("", "certbot said nothing"),
    ],
)
def test_the_cause_is_the_authoritys_own_sentence(said: str, expected: str):
    assert acme.cause(said).startswith(expected)


def test_names_are_proved_by_http_or_by_the_hook():
    by_http = acme.certbot(SETTINGS)
    assert by_http[by_http.index("--http-01-port") :][:2] == ("--http-01-port", "8402")
    by_dns = acme.certbot(acme.Settings(("a.example",), "", "https://ca.example/dir", "dns", "", {"KEY": "s3cret-1"}))
    assert "/run/llmchat/dns-hook present" in by_dns
    assert "--register-unsafely-without-email" in by_dns
    assert "s3cret-1" not in " ".join(by_dns)


BY_PROVIDER = replace(
    SETTINGS,
    challenge="dns",
    env={"KEY": "s3cret-1", "ID": "4711"},
    provider="alidns",
    wait=7,
    servers=("10.0.0.53:53",),
)


def test_a_provider_is_asked_by_a_file_that_only_this_user_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    seen: list[tuple[tuple[str, ...], dict[str, str], str, int]] = []
    file = tmp_path / "dns.ini"

    def run(argv: tuple[str, ...], *, env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append((argv, env, file.read_text(), file.stat().st_mode & 0o777))
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(acme, "CREDENTIALS", file)
    monkeypatch.setattr(subprocess, "run", run)
    assert acme.issue(BY_PROVIDER) == ""

    ((argv, env, text, mode),) = seen
    line = " ".join(argv)
    assert f"--authenticator dns-multi --dns-multi-credentials {file} --dns-multi-propagation-seconds 7" in line
    assert "--dns-multi-nameservers 10.0.0.53:53" in line
    assert (text, mode) == ('dns_multi_provider = alidns\nKEY = "s3cret-1"\nID = "4711"\n', 0o400)
    assert "s3cret-1" not in f"{line}{env}"
    assert "KEY" not in env


@pytest.mark.parametrize("value", ["a#b", "a,b;c", 'say "x"', "it's", 'it\'s "x"', "100%", "x'''\"y", '"""\''])
def test_a_key_is_written_so_that_it_is_read_back(value: str):
    """As ConfigObj reads it: between its quotes everything stands for itself."""
    told = acme.credentials(replace(BY_PROVIDER, env={"KEY": value}))
    quoted = told.splitlines()[1].removeprefix("KEY = ")
    quote = quoted[:3] if quoted.startswith(("'''", '"""')) else quoted[0]
    assert quoted == f"{quote}{value}{quote}"
    assert quote not in value


def test_a_key_that_no_quotes_hold_stops_nobody():
    """The tool refuses such a value; one of an older tool is certbot's to refuse, and the edge goes on serving."""
    value = "'''" + '"""'
    assert acme.credentials(replace(BY_PROVIDER, env={"KEY": value})).splitlines()[1] == f'KEY = "{value}"'


def test_settings_of_an_older_tool_are_understood(tmp_path: Path):
    file = tmp_path / "acme.json"
    file.write_text(json.dumps({**asdict(SETTINGS), "domains": ["chat.example.com"]}))
    assert acme.Settings.read(file) == SETTINGS
    told = {name: value for name, value in asdict(SETTINGS).items() if name not in {"provider", "wait", "servers"}}
    file.write_text(json.dumps(told))
    assert acme.Settings.read(file) == SETTINGS


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path):
    file = tmp_path / "tls" / "tls.pem"
    for text in ("old", "new"):
        acme.replace(file, text, 0o400)
    assert (file.read_text(), file.stat().st_mode & 0o777, len(list(file.parent.iterdir()))) == ("new", 0o400, 1)


def test_a_status_comes_back_and_a_broken_one_counts_as_none(tmp_path: Path):
    file = tmp_path / "acme.json"
    status = acme.Status(at=NOW, error="refused", failures=1, next=NOW + 60, domains=("a.example",))
    status.write(file)
    assert acme.Status.read(file) == status
    for text in ("", "{}", json.dumps({"at": 1, "what": 2})):
        file.chmod(0o600)
        file.write_text(text)
        assert acme.Status.read(file) == acme.Status()
