"""What was probably meant by a setting that isn't known: a near one, one of the same name, or nothing."""

from __future__ import annotations

import pytest

from llmchat_deploy.config.near import nearest_key, nearest_section
from llmchat_deploy.config.schema import dotted, known_settings, parse_dotted


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("server.web_prot", "server.web_port"),
        ("sever.web_prot", "server.web_port"),
        ("tsl.mode", "tls.mode"),
        ("web_prot", "server.web_port"),
        ("server_web_port", "server.web_port"),
        ("backend", "network.backend"),
        ("start_timout", "health.start_timeout"),
        ("server.titles", "models.titles"),
        ("models.url", "models.default.url"),
        ("modls.defalt.url", "models.default.url"),
        ("models.preset.gpt-4.1.url", "models.presets.gpt-4.1.url"),
        ("backup.remotes.a.buckt", "backup.remotes.a.bucket"),
        ("generate_secret", "generate_secrets"),
    ],
)
def test_a_near_one_is_proposed(written: str, meant: str) -> None:
    assert nearest_key(parse_dotted(written)) == meant


@pytest.mark.parametrize(
    ("written", "section"),
    [
        ("modls.x", "models"),
        ("models.x", "models"),
        ("netw.x", "network"),
        ("servers", "server"),
        ("models.modle", "models"),
        ("model.presets.a.x", "models.presets.a"),
        ("qqq", ""),
        ("memory", ""),
        ("x.y", ""),
        ("log.level", ""),
        ("a.b.c.d.e", ""),
    ],
)
def test_a_key_that_is_like_none_gets_its_section_at_most(written: str, section: str) -> None:
    assert nearest_key(parse_dotted(written)) == ""
    assert nearest_section(parse_dotted(written)) == section


def test_a_secret_is_never_proposed() -> None:
    secrets = {dotted(path) for path, known in known_settings().items() if known.kind == "secret"}
    assert {nearest_key(parse_dotted(f"{secret}x")) for secret in secrets}.isdisjoint(secrets)
