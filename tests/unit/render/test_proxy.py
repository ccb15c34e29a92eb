"""The configuration of an nginx in front: nginx itself accepts it, and what it serves fits the service."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from llmchat_deploy.config.addresses import is_loopback
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ConfigError
from llmchat_deploy.render.backend import backend_variables
from llmchat_deploy.render.proxy import BODY_MEGABYTES, Certificate, nginx, trusted_sources
from llmchat_deploy.render.render import render_release
from tests.unit.config.project import load, only, problems, production
from tests.unit.world import SHIPPED

BEHIND = "HOST=127.0.0.1\nTRUSTED_PROXIES=127.0.0.1\n"
NGINX = "/usr/sbin/nginx"


def environment(*lines: str) -> Environment:
    return load(production("".join(f"{line}\n" for line in lines))).environment


def behind(url: str, *lines: str) -> Environment:
    return environment("HOST=127.0.0.1", "TRUSTED_PROXIES=127.0.0.1", f"PUBLIC_URL={url}", *lines)


def a_certificate(folder: Path) -> Certificate:
    chain, key = folder / "chain.pem", folder / "key.pem"
    request = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    )
    argv = (*request, "-subj", "/CN=chat.example.com", "-keyout", str(key), "-out", str(chain))
    subprocess.run(argv, check=True, capture_output=True)
    return Certificate(str(chain), str(key))


@pytest.mark.slow  # nginx itself is installed for the default run
@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("http://chat.example.com", ""),
        ("https://chat.example.com", ""),
        ("https://chat.example.com", "https://api.chat.example.com"),
        ("https://chat.example.com:8443", ""),
        ("http://[2001:db8::7]", ""),
    ],
)
def test_nginx_accepts_it(tmp_path: Path, url: str, api: str) -> None:
    text = nginx(behind(url, f"NEXT_PUBLIC_API_URL={api}"), SHIPPED, a_certificate(tmp_path))
    (tmp_path / "chat.conf").write_text(text, encoding="utf-8")
    http = f"http {{ access_log off; include {tmp_path}/chat.conf; }}"
    whole = f"error_log stderr;\npid {tmp_path}/pid;\nevents {{}}\n{http}\n"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")

    argv = (NGINX, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))
    said = subprocess.run(argv, check=False, capture_output=True, text=True).stderr

    # Only root may try out the ports below 1024; all else has been read by then.
    assert "syntax is ok" in said, said
    assert "[warn]" not in said.replace('[warn] the "user" directive', "")


def test_the_guides_two_names_get_a_server_each() -> None:
    text = nginx(behind("https://chat.example.com", "NEXT_PUBLIC_API_URL=https://api.chat.example.com"), SHIPPED)

    assert text.count("server_name chat.example.com;") == 2, "http sends to https"
    assert text.count("server_name api.chat.example.com;") == 2
    assert "proxy_pass http://127.0.0.1:3000;" in text
    assert "proxy_pass http://127.0.0.1:8000;" in text
    assert "ssl_certificate /etc/letsencrypt/live/chat.example.com/fullchain.pem;" in text


def test_with_http_the_old_address_is_served_too() -> None:
    assert "server_name chat.example.com 111.19.168.151;" in nginx(behind("http://chat.example.com"), SHIPPED)


def test_each_time_out_is_longer_than_the_one_behind_it() -> None:
    slow = environment("PUBLIC_URL=http://chat.example.com").model_copy(
        update={"models": load(production(), "production", "models.idle_timeout=1200").environment.models}
    )
    edge = next(str(file.content) for file in render_release(slow, SHIPPED).services[0].files)

    assert backend_variables(slow)["LLM_IDLE_TIMEOUT_SECONDS"] == "1200"
    assert "timeout server 1260s" in edge
    assert "timeout client 1260s" in edge
    assert "proxy_read_timeout 1290s;" in nginx(slow, SHIPPED)


def test_a_model_may_be_silent_for_ten_minutes_by_default() -> None:
    edge = next(str(file.content) for file in render_release(environment(), SHIPPED).services[0].files)

    assert backend_variables(environment())["LLM_IDLE_TIMEOUT_SECONDS"] == "600"
    assert "timeout server 660s" in edge


def test_uploads_that_the_service_takes_pass() -> None:
    assert f"client_max_body_size {BODY_MEGABYTES}m;" in nginx(behind("http://chat.example.com"), SHIPPED)


def test_without_a_public_url_there_is_nothing_to_write() -> None:
    with pytest.raises(ConfigError) as caught:
        nginx(environment(), SHIPPED)
    assert "PUBLIC_URL=https://" in caught.value.hint


def test_nobody_is_believed_unless_named() -> None:
    assert trusted_sources(environment()) == ""
    edge = next(str(file.content) for file in render_release(environment(), SHIPPED).services[0].files)
    assert "from_proxy" not in edge


def test_a_proxy_elsewhere_is_known_by_its_address() -> None:
    found = environment("TRUSTED_PROXIES=10.0.0.5, 10.1.0.0/24")

    assert trusted_sources(found) == "src 10.0.0.5 10.1.0.0/24"


def test_a_proxy_on_this_machine_is_whoever_gets_in() -> None:
    found = behind("https://chat.example.com")

    assert is_loopback(found.server.bind)
    assert trusted_sources(found) == "always_true"


def test_a_proxy_on_this_machine_wants_the_ports_for_itself() -> None:
    problem = only(problems(production("TRUSTED_PROXIES=127.0.0.1\n")))
    assert (problem.key, "HOST=127.0.0.1" in problem.hint) == ("TRUSTED_PROXIES", True)
    assert only(problems(production("TRUSTED_PROXIES=nginx\n"))).key == "TRUSTED_PROXIES"
    assert only(problems(production("PUBLIC_URL=https://chat.example.com/chat\n"))).key == "PUBLIC_URL"
