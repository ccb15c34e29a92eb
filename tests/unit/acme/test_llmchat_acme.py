"""The program that gets certificates: when it asks, what it asks, and how it says what went wrong."""

from __future__ import annotations

import json
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
