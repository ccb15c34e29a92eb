"""The tool's own authority: OpenSSL itself believes what it signs, for the names that were asked for and no others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.certificates import authority, pair


@pytest.mark.parametrize(
    ("option", "name", "believed"),
    [
        ("-verify_ip", "192.168.1.100", True),
        ("-verify_ip", "fd00::7", True),
        ("-verify_hostname", "chat.example.com", True),
        ("-verify_hostname", "other.example.com", False),
        ("-verify_ip", "192.168.1.101", False),
    ],
)
def test_openssl_believes_the_names_that_were_asked_for(tmp_path: Path, option: str, name: str, believed: bool):  # noqa: FBT001
    leaf, ca = tmp_path / "leaf.pem", tmp_path / "ca.pem"
    leaf.write_text(pair("192.168.1.100", "fd00::7", "chat.example.com").certificate)
    ca.write_text(authority().certificate)
    argv = ("openssl", "verify", "-attime", "1800000000", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(ca))

    done = subprocess.run((*argv, option, name, str(leaf)), capture_output=True, check=False)

    assert (done.returncode == 0) is believed, done.stderr


def test_keys_are_never_shown():
    assert "PRIVATE" not in f"{authority()} {pair()}"
