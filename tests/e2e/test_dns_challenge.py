"""Certificates by TXT records: a provider's API, a real name server, a hook of one's own; keys are seen nowhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract.dns_apis import ALIBABA, KEY_ID, KEY_SECRET, TENCENT, DnsApis
from tests.contract.name_server import ALGORITHM, NameServer
from tests.e2e import facts
from tests.e2e.authority import NameServer as MockNames
from tests.e2e.authority import Pebble
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario, free_port
from tests.e2e.test_acme import issuer_of, served
from tests.e2e.test_scheduled_backups import bridge

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ZONE = "example.com"
DOMAIN = f"chat.{ZONE}"
CHALLENGE = f"_acme-challenge.{DOMAIN}"
HOOK = """\
#!/bin/sh
set -eu
name="_acme-challenge.$CERTBOT_DOMAIN."
case $1 in
present) curl -fsS -d "{\\"host\\":\\"$name\\",\\"value\\":\\"$CERTBOT_VALIDATION\\"}" "$TXT_API/set-txt" ;;
cleanup) curl -fsS -d "{\\"host\\":\\"$name\\"}" "$TXT_API/clear-txt" ;;
esac
"""
RELAY = """\
import asyncio, sys
async def pass_on(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
async def relay(reader, writer):
    there = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer), return_exceptions=True)
async def main():
    await (await asyncio.start_server(relay, "0.0.0.0", 443)).serve_forever()
asyncio.run(main())
"""
ISSUE = """\
import sys
sys.path.insert(0, "/opt/llmchat")
import llmchat_acme as acme
said = acme.issue(acme.Settings.read())
print(said or (acme.LINEAGE / "fullchain.pem").read_text())
sys.exit(bool(said))
"""


@dataclass
class Proved:
    """An environment whose name a real name server's zone proves, twice; then a hook does."""

    scenario: Scenario
    names: NameServer
    authority: Pebble
    issuers: list[str]
    certificates: list[str]
    updates: list[int]
    left: list[str]
    looks: list[Ran]

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proved]:
    folder = tmp_path_factory.mktemp("dns")
    with (
        ModelServer() as server,
        Scenario(folder / "project", label="dns") as scenario,
        NameServer(folder / "bind", bridge(), ZONE, port=free_port()) as names,
        MockNames(folder / "names", bridge()) as mock,
        Pebble(folder / "pebble", bridge(), names, http_port=free_port()) as authority,
        Pebble(folder / "other", bridge(), mock, http_port=free_port()) as other,
    ):
        values = {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "", "SERVER_DOMAIN": DOMAIN}
        keys = f"DNSUPDATE_NAMESERVER={names.where} DNSUPDATE_TSIG_KEY=acme. DNSUPDATE_TSIG_SECRET={names.secret}"
        keys += f" DNSUPDATE_TSIG_ALGORITHM={ALGORITHM}."
        with_dns = '[tls]\nmode = "acme"\nchallenge = "dns"\nca_bundle = "pebble.pem"\ndirectory = "{}"\n{}\n'
        provider = f'dns_provider = "dnsupdate"\ndns_wait = 1\ndns_servers = "{names.where}"'
        shutil.copy(authority.certificate, scenario.folder / "pebble.pem")
        scenario.profile(with_dns.format(authority.directory, provider))
        scenario.env_file(**values, ACME_DNS_CREDENTIALS=keys)
        found = Proved(scenario, names, authority, [], [], [], [], [])

        def note() -> None:
            found.issuers.append(issuer_of(scenario))
            found.certificates.append(served(scenario))
            found.updates.append(names.added(CHALLENGE))
            found.left.append(names.text(CHALLENGE))

        found.looks.append(scenario.up())
        note()
        found.looks.append(scenario.run("cert", "renew").check())
        note()
        found.looks.append(scenario.run("logs", "acme"))
        shutil.copy(other.certificate, scenario.folder / "pebble.pem")
        (scenario.folder / "dns-hook").write_text(HOOK)
        scenario.profile(with_dns.format(other.directory, 'dns_hook = "dns-hook"'))
        scenario.env_file(**values, ACME_DNS_CREDENTIALS=f"TXT_API={mock.api}")
        scenario.up()
        until = time.monotonic() + 60  # `up` waits for a first certificate only
        while served(scenario) == found.certificates[-1] and time.monotonic() < until:
            time.sleep(0.5)
        note()
        scenario.run("cert", "renew").check()
        note()
        yield found


def test_a_zone_that_is_changed_proves_the_name_and_its_renewal(proved: Proved) -> None:
    assert all("Pebble" in issuer for issuer in proved.issuers[:2])
    assert proved.certificates[0] != proved.certificates[1]
    assert proved.updates[:2] == [1, 2]


def test_records_go_once_they_have_proved_the_name(proved: Proved) -> None:
    assert proved.left == [""] * 4


def test_a_hook_proves_it_too(proved: Proved) -> None:
    assert all("Pebble" in issuer for issuer in proved.issuers[2:])
    assert proved.issuers[2] != proved.issuers[1]
    assert len(set(proved.certificates)) == 4
    assert proved.updates[2:] == [2, 2], "the zone of the provider was changed"


def test_keys_are_in_a_file_of_the_containers_and_nowhere_else(proved: Proved) -> None:
    container = facts.container(proved.scenario.project, "acme")
    told = json.dumps(container.attrs) + container.logs().decode() + "".join(ran.output for ran in proved.looks)
    assert proved.names.secret not in told
    assert "TXT_API" not in json.dumps(container.attrs)


