"""Commands inside the backend: able to chat or not, and whose fault it is; migrations; the administrator."""

from __future__ import annotations

import json

import pytest

from llmchat_deploy.apply.backend import ensure_admin, last_json, migrate, probe_model
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import ArchiveFailed, RefusedError, StepFailed, Unhealthy
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import EnsureAdmin, Migrate, ProbeModel
from llmchat_deploy.render.release import Slot
from tests.unit.world import LLM_API_KEY, SHIPPED, World, an_environment, release_of

ENVIRONMENT = an_environment()
OLD, NEW = "llmchat-test-backend-a", "llmchat-test-backend-b"


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.engine.boxes[NEW] = world.engine.boxes[OLD]
    world.rewind()
    return world


def run(world: World) -> Run:
    return Run(ENVIRONMENT, world.host, world.engine, Findings(), lambda line: None)


def chat(world: World, **reasons: str) -> None:
    """Let the model answer in the named slots (empty reason) or fail with a reason."""

    def answer(container: str, argv: tuple[str, ...], stdin: bytes) -> ExecResult | None:
        if "probe" not in argv:
            return None
        reason = reasons["new" if container == NEW else "old"]
        said = {"model": "default", "ok": not reason, "reason": reason}
        said |= {"detail": f"it said {LLM_API_KEY}", "hint": "Start it."} if reason else {}
        return ExecResult(9 if reason else 0, f"noise\n{json.dumps(said)}\n", "")

    world.engine.answers.insert(0, answer)


def probe(*, beside: Slot | None = Slot.A, required: bool = False) -> ProbeModel:
    undo = ("llmchat-test-backend-b",) if beside else ()
    return ProbeModel(project="llmchat-test", slot=Slot.B, beside=beside, required=required, undo=undo, cause="new")


def carry_out(step: ProbeModel, world: World) -> None:
    execute(Plan("test", "llmchat-test", (step,)), ENVIRONMENT, world.host, world.engine, world.events.append)


def test_a_model_that_answers(world):
    chat(world, new="", old="")
    it = run(world)

    probe_model(probe(), it)

    assert it.findings.model
    assert it.findings.model.ok
    assert it.findings.warnings == []


def test_a_model_that_answers_neither_slot_is_a_warning(world):
    chat(world, new="nothing_listens", old="nothing_listens")
    it = run(world)

    probe_model(probe(), it)

    assert it.findings.warnings == ["model_unreachable: The model 'default' doesn't answer: it said *** Start it."]
    assert it.findings.model
    assert it.findings.model.reason == "nothing_listens"
    assert world.writes == []


def test_one_that_listens_on_another_address_of_this_machine_is_named(world):
    said = {"model": "default", "ok": False, "reason": "nothing_listens", "detail": "Nothing.", "hint": "Start it."}
    said |= {"host": "192.168.1.100", "port": 11553}
    world.engine.answers.insert(0, lambda *_: ExecResult(9, json.dumps(said), ""))
    world.host.listeners[11553] = {"127.0.0.1": "vllm"}
    it = run(world)

    probe_model(probe(beside=None), it)

    assert it.findings.model
    assert it.findings.model.reason == "other_address"
    (warning,) = it.findings.warnings
    assert warning == (
        "model_unreachable: The model 'default' doesn't answer: Nothing answers at 192.168.1.100:11553, but something "
        "listens at 127.0.0.1:11553 only. Use 127.0.0.1 in the model's URL, or start the model server with "
        "--host 0.0.0.0."
    )


def test_on_a_first_deploy_too(world):
    chat(world, new="wrong_path")
    it = run(world)

    probe_model(probe(beside=None), it)

    assert len(it.findings.warnings) == 1


def test_where_the_old_slot_can_chat_the_new_one_must(world):
    chat(world, new="wrong_key", old="")

    with pytest.raises(Unhealthy) as error:
        carry_out(probe(), world)

    assert error.value.message == (
        "backend (slot b) can't chat. The model 'default' doesn't answer: it said ***"
        " The new release was removed; the old one goes on serving."
    )
    assert error.value.hint == "Start it."
    assert error.value.exit_code == 9
    assert world.writes == [f"remove container {NEW}"]


@pytest.mark.parametrize("beside", [Slot.A, None])
def test_a_model_that_is_required_must_answer(world, beside):
    chat(world, new="timeout", old="timeout")

    with pytest.raises(Unhealthy):
        carry_out(probe(beside=beside, required=True), world)

    assert world.writes == ([f"remove container {NEW}"] if beside else [])


