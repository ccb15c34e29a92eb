"""Stand-ins for the APIs of two DNS providers: as strict about signatures as they are, on a real name server's zone."""

from __future__ import annotations

import hmac
import json
import re
import ssl
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlsplit

from llmchat_deploy.host.authority import new_authority, sign
from tests.contract import signatures

ALIBABA, TENCENT = "alidns.aliyuncs.com", "dnspod.tencentcloudapi.com"
KEY_ID, KEY_SECRET = "an-access-key-id", "an-access-key-secret-8c1f"
SKEW = 300.0
"""Seconds that a request may be old."""
ACS3 = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
TC3 = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/([0-9-]+)/dnspod/tc3_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)


class Zone(Protocol):
    """What the APIs change."""

    name: str

    def change(self, line: str) -> None:
        """Carry out a line of nsupdate."""


class Refused(Exception):
    """What the API answers in place of a result: code and message."""


class DnsApis:
    """Both APIs on one port of ``address``; ``certificate`` is what to trust them by."""

    def __init__(self, folder: Path, address: str, zone: Zone) -> None:
        folder.mkdir(parents=True)
        self.zone = zone
        self.records: dict[int, tuple[str, str]] = {}
        self.actions: list[str] = []
        self.refused: list[str] = []
        now = time.time()
        ca = new_authority("DNS providers of a test", now)
        own = sign(ca, (ALIBABA, TENCENT), now)
        self.certificate = folder / "ca.pem"
        self.certificate.write_text(ca.certificate)
        (folder / "own.pem").write_text(f"{own.certificate}\n{own.key.reveal()}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "own.pem")
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_port)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        apis = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = apis._alibaba if headers["host"] == ALIBABA else apis._tencent
                status, told = answer(urlsplit(self.path).query, headers, body)
                text = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def _alibaba(self, query: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            _believe_alibaba(query, headers, body)
            told = dict(parse_qsl(query)) | dict(parse_qsl(body.decode()))
            return 200, {"RequestId": "1", **self._alibaba_does(headers["x-acs-action"], told)}
        except Refused as refused:
            self.refused.append(refused.args[0])
            return 400, {"RequestId": "1", "Code": refused.args[0], "Message": refused.args[1]}

    def _tencent(self, query: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            _believe_tencent(query, headers, body)
            return 200, {"Response": {"RequestId": "1", **self._tencent_does(headers["x-tc-action"], json.loads(body))}}
        except Refused as refused:
            self.refused.append(refused.args[0])
            error = {"Code": refused.args[0], "Message": refused.args[1]}
            return 200, {"Response": {"RequestId": "1", "Error": error}}

    def _alibaba_does(self, action: str, told: Mapping[str, str]) -> dict[str, Any]:
        self.actions.append(action)
        if action == "DescribeDomains":
            domains = [{"DomainName": self.zone.name, "DomainId": "1"}]
            return {"TotalCount": 1, "PageNumber": 1, "PageSize": 20, "Domains": {"Domain": domains}}
        if action == "AddDomainRecord":
            return {"RecordId": str(self._add(told["DomainName"], told["RR"], told["Type"], told["Value"]))}
        if action == "DescribeDomainRecords":
            records = [
                {"RecordId": str(id_), "DomainName": self.zone.name, "RR": name, "Type": "TXT", "Value": value}
                for id_, (name, value) in self.records.items()
            ]
            return {"TotalCount": len(records), "PageNumber": 1, "PageSize": 20, "DomainRecords": {"Record": records}}
        if action == "DeleteDomainRecord":
            self._remove(int(told["RecordId"]))
            return {"RecordId": told["RecordId"]}
        raise Refused("InvalidAction.NotFound", f"Specified api is not found: {action}")

    def _tencent_does(self, action: str, told: Mapping[str, Any]) -> dict[str, Any]:
        self.actions.append(action)
        if action == "DescribeDomainList":
            domain = {"DomainId": 1, "Name": self.zone.name, "Punycode": self.zone.name}
            return {"DomainCountInfo": {"AllTotal": 1, "DomainTotal": 1}, "DomainList": [domain]}
        if action == "CreateRecord":
            id_ = self._add(told["Domain"], told["SubDomain"], told["RecordType"], told["Value"])
            return {"RecordId": id_}
        if action == "DescribeRecordList":
            found = [
                {"RecordId": id_, "Name": name, "Type": "TXT", "Value": value, "TTL": 600}
                for id_, (name, value) in self.records.items()
                if told.get("Subdomain") in (None, name)
            ]
            return {"RecordCountInfo": {"TotalCount": len(found)}, "RecordList": found}
        if action == "DeleteRecord":
            self._remove(int(told["RecordId"]))
            return {}
        raise Refused("InvalidAction", f"The action {action} is not found.")

    def _add(self, domain: str, name: str, kind: str, value: str) -> int:
        if (domain, kind) != (self.zone.name, "TXT"):
            raise Refused("InvalidParameter", f"{kind} of {domain}")
        id_ = len(self.actions)
        self.records[id_] = (name, value)
        self.zone.change(f'update add {name}.{self.zone.name}. 60 TXT "{value}"')
        return id_

    def _remove(self, id_: int) -> None:
        name, value = self.records.pop(id_)
        self.zone.change(f'update delete {name}.{self.zone.name}. TXT "{value}"')


def _believe_alibaba(query: str, headers: Mapping[str, str], body: bytes) -> None:
    found = ACS3.fullmatch(headers.get("authorization", ""))
    if not found or found[1] != KEY_ID:
        raise Refused("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    _fresh(at, "InvalidTimeStamp.Expired")
    needed = {name for name in headers if name.startswith("x-acs-")} | {"host"}
    right = signatures.acs3(KEY_SECRET, query, headers, found[2], body)
    if not needed <= set(found[2].split(";")) or not hmac.compare_digest(right, found[3]):
        raise Refused("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")


def _believe_tencent(query: str, headers: Mapping[str, str], body: bytes) -> None:
    found = TC3.fullmatch(headers.get("authorization", ""))
    if not found or found[1] != KEY_ID:
        raise Refused("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    at = int(headers["x-tc-timestamp"])
    _fresh(at, "AuthFailure.SignatureExpire")
    right = signatures.tc3(KEY_SECRET, ("dnspod", at), headers, found[3], body)
    needed = {"content-type", "host"} <= set(found[3].split(";"))
    if query or not needed or not hmac.compare_digest(right, found[4]):
        raise Refused("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")


def _fresh(at: float, code: str) -> None:
    if abs(time.time() - at) > SKEW:
        raise Refused(code, "Specified time stamp is expired.")
