from __future__ import annotations

import stat

from tests.cli.conftest import API_KEY, FakeWorld, Run


def test_show_names_value_and_place_of_each_setting(run: Run) -> None:
    ran = run("config", "show")
    lines = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines()}
    assert lines["SETTING"] == ["VALUE", "FROM"]
    assert lines["server.address"] == ["192.168.1.100", ".env.production:1"]
    assert lines["secret_key"] == ["***", ".env.production:5"]
    assert lines["models.default.key"] == ["***", ".env.production:4"]


def test_validate_says_so(run: Run) -> None:
    ran = run("config", "validate")
    assert ran.code == 0
    assert ran.out.startswith("✓ production is valid (")


def test_render_writes_everything_but_keys(run: Run, world: FakeWorld) -> None:
    out = world.folder / "rendered"
    ran = run("config", "render", "--out", str(out))
    assert ran.code == 0
    assert {path.name for path in out.iterdir()} >= {"backend.compose.yaml", "edge.compose.yaml", "haproxy.cfg"}
    assert not (out / "SECRET_KEY").exists()
    assert "Left out, because they hold keys:" in ran.out
    assert world.writes == []
    assert all(API_KEY not in path.read_text() for path in out.iterdir())


def test_init_writes_a_private_env_file_and_says_what_is_missing(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").unlink()
    ran = run("init", "--env", "production")
    file = world.folder / ".env.production"
    assert ran.code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "SECRET_KEY" in file.read_text()
    assert "+ .env.production" in ran.out
    assert "LLM_API_URL" in ran.out


def test_init_asks_at_a_terminal_and_shows_no_key(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").unlink()
    world.interactive = True
    world.answers = ["10.0.0.7", "http://10.0.0.8:1/v1/chat/completions", "glm", API_KEY]
    assert run("init").code == 0
    assert run("config", "validate").code == 0
    assert run("init").out.startswith("Nothing to do")


def test_init_asks_a_wrong_answer_again_at_once(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").unlink()
    world.interactive = True
    world.answers = [
        "not an address", "10.0.0.7", "ftp://10.0.0.8/", "http://10.0.0.8:1/v1/chat/completions", "glm",
        "changeme", API_KEY,
    ]  # fmt: skip
    ran = run("init")
    assert ran.code == 0
    assert world.answers == []
    asked = [question.partition("\n")[0] for question in world.questions]
    assert asked[0] == asked[1] != asked[2] == asked[3]
    assert asked[5] == asked[6]
    for key in ("SERVER_IP", "LLM_API_URL", "LLM_API_KEY"):
        assert f"\n  {key}  .env.production\n" in ran.err, "no line of a file that isn't written"
    assert run("config", "validate").code == 0


def test_init_says_what_is_wrong_with_an_option_before_it_asks(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").unlink()
    world.interactive = True
    ran = run("init", "--set", "SERVER_IP=not an address")
    assert ran.code == 3
    assert "\n  SERVER_IP  .env.production\n" in ran.err
    assert world.questions == []
    assert not (world.folder / ".env.production").exists()


def test_an_answer_that_is_left_out_is_not_asked_again(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").unlink()
    world.interactive = True
    world.answers = ["", "", "", ""]
    assert run("init").code == 0
    assert len(world.questions) == 4
