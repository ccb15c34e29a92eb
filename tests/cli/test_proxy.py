from __future__ import annotations

from tests.cli.conftest import FakeWorld, Run


def behind(world: FakeWorld, url: str = "https://chat.example.com") -> None:
    file = world.folder / ".env.production"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}HOST=127.0.0.1\nTRUSTED_PROXIES=127.0.0.1\nPUBLIC_URL={url}\n", encoding="utf-8")


def test_the_configuration_alone_is_on_standard_output(run: Run, world: FakeWorld) -> None:
    behind(world)

    ran = run("proxy", "nginx")

    assert ran.code == 0
    assert ran.out.startswith("# llmchat-production: an nginx in front.")
    assert ran.out.rstrip().endswith("}")
    assert "nginx -t && nginx -s reload" in ran.err


def test_it_is_written_where_it_is_wanted(run: Run, world: FakeWorld) -> None:
    behind(world)
    file = world.folder / "nginx" / "chat.conf"

    data = run("proxy", "nginx", "--out", str(file), "--certificate", "/a.pem", "--key", "/b.pem", "--json").document[
        "data"
    ]

    assert data["file"] == str(file)
    assert file.read_text(encoding="utf-8") == data["text"]
    assert "ssl_certificate_key /b.pem;" in data["text"]


def test_what_would_be_refused_later_is_told_now(run: Run, world: FakeWorld) -> None:
    assert run("proxy", "nginx", "--json").document["errors"][0]["code"] == "config_error"
    file = world.folder / ".env.production"
    file.write_text(file.read_text(encoding="utf-8") + "PUBLIC_URL=https://chat.example.com\n", encoding="utf-8")

    ran = run("proxy", "nginx")

    assert "past the proxy" in ran.err
    assert "TRUSTED_PROXIES is empty" in ran.err
    assert run("proxy", "nginx", "--key", "/b.pem").code == 2


def test_links_are_the_ones_that_users_type(run: Run, world: FakeWorld) -> None:
    behind(world)

    ran = run("up")

    assert "https://chat.example.com/docs" in ran.out
    assert "http://192.168.1.100:3000" not in ran.out
