"""What is rendered: each file as it is, identical for identical input, and without anything secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from llmchat_deploy.errors import RenderError
from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.plan.edge import DOWNTIME_SECONDS
from llmchat_deploy.render.backend import backend_keys, backend_variables
from llmchat_deploy.render.jinja import Renderer
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Revision
from llmchat_deploy.render.render import render_release
from llmchat_deploy.secret import Secret
from tests.unit.render.cases import CASES, KEY, environment, files, places
from tests.unit.world import ROOT, SHIPPED, Sources, an_environment


class _File(SingleFileSnapshotExtension):
    """One file a snapshot, in a folder a case, under the name that the file has on a machine."""

    _write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        case = re.search(r"\[(.+)\]", test_location.testname)
        assert case
        return str(Path(test_location.filepath).parent / "__snapshots__" / test_location.basename / case[1])

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        return str(index)


class _Yaml(_File):
    file_extension = "yaml"


class _Cfg(_File):
    file_extension = "cfg"


KINDS = {".yaml": _Yaml, ".cfg": _Cfg}


@pytest.mark.parametrize("case", CASES)
def test_files(case: str, snapshot: SnapshotAssertion) -> None:
    """To accept a change: ``pytest tests/unit/render --snapshot-update``, then read the diff."""
    for file in files(case):
        path = Path(file.path)
        assert file.content == snapshot(name=path.stem, extension_class=KINDS[path.suffix])
    kept = Path(__file__).parent / "__snapshots__" / Path(__file__).stem / case
    assert {path.name for path in kept.iterdir()} == {file.path for file in files(case)}


@pytest.mark.parametrize("case", CASES)
def test_identical_input_gives_identical_bytes(case):
    first = render_release(environment(case), Sources(), places(case))
    again = render_release(environment(case), Sources(), places(case))

    assert first == again
    assert first.digest == again.digest


def test_the_folder_of_the_project_changes_nothing_that_is_rendered(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    for name in ("templates", "service"):
        (tmp_path / "elsewhere" / name).symlink_to(ROOT / name)
    here = render_release(an_environment(), ProjectTemplates(ROOT))
    there = render_release(an_environment(), ProjectTemplates(tmp_path / "elsewhere", ROOT))

    assert here.services == there.services
    assert here.digest == there.digest


@pytest.mark.parametrize("case", CASES)
def test_no_image_is_ever_pulled(case):
    """The files say so themselves: the option that says it is unknown to Compose before 2.6."""
    services = [file for file in files(case) if file.path.endswith(".compose.yaml")]
    assert all("\n    pull_policy: never\n" in str(file.content) for file in services)
    assert len(services) >= 3


@pytest.mark.parametrize("case", CASES)
def test_no_secret_is_in_a_file_that_can_be_read(case):
    everything = "".join(str(file.content) for file in files(case))

    assert [secret for secret in environment(case).secrets if secret and secret.reveal() in everything] == []


def test_keys_are_files_that_only_their_owner_reads():
    keys = backend_keys(environment("everything"))

    assert [(file.path, file.mode, file.sensitive) for file in keys] == [
        ("SECRET_KEY", 0o400, True),
        ("LLM_API_KEY", 0o400, True),
        ("PRESET_MODEL_KEYS", 0o400, True),
    ]
    assert keys[0].content == Secret(KEY)
    assert keys[2].content == Secret('{"codegeex": "", "qwen": "another-credential-0815"}')
    assert KEY not in repr(keys)


def test_the_key_before_the_present_one_is_a_file_while_it_is_kept():
    keys = {file.path: file.content for file in backend_keys(an_environment(previous_secret_key=Secret("p" * 32)))}

    assert keys["SECRET_KEY_PREVIOUS"] == Secret("p" * 32)
    assert Secret("p" * 32) in an_environment(previous_secret_key=Secret("p" * 32)).secrets


def test_a_key_s_digest_tells_values_apart_and_cannot_be_guessed_without_secret_key():
    short = [an_environment(secret_key=Secret(key * 32)) for key in "ab"]

    digests = [backend_keys(environment)[1].digest for environment in short]

    assert digests[0] != digests[1]  # the same LLM_API_KEY under another SECRET_KEY


def test_the_services_digest_covers_what_its_container_is_made_of_and_nothing_else():
    def digests(**changes: object) -> dict[str, str]:
        return {service.name: service.digest for service in render_release(an_environment(**changes), SHIPPED).services}

    before = digests()
    changed = {
        "auth__token_minutes": (5, {"backend"}),
        "limits__streams": (3, {"backend"}),
        "secret_key": (Secret("z" * 40), {"backend"}),
        "server__web_port": (3100, {"edge"}),
        "models__idle_timeout": (60, {"backend"}),  # the edge loads it without another container
        "resources__frontend_memory": ("300m", {"frontend"}),
        "server__api_url": ("http://192.168.1.100:8000", set()),  # the edge says it with each request
    }
    for name, (value, expected) in changed.items():
        after = digests(**{name: value})
        assert {service for service in after if after[service] != before[service]} == expected, name


def test_a_release_is_another_one_when_only_the_edge_s_configuration_changes():
    releases = [render_release(an_environment(models__idle_timeout=seconds), SHIPPED) for seconds in (60, 61)]

    assert releases[0].id != releases[1].id


@pytest.mark.parametrize(
    ("case", "network"),
    [("development", "bridge"), ("staging", "bridge"), ("production", "host"), ("everything", "bridge")],
)
def test_a_model_on_loopback_puts_the_backend_on_the_host_s_network(case, network):
    backend = render_release(environment(case), SHIPPED).service("backend")

    assert backend is not None
    assert ("network_mode: host" in str(backend.compose.content)) is (network == "host")


def test_presets_reach_the_backend_in_the_guide_s_shape_without_keys():
    variables = backend_variables(environment("everything"))

    assert '"qwen": {"model": "qwen-max", "name": "通义千问"' in variables["PRESET_MODELS"]
    assert "another-credential" not in "".join(variables.values())


def test_the_backend_hears_which_preset_is_for_administrators_only():
    made = environment("everything")
    hidden = made.models.presets["qwen"].model_copy(update={"visible_to": "admins"})
    presets = {**made.models.presets, "qwen": hidden}
    models = made.models.model_copy(update={"presets": presets})

    told = json.loads(backend_variables(made.model_copy(update={"models": models}))["PRESET_MODELS"])
    assert {name: preset.get("visible_to") for name, preset in told.items()} == {"codegeex": None, "qwen": "admins"}


def edge_says(name: str) -> list[str]:
    edge = render_release(environment(name), SHIPPED).service("edge")
    assert edge is not None
    lines = str(edge.files[0].content).splitlines()
    return [line.strip().removeprefix("http-request ") for line in lines if "X-LLMChat-" in line]


def test_only_the_edge_knows_addresses_and_says_them_at_both_ports():
    api, page = "'http://[2001:db8::7]:8300'", "'http://[2001:db8::7]:3300'"
    said = [f"set-header X-LLMChat-Api-Url {api}", f"set-header X-LLMChat-Origins {page}"]

    assert edge_says("everything") == [*said * 2, "del-header X-LLMChat-Origins"], "the last one is for the metrics"
    release = render_release(environment("everything"), SHIPPED)
    others = [service for service in release.services if service.name != "edge"]
    assert not any("2001:db8::7" in str(service.compose.content) for service in others)


def test_what_a_client_says_of_addresses_never_passes_the_edge():
    assert edge_says("production") == ["del-header X-LLMChat-Api-Url", "del-header X-LLMChat-Origins"] * 2


def test_a_registry_prefix_is_put_before_the_base_image():
    release = render_release(an_environment(build__registry_prefix="mirror.example.com/library/"), SHIPPED)

    assert release.base_image == "mirror.example.com/library/debian:13-slim"


def test_the_base_image_is_part_of_every_image_s_tag():
    one = render_release(an_environment(), SHIPPED)
    other = render_release(an_environment(build__base_image="debian:trixie-slim"), SHIPPED)

    assert not {image.tag for image in one.images} & {image.tag for image in other.images}
    assert one.id != other.id


def test_the_edge_s_grace_is_part_of_the_downtime_that_is_announced():
    edge = render_release(an_environment(), SHIPPED).service("edge")
    assert edge
    (grace,) = re.findall(r"stop_grace_period: (\d+)s", str(edge.compose.content))

    # Starting it again takes three seconds at most (tests/bench/edge.py).
    assert int(grace) + 3 <= DOWNTIME_SECONDS


def test_each_slot_and_environment_has_names_of_its_own():
    one, other = Names("llmchat-a"), Names("llmchat-b")

    assert one.compose_project("backend", None) == "llmchat-a"
    assert one.container("backend", "b") == one.compose_project("backend", "b") == "llmchat-a-backend-b"  # type: ignore[arg-type]
    assert one.container("edge", None) == "llmchat-a-edge"
    mine = {one.network, one.data_volume, one.slots_volume, one.edge_volume, one.secrets_volume("1" * 64)}
    assert mine.isdisjoint({other.network, other.data_volume, other.slots_volume, other.secrets_volume("1" * 64)})


class OwnTemplates:
    """Templates of somebody's own."""

    context = "/service"

    def __init__(self, text: str) -> None:
        self._text = text

    def text(self, name: str) -> str:
        return self._text

    def revisions(self) -> tuple[Revision, ...]:
        return (Revision("0001"),)

    def inputs(self, service: str) -> str:
        return "0" * 64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\n{% if %}", "templates/own.j2:2: Expected an expression"),
        ("{{ nobody_sets_this }}", "templates/own.j2: 'nobody_sets_this' is undefined"),
        ("{{ name | no_such_filter }}", "templates/own.j2:1: No filter named 'no_such_filter'"),
    ],
)
def test_a_template_that_does_not_fit_says_where_and_what_to_look_at(text, message):
    with pytest.raises(RenderError) as error:
        Renderer(OwnTemplates(text)).render("own.j2", name="x.j2")

    assert error.value.message.startswith(message)
    assert "the shipped one" in error.value.hint
