"""Certificates in the profile: what is wrong with them is said before anything is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from llmchat_deploy.config.certificate import Certificate, check_key, read_certificate
from llmchat_deploy.config.dump import profile_text, secrets_text
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.secret import Secret
from tests.unit.certificates import authority, pair
from tests.unit.config.project import FakeProject, load, only, problems, production

OWN = '[server]\ndomain = "chat.example.com"\n[tls]\nmode = "own"\ncertificate = "chat.pem"\nkey = "chat.key"\n'


def project(toml: str = OWN, *, certificate: str = "", key: str = "") -> FakeProject:
    files = {"chat.pem": certificate or pair().certificate, "chat.key": key or pair().key.reveal()}
    return replace(production(toml=toml), files=files)


def encrypted() -> str:
    key = serialization.load_pem_private_key(pair().key.reveal().encode(), None)
    how = serialization.BestAvailableEncryption(b"hunter2")
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode()


def weak() -> str:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is what is refused
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def test_https_is_off_and_then_nothing_of_it_counts():
    environment = load(production(toml='[tls]\ncertificate = "nowhere.pem"\n')).environment
    assert (environment.has_tls, [port for _, port in environment.published]) == (False, [3000, 8000])


def test_an_own_certificate_is_read_and_its_key_is_a_secret():
    environment = load(project()).environment

    assert environment.tls.chain == pair().certificate
    assert environment.tls.private_key == pair().key
    assert pair().key in environment.secrets
    assert environment.tls.key == "/project/chat.key"
    assert [port for _, port in environment.published] == [3000, 8000, 80, 443]


def test_no_key_travels_in_a_backup():
    environment = load(project()).environment
    text = profile_text(environment)
    assert "BEGIN" not in text + secrets_text(environment).reveal()
    assert "/project/chat.key" in text


@pytest.mark.parametrize(
    ("changed", "key", "message"),
    [
        (project(certificate="hello"), "tls.certificate", "holds no certificate in PEM"),
        (project(certificate="-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----"), "tls.certificate", "read"),
        (project(certificate=pair().certificate + pair("a.example.com").certificate), "tls.certificate", "didn't sign"),
        (project(certificate=pair("other.example.com").certificate, key=pair("other.example.com").key.reveal()),
         "tls.certificate", "is for other.example.com, not for chat.example.com"),
        (project(key=pair("a.example.com").key.reveal()), "tls.key", "belongs to another certificate"),
        (project(key="hello"), "tls.key", "is no private key in PEM"),
        (project(key=encrypted()), "tls.key", "is encrypted with a passphrase"),
        (project(key=weak()), "tls.key", "has 1024 bits, too few"),
        (project(OWN.replace("chat.key", "other.key")), "tls.key", "there is no file 'other.key'"),
        (project(OWN.replace('key = "chat.key"\n', "")), "tls.key", "is missing"),
        (project('[server]\nhttp_port = 3000\n[tls]\nmode = "internal"\n'), "server.http_port", "is 3000"),
        (production(toml='[server]\ndomain = "10.0.0.7"\n'), "server.domain", "10.0.0.7 is no host name"),
        (production(toml='[tls]\nmode = "on"\n'), "tls.mode", "'on'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_a_remedy(changed: FakeProject, key: str, message: str):
    problem = only(problems(changed))
    assert (problem.key, bool(problem.hint)) == (key, True)
    assert message in problem.message
    assert "PRIVATE" not in str(problem)


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("chat.example.com", True), ("CHAT.example.com.", True), ("api.example.org", True), ("a.b.example.org", False),
        ("example.org", False), ("10.0.0.7", True), ("10.0.0.8", False), ("FD00::0007", True),
    ],
)  # fmt: skip
def test_names_are_compared_as_browsers_do(name: str, covered: bool):  # noqa: FBT001
    found = read_certificate(pair("chat.example.com", "*.example.org", "10.0.0.7", "fd00::7").certificate)
    assert isinstance(found, Certificate)
    assert found.covers(name) is covered


def test_a_chain_in_the_wrong_order_is_refused():
    leaf = pair().certificate.removesuffix(authority().certificate)
    assert isinstance(read_certificate(leaf), Certificate)
    assert isinstance(read_certificate(authority().certificate + leaf), Wrong)
    assert check_key("hello", Secret("x")) is None


ACME = '[server]\ndomain = "chat.example.com"\n[tls]\nmode = "acme"\n'
DNS = ACME + 'challenge = "dns"\ndns_hook = "hook"\n'


PROVIDER = ACME + 'challenge = "dns"\ndns_provider = "alidns"\n'
KEYS = "ACME_DNS_CREDENTIALS='ALICLOUD_ACCESS_KEY=LTAI123 ALICLOUD_SECRET_KEY=hunter2-hunter2'\n"


def quoted(value: str) -> str:
    """Return the line of an env file for one key of a provider, whatever it is made of."""
    return "ACME_DNS_CREDENTIALS='ID=4711 KEY={}'\n".format(value.replace("'", "\\'"))


def acme(toml: str = ACME, env: str = "") -> FakeProject:
    return replace(production(env, toml=toml), files={"hook": "#!/bin/sh\n", "no-hook": "echo"})


@pytest.mark.parametrize(
    ("changed", "key", "message"),
    [
        (acme('[tls]\nmode = "acme"\n'), "server.domain", "needs a public name"),
        (acme(ACME + 'email = "nobody"\n'), "tls.email", "is no e-mail address"),
        (acme(ACME + 'directory = "http://ca.example.com/dir"\n'), "tls.directory", "has no https"),
        (acme(ACME + 'ca_bundle = "hook"\n'), "tls.ca_bundle", "is no PEM file"),
        (acme(ACME + 'challenge = "dns"\n'), "tls.dns_provider", "needs it"),
        (acme(PROVIDER), "tls.dns_credentials", "wants keys"),
        (acme(PROVIDER.replace("alidns", "Ali DNS"), KEYS), "tls.dns_provider", "is no provider's name"),
        (acme(PROVIDER + 'dns_hook = "hook"\n', KEYS), "tls.dns_hook", "stands beside tls.dns_provider"),
        (acme(PROVIDER + 'dns_servers = "dns.example.com"\n', KEYS), "tls.dns_servers", "no name server's address"),
        (acme(PROVIDER + "dns_wait = 201\n", KEYS), "tls.dns_wait", "out of range"),
        (acme(DNS.replace('"hook"', '"no-hook"')), "tls.dns_hook", "doesn't begin with #!"),
        (acme(DNS.replace('"hook"', '"nowhere"')), "tls.dns_hook", "there is no file"),
        (acme(DNS, "ACME_DNS_CREDENTIALS='hunter2-hunter2'\n"), "ACME_DNS_CREDENTIALS", "is no list of NAME=value"),
        (acme(PROVIDER, quoted("'''hunter2" + '"""')), "ACME_DNS_CREDENTIALS", "KEY that can't be handed on"),
        (acme(PROVIDER, quoted("hunter2%(hunter2)s")), "ACME_DNS_CREDENTIALS", "it holds %(...)s"),
    ],
)
def test_what_keeps_an_authority_from_issuing_is_said(changed: FakeProject, key: str, message: str):
    problem = only(problems(changed))
    assert (problem.key, bool(problem.hint)) == (key, True)
    assert message in problem.message
    assert "hunter2" not in str(problem)