def test_a_probe_that_says_nothing_counts_as_no_answer(world):
    world.engine.answers.insert(0, lambda *_: ExecResult(137, "", f"Killed {LLM_API_KEY}"))
    it = run(world)

    probe_model(probe(), it)

    assert it.findings.model
    assert (it.findings.model.reason, it.findings.model.detail) == ("probe_failed", "Killed ***")


def test_migrating_runs_the_new_image_on_the_data_volume_only(world):
    backend = release_of(ENVIRONMENT, SHIPPED).service("backend")
    assert backend

    migrate(
        Migrate(project="llmchat-test", service=backend, data_volume="llmchat-test_backend-db", cause="new"), run(world)
    )

    (once,) = world.engine.runs[1:]
    assert once.argv == ("llmchat-backend", "migrate")
    assert once.image == backend.image.tag
    assert once.volumes == {"llmchat-test_backend-db": "/app/db"}


@pytest.mark.parametrize(("restored", "refused"), [({"id": "1"}, True), (None, False)])
def test_only_restored_data_is_refused_for_a_schema_of_a_newer_release(world, monkeypatch, restored, refused):
    """An older release goes on beside its successor; a backup of an unknown release is nobody's present data."""
    backend = release_of(ENVIRONMENT, SHIPPED).service("backend")
    assert backend
    told = '{"from": "9999", "to": "9999", "head": "0001"}\n'
    monkeypatch.setattr(world.engine, "run_once", lambda *_, **__: ExecResult(0, told, ""))
    step = Migrate(project="llmchat-test", service=backend, data_volume="llmchat-test_backend-db-g2", cause="new")
    at_work = run(world)
    at_work.findings.restored = restored

    if not refused:
        return migrate(step, at_work)
    with pytest.raises(ArchiveFailed, match="schema 9999, this release knows 0001") as error:
        migrate(step, at_work)
    assert error.value.code == "schema_newer"
    return None


def test_a_migration_that_fails_shows_its_last_lines_masked(world, monkeypatch):
    backend = release_of(ENVIRONMENT, SHIPPED).service("backend")
    assert backend
    lines = "\n".join([*map(str, range(30)), LLM_API_KEY])
    monkeypatch.setattr(world.engine, "run_once", lambda *_, **__: ExecResult(3, "", lines))

    with pytest.raises(StepFailed, match=r"can't be migrated \(exit status 3\)") as error:
        migrate(
            Migrate(project="llmchat-test", service=backend, data_volume="llmchat-test_backend-db", cause="new"),
            run(world),
        )

    assert len(error.value.details) == 20
    assert error.value.details[-1] == "***"


def ensure() -> EnsureAdmin:
    return EnsureAdmin(project="llmchat-test", slot=Slot.A, username="admin", cause="first")


def test_the_password_goes_through_standard_input_only(world):
    asked: list[tuple[tuple[str, ...], bytes]] = []
    world.engine.answers.insert(0, lambda name, argv, stdin: asked.append((argv, stdin)))
    world.engine.admins.clear()
    it = run(world)

    ensure_admin(ensure(), it)

    assert it.findings.admin_password
    password = it.findings.admin_password.reveal()
    assert asked[0][1] == password.encode()
    assert password not in " ".join(asked[0][0])


def test_an_administrator_who_has_logged_in_is_left_alone(world):
    world.engine.logged_in.add("admin")
    it = run(world)

    ensure_admin(ensure(), it)

    assert it.findings.admin_exists
    assert it.findings.admin_password is None


def test_what_the_backend_refuses_is_said_in_its_words(world):
    said = json.dumps({"error": {"code": "weak_password", "message": "A password has at least 8 characters."}})
    world.engine.answers.insert(0, lambda *_: ExecResult(6, said, ""))

    with pytest.raises(RefusedError, match="at least 8 characters"):
        ensure_admin(ensure(), run(world))


def test_a_backend_that_crashes_is_a_failed_step(world):
    world.engine.answers.insert(0, lambda *_: ExecResult(1, "", "Traceback\nMemoryError"))

    with pytest.raises(StepFailed) as error:
        ensure_admin(ensure(), run(world))

    assert error.value.details == ("Traceback", "MemoryError")


@pytest.mark.parametrize(
    ("stdout", "data"),
    [("", None), ("no json", None), ("[1]", None), ('{"a": 1}\n{"a": 2}\n\nnoise', {"a": 2}), ('"text"\n', None)],
)
def test_the_last_line_that_is_an_object_counts(stdout, data):
    assert last_json(ExecResult(0, stdout, "")) == data
