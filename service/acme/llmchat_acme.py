"""Gets and renews the certificate of one environment by ACME (RFC 8555), and gives it to the edge while that runs.

It runs certbot, beside the edge and with the edge's volume: no Docker socket. What it did and when it tries again
stands in ``acme.json`` on that volume, for ``llmchat-deploy status`` and ``health``.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509

SETTINGS = Path("/run/llmchat/acme.json")
HOOK = Path("/run/llmchat/dns-hook")
CREDENTIALS = Path("/tmp/dns.ini")  # noqa: S108 - a file system of the container's own
EDGE = Path("/etc/llmchat-edge")
PEM = EDGE / "tls/tls.pem"
LINEAGE = EDGE / "acme/live/chat"
ALIVE = Path("/tmp/alive")  # noqa: S108 - a file system of the container's own
HTTP_PORT = "8402"
"""Where certbot answers challenges; the edge sends /.well-known/acme-challenge/ there."""
FIRST_LOOK = 5.0
"""Seconds until the edge has certainly found this container by its name."""
TICK = 60.0
CERTBOT_TIMEOUT = 300
DEAD_AFTER = 900.0
"""Seconds without a sign of life: more than certbot may take."""
DELAYS = (60, 300, 900, 3600, 10800, 21600)
"""Seconds until the next try, after so many failures; Let's Encrypt bears five an hour for a name."""
SOCKET_TIMEOUT = 30


@dataclass(frozen=True)
class Settings:
    """What the tool says: names, account, and how they are proved."""

    domains: tuple[str, ...]
    email: str
    directory: str
    challenge: str
    ca: str
    env: dict[str, str]
    """Of the hook; with a provider, what that one wants to know."""
    provider: str = ""
    wait: int = 60
    servers: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path = SETTINGS) -> Settings:
        """Return the settings in ``path``."""
        told = json.loads(path.read_text())
        return cls(**told | {name: tuple(told.get(name, ())) for name in ("domains", "servers")})


@dataclass(frozen=True)
class Status:
    """What was done last; times in seconds since the epoch."""

    at: float = 0
    ok: bool = False
    error: str = ""
    failures: int = 0
    next: float = 0
    directory: str = ""
    domains: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path = EDGE / "acme.json") -> Status:
        """Return the status in ``path``; an empty one where there is none that can be read."""
        try:
            told = json.loads(path.read_text())
            return cls(**told | {"domains": tuple(told["domains"])})
        except (OSError, ValueError, TypeError, KeyError):
            return cls()

    def write(self, path: Path = EDGE / "acme.json") -> None:
        """Replace ``path``."""
        replace(path, json.dumps(asdict(self)), 0o440)


def main(arguments: list[str]) -> int:
    """Serve; or answer the health check; or have a certificate issued at once (``renew``) and say how that went."""
    if arguments == ["health"]:
        return int(time.time() - ALIVE.stat().st_mtime > DEAD_AFTER)
    if arguments == ["renew"]:
        return _renew_now()
    wake = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    signal.signal(signal.SIGUSR1, lambda *_: wake.set())
    settings = Settings.read()
    ALIVE.touch()
    wake.wait(FIRST_LOOK)
    while True:
        ALIVE.touch()
        turn(settings, Status.read(), time.time(), forced=wake.is_set())
        wake.clear()
        wake.wait(TICK)


def _renew_now() -> int:
    """Wake the server and wait for what comes of it."""
    before = Status.read()
    os.kill(1, signal.SIGUSR1)
    deadline = time.monotonic() + CERTBOT_TIMEOUT
    while time.monotonic() < deadline and Status.read().at == before.at:
        time.sleep(0.5)
    status = Status.read()
    done = status.at != before.at
    sys.stdout.write(json.dumps({"ok": done and status.ok, "error": status.error if done else "no answer"}) + "\n")
    return 0


def turn(settings: Settings, status: Status, now: float, *, forced: bool = False) -> None:
    """Do what is due: serve what certbot has already, or have a certificate issued."""
    chain = _text(LINEAGE / "fullchain.pem")
    served = _text(EDGE / "certificate.pem")
    same = (status.directory, status.domains) == (settings.directory, settings.domains)
    if chain and same and chain != served:
        _give(settings, status, now)  # a run that was cut had it issued
        return
    if not forced and now < (due_at(chain, status) if same else 0):
        return
    error = issue(settings)
    if error:
        failures = status.failures + 1 if same else 1
        delay = DELAYS[min(failures, len(DELAYS)) - 1]
        _note(settings, now, error, failures, delay)
        _say(f"failed ({error}); next try in {delay} s")
    else:
        _give(settings, status, now)


def due_at(chain: str, status: Status) -> float:
    """Return when to ask for a certificate: two thirds into the life of this one, or when a failure may be repeated."""
    if status.failures or not chain:
        return status.next
    leaf = x509.load_pem_x509_certificate(chain.encode())
    begins, ends = leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()
    return begins + (ends - begins) * 2 / 3