def test_the_hook_and_each_of_its_credentials_are_secrets():
    environment = load(acme(DNS, "ACME_DNS_CREDENTIALS='ID=abcdef SECRET=hunter2-hunter2'\n")).environment
    values = {secret.reveal() for secret in environment.secrets}
    assert {"abcdef", "hunter2-hunter2"} <= values
    assert environment.tls.hook_text == Secret("#!/bin/sh\n")


def test_a_provider_and_its_keys_are_enough():
    servers = 'dns_servers = "10.0.0.53, 10.0.0.54:5353 fd00::53 [fd00::54]:5353"\n'
    environment = load(acme(PROVIDER + servers, KEYS)).environment
    assert environment.tls.resolvers == ("10.0.0.53:53", "10.0.0.54:5353", "[fd00::53]:53", "[fd00::54]:5353")
    assert Secret("hunter2-hunter2") in environment.secrets


@pytest.mark.parametrize("value", ["it's", 'x"', "x'''\"y", "100%", "%(", "$x", '"""\''])
def test_a_key_of_any_other_kind_is_handed_on(value: str):
    environment = load(acme(PROVIDER, quoted(f"hunter2{value}"))).environment
    assert Secret(f"hunter2{value}") in environment.secrets


def test_a_hook_gets_any_value():
    environment = load(acme(DNS, quoted("'''hunter2%(x)s" + '"""'))).environment
    assert Secret("'''hunter2%(x)s" + '"""') in environment.secrets


def test_an_authority_that_comes_to_another_port_is_talked_about():
    loaded = load(acme(ACME.replace("[tls]", "http_port = 8080\n[tls]")))
    assert any("port 80" in warning for warning in loaded.warnings)
