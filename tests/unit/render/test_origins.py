"""Which pages may ask an API at another address than theirs."""

from __future__ import annotations

from llmchat_deploy.render.origins import allowed_origins
from tests.unit.render.test_proxy import behind, environment


def test_without_an_api_address_of_its_own_nobody_needs_to_be_named() -> None:
    assert allowed_origins(environment()) == ()


def test_an_api_with_a_host_of_its_own_may_be_called_from_the_page() -> None:
    found = behind("https://chat.example.com", "NEXT_PUBLIC_API_URL=https://api.chat.example.com")

    assert allowed_origins(found)[0] == "https://chat.example.com"


def test_a_usual_port_is_left_out_and_old_addresses_go_on() -> None:
    found = environment("FRONTEND_PORT=80", "NEXT_PUBLIC_API_URL=http://111.19.168.151:8000", "OLD_SERVER_IPS=10.0.0.9")

    assert allowed_origins(found) == ("http://111.19.168.151", "http://10.0.0.9")
