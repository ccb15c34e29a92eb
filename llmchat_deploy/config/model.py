"""The vocabulary of an environment: frozen, typed, complete.

Every field has the meaning, the unit and the default that ``config show`` prints. Values arrive validated by
``config.validate``; nothing below this package checks them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from llmchat_deploy.config.chat_model import ChatModel, PresetModel
from llmchat_deploy.config.limits import Limits
from llmchat_deploy.config.section import ProxyUrl, SecretText, Section
from llmchat_deploy.config.tls import Tls
from llmchat_deploy.secret import Secret

METRICS_ADDRESS = "127.0.0.1"
"""Where ``server.metrics_port`` is, whatever ``server.bind`` says: it is for this machine alone."""


class Server(Section):
    """Where the service is reached."""

    address: str = ""
    """IP address or host name that users type (``SERVER_IP``); empty: this machine only."""
    old_addresses: str = ""
    """Earlier addresses that go on working, separated by spaces or commas (``OLD_SERVER_IPS``)."""
    bind: str = "0.0.0.0"  # noqa: S104 - the guide's default; the plan says what is open to whom
    """Address the published ports listen on (``HOST``)."""
    web_port: int = Field(default=3000, ge=1, le=65535)
    """Port of the web page (``FRONTEND_PORT``)."""
    api_port: int = Field(default=8000, ge=1, le=65535)
    """Port of the API and its documentation (``PORT``)."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port on this machine's loopback address for Prometheus; 0: none."""
    api_url: str = ""
    """API address the browser uses (``NEXT_PUBLIC_API_URL``); empty: the page's own address."""
    web_url: str = ""
    """URL of the page as users type it, where a proxy of one's own stands in front (``PUBLIC_URL``)."""
    trusted_proxies: str = ""
    """IP addresses of the proxies whose word on clients and on HTTPS counts (``TRUSTED_PROXIES``)."""
    domain: str = ""
    """Host name that users type, with HTTPS (``SERVER_DOMAIN``); empty: they type ``address``."""
    http_port: int = Field(default=80, ge=1, le=65535)
    """Port that sends browsers to HTTPS; only with ``tls.mode``."""
    https_port: int = Field(default=443, ge=1, le=65535)
    """Port of page and API with HTTPS; only with ``tls.mode``."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return every address under which the service is reached, the present one first."""
        old = self.old_addresses.replace(",", " ").split()
        return tuple(dict.fromkeys(address for address in (self.address, *old) if address))

    @property
    def proxies(self) -> tuple[str, ...]:
        """Return the addresses of the proxies in front that are trusted."""
        return tuple(self.trusted_proxies.replace(",", " ").split())


class Models(Section):
    """The models that users can choose."""

    bundled: bool = False
    """Run the bundled demo model and use it as the default model."""
    default: ChatModel
    presets: dict[str, PresetModel] = {}  # noqa: RUF012 - pydantic copies it
    """Further models by id (``PRESET_MODELS``)."""
    idle_timeout: int = Field(default=600, ge=1)
    """Seconds a model may stay silent before its answer counts as timed out."""
    titles: bool = True
    """Ask the model for a conversation's title after its first answer; the bundled model is too small to be asked."""


class Network(Section):
    """How the backend reaches the network."""

    backend: Literal["auto", "host", "bridge"] = "auto"
    """``auto``: the host's network when a model listens on loopback, else a bridge."""


class Auth(Section):
    """Accounts and sessions."""

    registration: Literal["open", "approval", "invite", "closed"] = "open"
    """Who may make an account (``REGISTRATION``): everybody; everybody, and an administrator approves it; whoever has
    an invitation code; nobody but administrators."""
    admin: str = "admin"
    """Name of the administrator that the first ``up`` creates."""
    token_minutes: int = Field(default=10080, ge=1)
    """Minutes until a log-in expires (``ACCESS_TOKEN_EXPIRE_MINUTES``)."""


