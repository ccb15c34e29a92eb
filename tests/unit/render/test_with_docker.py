"""What Compose and HAProxy themselves say to the rendered files, and to any value."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from llmchat_deploy.engine import compose
from llmchat_deploy.render.filters import yaml_text
from tests.unit.certificates import pair
from tests.unit.images import image
from tests.unit.render.cases import CASES, files

pytestmark = pytest.mark.docker

values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
awkward = st.text(st.sampled_from("$#'\"\\ {}%:\n\r\t`!&*?|>-@\u0085\u2028\ufeff\uffff\U0001f600中"), max_size=20)


def run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in argv], capture_output=True, text=True, check=False)


@settings(max_examples=3, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values | awkward, min_size=200, max_size=300))
def test_any_value_passes_compose_byte_for_byte(tmp_path, written):
    """Hundreds of values at a time, for each question to Compose takes a while."""
    lines = [f"      V{number}: {yaml_text(value)}" for number, value in enumerate(written)]
    file = tmp_path / "values.yaml"
    file.write_text("\n".join(["services:", "  s:", "    image: i", "    environment:", *lines, ""]), encoding="utf-8")

    answer = run("docker", "compose", "--file", file, "config", "--format", "json")

    assert answer.returncode == 0, answer.stderr
    variables = json.loads(answer.stdout)["services"]["s"]["environment"]
    # What Compose prints is a Compose file again: a dollar sign stands doubled in it.
    read = [variables[f"V{number}"].replace("$$", "$") for number in range(len(written))]
    assert read == written


@pytest.mark.parametrize("case", CASES)
def test_compose_takes_every_file(case, tmp_path):
    written = [file for file in files(case) if file.path.endswith(".yaml")]
    for file in written:
        path = tmp_path / file.path
        path.write_text(str(file.content), encoding="utf-8")

        answer = run("docker", "compose", "--project-name", "llmchat-check", "--file", path, "config", "--quiet")

        assert (answer.returncode, answer.stdout + answer.stderr) == (0, ""), file.path
    assert len(written) >= 3


def test_compose_asks_no_registry_for_an_image_that_has_gone(tmp_path):
    file = tmp_path / "service.compose.yaml"
    service = "{image: 'llmchat-gone/s:1', pull_policy: never, network_mode: none}"
    file.write_text(f"services: {{s: {service}}}\n", encoding="utf-8")

    answer = run(*compose.up("llmchat-gone", "s", str(file)))

    assert answer.returncode != 0
    assert "No such image" in answer.stderr
    assert "pull" not in answer.stderr.lower()


@pytest.mark.parametrize("case", CASES)
def test_haproxy_takes_the_edge_s_configuration(case):
    """Through standard input: the image's user may not read a folder of the test's."""
    script = "set -e; cat > /tmp/all; csplit -sf /tmp/part /tmp/all /^----$/ {1}; sed -i 1d /tmp/part01 /tmp/part02;"
    script += " mkdir /etc/llmchat-edge/tls; cp /tmp/part02 /etc/llmchat-edge/tls/tls.pem;"
    script += " haproxy -c -f /tmp/part00 -f /tmp/part01"
    haproxy, slots = (next(file for file in files(case) if file.path == name) for name in ("haproxy.cfg", "slots.cfg"))

    answer = subprocess.run(
        ["docker", "run", "--rm", "--interactive", "--network", "none", image("edge"), "bash", "-c", script],
        input=f"{haproxy.content}----\n{slots.content}----\n{pair().key.reveal()}{pair().certificate}",
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert "[WARNING]" not in answer.stderr
    assert "[ALERT]" not in answer.stderr