def issue(settings: Settings) -> str:
    """Have certbot get a certificate; return why it couldn't, empty where it did."""
    environment = {**os.environ, "HOME": "/tmp"}  # noqa: S108 - a file system of the container's own
    if settings.provider:
        replace(CREDENTIALS, credentials(settings), 0o400)
    else:
        environment |= settings.env
    if settings.ca:
        ca = Path("/tmp/ca.pem")  # noqa: S108 - as above
        ca.write_text(settings.ca)
        environment["REQUESTS_CA_BUNDLE"] = str(ca)
    try:
        done = subprocess.run(
            certbot(settings), env=environment, capture_output=True, text=True, timeout=CERTBOT_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"certbot took more than {CERTBOT_TIMEOUT} s"
    return "" if done.returncode == 0 else cause(done.stdout + done.stderr)


def certbot(settings: Settings) -> tuple[str, ...]:
    """Return the command that asks for a certificate; whether one is due is known already."""
    account = ("--email", settings.email) if settings.email else ("--register-unsafely-without-email",)
    how: tuple[str, ...] = ("--standalone", "--http-01-port", HTTP_PORT)
    if settings.provider:
        servers = ("--dns-multi-nameservers", ",".join(settings.servers)) if settings.servers else ()
        wait = ("--dns-multi-propagation-seconds", str(settings.wait))
        how = ("--authenticator", "dns-multi", "--dns-multi-credentials", str(CREDENTIALS), *wait, *servers)
    elif settings.challenge == "dns":
        hooks = ("--manual-auth-hook", f"{HOOK} present", "--manual-cleanup-hook", f"{HOOK} cleanup")
        how = ("--manual", "--preferred-challenges", "dns", *hooks)
    names = tuple(word for domain in settings.domains for word in ("--domain", domain))
    folders = ("--config-dir", str(EDGE / "acme"), "--work-dir", "/tmp/certbot", "--logs-dir", "/tmp/certbot/logs")  # noqa: S108
    return (
        *("certbot", "certonly", "--non-interactive", "--agree-tos", "--force-renewal", "--renew-with-new-domains"),
        *("--key-type", "ecdsa", "--cert-name", "chat", "--server", settings.directory),
        *account,
        *how,
        *names,
        *folders,
    )


def credentials(settings: Settings) -> str:
    """Return the file that tells certbot's plugin the provider and its keys (an INI file as ConfigObj reads it)."""
    lines = [f"dns_multi_provider = {settings.provider}"]
    for name, value in settings.env.items():
        # Without one the plugin refuses the file, and that is told; the tool lets no such value come here.
        quote = next((quote for quote in ('"', "'", "'''", '"""') if quote not in value), '"')
        lines.append(f"{name} = {quote}{value}{quote}")
    return "\n".join(lines) + "\n"


def cause(said: str) -> str:
    """Return the sentence of certbot's output that says what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    details = [line.removeprefix("Detail:").strip() for line in lines if line.startswith("Detail:")]
    if set(details) == {"<nil>"}:  # Alibaba Cloud's client says it in parts
        parts = dict.fromkeys(line for line in lines if line.startswith(("Code:", "Message:")))
        details = [" ".join(parts)]
    boring = ("Ask for help", "Saving debug log", "See the logfile", "Some challenges have failed", "Hint:")
    spoken = [line for line in lines if not line.startswith(boring)]
    return (details or spoken[-1:] or ["certbot said nothing"])[-1][:400]


def _give(settings: Settings, status: Status, now: float) -> None:
    """Give the edge what certbot holds: durably, then at run time; note it last."""
    chain, key = _text(LINEAGE / "fullchain.pem"), _text(LINEAGE / "privkey.pem")
    error = install(key, chain)
    failures = status.failures + 1 if error else 0
    delay = DELAYS[min(failures, len(DELAYS)) - 1] if error else 0
    _note(settings, now, error, failures, delay)
    _say(error or f"the edge serves a new certificate for {', '.join(settings.domains)}")


def install(key: str, chain: str) -> str:
    """Write key and chain where the edge reads them, commit them in the running edge; return what went wrong."""
    replace(PEM, f"{key.strip()}\n{chain.strip()}\n", 0o400)
    try:
        if str(PEM) in ask("show ssl cert"):
            ask(f"abort ssl cert {PEM}")  # of a run that was cut; there may be none
            payload = "\n".join(line for line in f"{key}\n{chain}".splitlines() if line.strip())
            said = ask(f"set ssl cert {PEM} <<\n{payload}\n")
            said = ask(f"commit ssl cert {PEM}") if "ransaction" in said else said
            if "Success" not in said:
                return f"the edge didn't take the certificate: {said.strip()[-200:]}"
    except OSError:
        pass  # the edge isn't there: it reads the file when it starts
    replace(EDGE / "certificate.pem", chain, 0o440)
    return ""


def ask(command: str) -> str:
    """Return what the edge answers to a command (HAProxy's management guide, "Unix socket commands")."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as admin:
        admin.settimeout(SOCKET_TIMEOUT)
        admin.connect(str(EDGE / "admin.sock"))
        admin.sendall(f"{command}\n".encode())
        admin.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := admin.recv(65536):
            answer += piece
    return answer.decode(errors="replace")


def replace(path: Path, text: str, mode: int) -> None:
    """Replace a file so that whoever reads it finds the old text or the new one, also after a power cut."""
    path.parent.mkdir(mode=0o750, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        aside.unlink()
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _note(settings: Settings, now: float, error: str, failures: int, delay: float) -> None:
    Status(now, not error, error, failures, now + delay, settings.directory, settings.domains).write()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