class Build(Section):
    """Where images and packages come from; none of these settings changes what is built."""

    base_image: str = "debian:13-slim"
    registry_prefix: str = ""
    """Prefix for the base image, such as ``mirror.example.com/library``; empty: Docker's default registry."""
    apt_mirror: str = ""
    pip_index: str = ""
    npm_registry: str = ""
    ca_bundle: str = "auto"
    """PEM file trusted while building; ``auto``: this machine's own bundle; empty: none."""
    http_proxy: ProxyUrl = ""
    """Proxy for the build (``HTTP_PROXY``); may hold a user name and a password, shown as ``***``."""
    https_proxy: ProxyUrl = ""
    no_proxy: str = ""
    base_max_age_days: int = Field(default=14, ge=0)
    """Days after which ``update`` builds every image anew on a newer base; 0: never."""
    cache_gigabytes: int = Field(default=10, ge=0)
    """Size that ``update`` bounds the engine's build cache at; 0 leaves it alone."""
    keep_releases: int = Field(default=5, ge=1)
    """Releases, the present one among them, whose images stay, so that going back to one builds nothing."""

    def __repr_args__(self) -> Iterator[tuple[str, object]]:
        """Name the settings as ``repr`` does, the proxies without their credentials."""
        yield from self.model_dump().items()


class Resources(Section):
    """Memory limits, in Docker's notation (``512m``, ``2g``)."""

    edge_memory: str = "256m"
    backend_memory: str = "1g"
    frontend_memory: str = "512m"
    model_memory: str = "2g"
    backup_memory: str = "512m"
    acme_memory: str = "256m"


class Health(Section):
    """How patiently a deploy waits."""

    start_timeout: int = Field(default=180, ge=1)
    """Seconds a service may take from its start until it is healthy."""
    drain_timeout: int = Field(default=600, ge=0, le=600)
    """Seconds the replaced slot may take to finish its open answers, while the new one serves; 600 is also the most
    that the backend itself waits."""
    stop_timeout: int = Field(default=30, ge=0)
    """Seconds for open answers where nothing serves in their place: ``down``, ``restart``, ``restore``."""


class Remote(Section):
    """A place off this machine that gets a copy of every backup; the fields of the other kind stay empty."""

    kind: Literal["s3", "sftp"]
    endpoint: str = ""
    """s3: URL of the server; empty: Amazon's own for ``region``."""
    allow_http: bool = False
    """s3: use a server without TLS that isn't this machine; keys and backups can be seen on the way."""
    region: str = ""
    bucket: str = ""
    prefix: str = ""
    """s3: what the names of the objects begin with, such as ``chat/``."""
    access_key: SecretText = Secret("")
    """s3 (``BACKUP_REMOTE_NAME_ACCESS_KEY``)."""
    secret_key: SecretText = Secret("")
    """s3 (``BACKUP_REMOTE_NAME_SECRET_KEY``)."""
    host: str = ""
    port: int = Field(default=22, ge=1, le=65535)
    user: str = ""
    path: str = ""
    """sftp: the folder; empty: the one in which a log-in begins."""
    host_key: str = ""
    """sftp: the server's public key (``ssh-ed25519 AAAA…``): no other server is talked to."""
    password: SecretText = Secret("")
    """sftp (``BACKUP_REMOTE_NAME_PASSWORD``)."""
    private_key: SecretText = Secret("")
    """sftp: the text of a private key in OpenSSH's format (``BACKUP_REMOTE_NAME_PRIVATE_KEY``)."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret that is set."""
        return tuple(word for word in (self.access_key, self.secret_key, self.password, self.private_key) if word)


