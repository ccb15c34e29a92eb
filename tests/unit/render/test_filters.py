"""How values are written. Whether Compose reads them back byte for byte is asked in test_with_docker.py."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.render.filters import bracketed, edge_text, publish, yaml_list, yaml_text
from llmchat_deploy.render.release import Slot, Slots, digest_of
from llmchat_deploy.render.slots import parse_slots, render_slots
from tests.unit.world import SHIPPED

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
slots = st.builds(Slots, *[st.sampled_from([None, Slot.A, Slot.B])] * 2)


@given(texts)
def test_a_value_stays_on_one_line_in_quotes_and_without_a_lone_dollar(text):
    written = yaml_text(text)

    assert written[0] == written[-1] == '"'
    assert written.isprintable()
    assert "$" not in written.replace("$$", "")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_written_as_json_would_with_dollars_doubled(text):
    assert yaml_text(text) == json.dumps(text).replace("$", "$$")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ("no", '"no"'),
        ("P@$$w0rd", '"P@$$$$w0rd"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("# no comment", '"# no comment"'),
        ("中文 é", '"中文 é"'),
        ("a\nb\tc", '"a\\U0000000ab\\U00000009c"'),
        ("\u2028\ufeff\x85", '"\\U00002028\\U0000feff\\U00000085"'),
    ],
)
def test_awkward_values(text, written):
    assert yaml_text(text) == written


def test_a_list_is_written_on_one_line():
    assert yaml_list(["CMD", "a $b", "c"]) == '["CMD", "a $$b", "c"]'


@pytest.mark.parametrize(
    ("bind", "written"), [("127.0.0.1", "127.0.0.1:3000:80"), ("::1", "[::1]:3000:80"), ("::", "[::]:3000:80")]
)
def test_a_published_port_names_the_address(bind, written):
    assert publish(bind, 3000, 80) == written


@pytest.mark.parametrize(
    ("address", "written"),
    [("2001:db8::7", "[2001:db8::7]"), ("192.168.1.100", "192.168.1.100"), ("chat.example.com", "chat.example.com")],
)
def test_only_ipv6_gets_brackets(address, written):
    assert bracketed(address) == written


@given(slots)
def test_slots_are_read_back_from_the_file_that_says_them(chosen):
    text = str(render_slots(SHIPPED, chosen).content)

    assert parse_slots(text) == chosen
    enabled = [line.split()[1] for line in text.splitlines() if "server" in line and not line.endswith(" disabled")]
    assert enabled == [str(slot) for slot in (chosen.backend, chosen.frontend) if slot]


@pytest.mark.parametrize("text", [None, "", "backend backend\n", "# slots: backend=c frontend=a\n"])
def test_a_file_that_is_not_ours_names_no_slot(text):
    assert parse_slots(text) == Slots()


@given(st.lists(texts, min_size=1), st.lists(texts, min_size=1))
def test_different_parts_have_different_digests(one, other):
    assert (digest_of(*one) == digest_of(*other)) is (one == other)


@pytest.mark.parametrize(("text", "written"), [("http://[::1]:80 b", "'http://[::1]:80 b'"), ("50%'s", r"'50%%'\''s'")])
def test_a_text_is_one_word_to_haproxy_and_names_no_variable(text, written):
    assert edge_text(text) == written
