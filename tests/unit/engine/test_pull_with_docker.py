"""A real engine against a registry of the test's own, which delivers or names layers that never come."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import docker
import pytest

from llmchat_deploy.engine.pull import bounded
from llmchat_deploy.errors import PullFailed

pytestmark = [pytest.mark.docker, pytest.mark.timeout(60)]

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def an_image() -> tuple[bytes, bytes, bytes]:
    """Return manifest, configuration and only layer of an image."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("hello"), io.BytesIO())
    layer = packed.getvalue()
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    }).encode()  # fmt: skip
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config), "digest": digest(config)
        },
        "layers": [
            {"mediaType": "application/vnd.docker.image.rootfs.diff.tar", "size": len(layer), "digest": digest(layer)}
        ],
    }).encode()  # fmt: skip
    return manifest, config, layer


@contextmanager
def registry(*, delivers: bool) -> Iterator[str]:
    """Serve an image on the loopback interface, which Docker asks without TLS; yield its reference."""
    manifest, config, layer = an_image()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.rpartition("/")[2]
            body = {digest(config): config, digest(layer): layer}.get(
                path, manifest if "manifests" in self.path else b""
            )
            self.send_response(200)
            self.send_header("Content-Type", MANIFEST if "manifests" in self.path else "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Docker-Content-Digest", digest(body))
            self.end_headers()
            if self.command == "HEAD":
                return
            if path == digest(layer) and not delivers:
                self.wfile.write(body[:512])
                ended.wait()
            self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}/llmchat-test/debian:13-slim"
        finally:
            ended.set()
            server.shutdown()


def test_a_registry_that_names_layers_and_never_delivers_them_is_given_up():
    with registry(delivers=False) as reference:
        assert docker.from_env().images.get_registry_data(reference), "it answers when asked whether it has the image"
        with pytest.raises(PullFailed, match="delivered nothing"):
            bounded(docker.from_env().api, reference, print, stall=2)

    assert not docker.from_env().images.list(name=reference.rpartition(":")[0])


def test_one_that_delivers_is_pulled_and_told_of():
    told: list[str] = []
    with registry(delivers=True) as reference:
        try:
            bounded(docker.from_env().api, reference, told.append)
            assert docker.from_env().images.get(reference)
        finally:
            docker.from_env().images.remove(reference, force=True)

    assert told


def test_an_image_that_the_registry_hasn_t_ends_in_its_words():
    with registry(delivers=True) as reference, pytest.raises((PullFailed, docker.errors.APIError)):
        bounded(docker.from_env().api, reference.replace("127.0.0.1", "127.0.0.2"), print)