class Backup(Section):
    """How backups are made and kept."""

    encryption: Literal["auto", "on", "off"] = "auto"
    """``on``: no backup without a recipient. ``auto``: encrypted where there is one."""
    recipients: str = ""
    """Public keys (``age1…``) that can open the backups, separated by spaces or commas (``BACKUP_RECIPIENTS``)."""
    folder: str = ""
    """Absolute path of the folder with the backups; empty: a folder of the environment's state."""
    schedule: str = ""
    """When backups are made: five fields of cron, or ``every 6h``; empty: only when asked for (``BACKUP_SCHEDULE``)."""
    timezone: str = ""
    """IANA name of the time zone of the schedule; empty: the machine's."""
    drill_every: int = Field(default=7, ge=0)
    """Days between two scheduled restores of the newest backup into a place of its own; 0: none."""
    keep_last: int = Field(default=0, ge=0)
    keep_hourly: int = Field(default=0, ge=0)
    keep_daily: int = Field(default=7, ge=0)
    keep_weekly: int = Field(default=4, ge=0)
    keep_monthly: int = Field(default=6, ge=0)
    keep_yearly: int = Field(default=0, ge=0)
    keep_within: str = ""
    """Keep every backup that is younger than this, such as ``14d``; empty: no such rule."""
    webhook: SecretText = Secret("")
    """URL that is told of each scheduled backup, in JSON (``BACKUP_WEBHOOK_URL``)."""
    ping: SecretText = Secret("")
    """URL of a dead man's switch: asked at start, success and failure (``BACKUP_PING_URL``)."""
    remotes: dict[str, Remote] = {}  # noqa: RUF012 - pydantic copies it
    """Places off this machine, by name."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the public keys that backups are encrypted to; none: backups aren't encrypted."""
        return () if self.encryption == "off" else tuple(self.recipients.replace(",", " ").split())


class Environment(Section):
    """Everything that describes one installation: what ``up`` makes real."""

    name: str
    project: str
    """Base name of everything Docker holds for this environment, such as ``llmchat-production``."""
    server: Server
    models: Models
    network: Network
    auth: Auth
    limits: Limits = Limits.model_construct()
    build: Build
    resources: Resources
    health: Health
    backup: Backup = Backup.model_construct()
    tls: Tls = Tls.model_construct()
    secret_key: SecretText
    """Signs sessions (``SECRET_KEY``), at least 32 bytes."""
    previous_secret_key: SecretText = Secret("")
    """The ``SECRET_KEY`` before this one (``SECRET_KEY_PREVIOUS``): what it has signed goes on working."""
    generated: tuple[str, ...] = ()
    """Variables whose values were generated in this run and are not kept in the env file yet."""

    @property
    def backend_network(self) -> Literal["host", "bridge"]:
        """Which network the backend uses, ``auto`` resolved."""
        if self.network.backend != "auto":
            return self.network.backend
        everyone = (self.models.default, *self.models.presets.values())
        return "host" if any(model.is_loopback for model in everyone) else "bridge"

    @property
    def has_tls(self) -> bool:
        """Whether the edge speaks HTTPS."""
        return self.tls.mode != "off"

    @property
    def published(self) -> tuple[tuple[str, int], ...]:
        """The addresses and ports that the edge publishes."""
        server = self.server
        ports = (server.web_port, server.api_port, *((server.http_port, server.https_port) if self.has_tls else ()))
        metrics = ((METRICS_ADDRESS, server.metrics_port),) if server.metrics_port else ()
        return (*((server.bind, port) for port in ports), *metrics)

    @property
    def names(self) -> tuple[str, ...]:
        """The names and addresses that users may type, the one that is shown to them first."""
        found = dict.fromkeys(name for name in (self.server.domain, *self.server.addresses) if name)
        return tuple(found) or ("localhost",)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret value, for masking output."""
        everyone = (self.models.default, *self.models.presets.values())
        proxies = (self.build.http_proxy, self.build.https_proxy)
        passwords = (Secret(urlsplit(proxy).password or "") for proxy in proxies)
        backup = (self.backup.webhook, self.backup.ping)
        return (
            self.secret_key,
            *((self.previous_secret_key,) if self.previous_secret_key else ()),
            *(model.key for model in everyone),
            *(word for word in (*passwords, *backup, *self.tls.secrets) if word),
            *(word for remote in self.backup.remotes.values() for word in remote.secrets),
        )