@dataclass
class Provider:
    """The image's certbot with a provider's API in reach, by its own name."""

    apis: DnsApis
    proved: Proved
    image: str
    network: str
    folder: Path

    def issue(self, provider: str, domain: str = DOMAIN, **keys: str) -> subprocess.CompletedProcess[str]:
        settings: dict[str, Any] = {
            "domains": [domain],
            "email": "",
            "directory": self.proved.authority.directory,
            "challenge": "dns",
            "ca": self.proved.authority.certificate.read_text(),
            "env": keys,
            "provider": provider,
            "wait": 1,
            "servers": [self.proved.names.where],
        }
        file = self.folder / "acme.json"
        file.write_text(json.dumps(settings))
        file.chmod(0o644)
        mounts = (f"{file}:/run/llmchat/acme.json:ro", f"{self.apis.certificate}:/apis.pem:ro")
        argv = ("docker", "run", "--rm", "--network", self.network, "--read-only", "--tmpfs", "/tmp:mode=1777")
        argv += ("--tmpfs", "/etc/llmchat-edge:mode=0750,uid=10002,gid=10000", "--memory", "256m")
        argv += (*(word for mount in mounts for word in ("-v", mount)), "-e", "SSL_CERT_FILE=/apis.pem")
        argv += ("--entrypoint", "python3", self.image, "-c", ISSUE)
        return subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def provider(proved: Proved, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    folder = tmp_path_factory.mktemp("apis")
    folder.chmod(0o755)
    image = str(facts.container(proved.scenario.project, "acme").attrs["Config"]["Image"])
    name = f"llmchat-dns-apis-{uuid.uuid4().hex[:6]}"
    network = facts.client().networks.create(name)
    try:
        with DnsApis(folder / "apis", bridge(), proved.names) as apis:
            aliases = ("--network-alias", ALIBABA, "--network-alias", TENCENT)
            argv = ("docker", "run", "--detach", "--rm", "--name", name, "--network", name, *aliases, "--user", "0")
            argv += ("--entrypoint", "python3", image, "-c", RELAY, bridge(), str(apis.port))
            subprocess.run(argv, check=True, capture_output=True)
            try:
                yield Provider(apis, proved, image, name, folder)
            finally:
                subprocess.run(("docker", "kill", name), check=False, capture_output=True)
    finally:
        network.remove()


KEYS = {
    "alidns": ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
    "tencentcloud": ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"),
}


ALLOWED = {
    "alidns": {"DescribeDomains", "DescribeDomainRecords", "AddDomainRecord", "DeleteDomainRecord"},
    "tencentcloud": {"DescribeDomainList", "DescribeRecordList", "CreateRecord", "DeleteRecord"},
}
"""What the how-to says a key must be allowed to do."""


@pytest.mark.parametrize("name", KEYS)
def test_a_providers_signed_requests_are_believed(provider: Provider, name: str) -> None:
    before = provider.proved.names.added(CHALLENGE)

    done = provider.issue(name, **dict(zip(KEYS[name], (KEY_ID, KEY_SECRET), strict=True)))

    assert done.stdout.startswith("-----BEGIN CERTIFICATE-----"), done.stdout + done.stderr
    assert provider.apis.refused == []
    assert set(provider.apis.actions) <= ALLOWED[name]
    provider.apis.actions.clear()
    assert provider.proved.names.added(CHALLENGE) == before + 1
    assert provider.proved.names.text(CHALLENGE) == ""


def test_a_proof_that_was_sent_elsewhere_is_made_there(provider: Provider) -> None:
    before = provider.proved.names.added(f"elsewhere.{ZONE}")

    done = provider.issue("alidns", f"sent.{ZONE}", ALICLOUD_ACCESS_KEY=KEY_ID, ALICLOUD_SECRET_KEY=KEY_SECRET)

    assert done.stdout.startswith("-----BEGIN CERTIFICATE-----"), done.stdout + done.stderr
    assert provider.proved.names.added(f"elsewhere.{ZONE}") == before + 1


@pytest.mark.parametrize("name", KEYS)
def test_a_wrong_key_is_told_and_not_shown(provider: Provider, name: str) -> None:
    done = provider.issue(name, **dict(zip(KEYS[name], (KEY_ID, "hunter2-hunter2"), strict=True)))
    told = provider.apis.refused.pop()
    provider.apis.refused.clear()

    assert done.returncode == 1
    assert told.split(".")[0] in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_keys_of_any_kind_are_read_back_by_the_plugins_own_reader(provider: Provider) -> None:
    values = ["a#b", "a,b;c", 'say "x"', "it's", 'it\'s "x"', "x'''\"y", "'''\"", '"""\'', "100%", "$x", "\\n", "a=b=="]
    settings = {"domains": [], "email": "", "directory": "", "challenge": "dns", "ca": "", "provider": "alidns"}
    settings |= {"env": {f"KEY{number}": value for number, value in enumerate(values)}}
    code = (
        "import configobj, json, sys\nsys.path.insert(0, '/opt/llmchat')\nimport llmchat_acme as acme\n"
        "told = acme.credentials(acme.Settings(**json.load(sys.stdin)))\n"
        "print(json.dumps(dict(configobj.ConfigObj(told.splitlines()))))"
    )
    argv = ("docker", "run", "--rm", "--interactive", "--entrypoint", "python3", provider.image, "-c", code)

    done = subprocess.run(argv, input=json.dumps(settings), capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stdout) == {"dns_multi_provider": "alidns", **settings["env"]}
