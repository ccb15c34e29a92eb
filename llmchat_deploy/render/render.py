"""Environment + templates -> Release. Pure: the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmchat_deploy.config.model import METRICS_ADDRESS, Environment
from llmchat_deploy.render.acme import acme_files
from llmchat_deploy.render.backend import backend_keys, backend_variables
from llmchat_deploy.render.backup import backup_files
from llmchat_deploy.render.edge import edge_tls
from llmchat_deploy.render.jinja import renderer
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.origins import allowed_origins
from llmchat_deploy.render.places import FIRST, Places
from llmchat_deploy.render.proxy import trusted_sources
from llmchat_deploy.render.release import ID_LENGTH, Image, Release, RenderedFile, Service, digest_of
from llmchat_deploy.render.stamped import Stamped
from llmchat_deploy.render.templates import Templates

MODEL_HEALTH_COMMAND = ("CMD", "/opt/model/health")


def render_release(environment: Environment, templates: Templates, places: Places = FIRST) -> Release:
    """Render everything that should run; raises RenderError where a template doesn't fit."""
    if places.base:
        templates = Stamped(templates, places.base)
    data_volume = Names(environment.project).data_volume(places.generation)
    services = [
        _edge(environment, templates),
        _backend(environment, templates, data_volume),
        _frontend(environment, templates),
    ]
    if environment.models.bundled:
        services.append(_model(environment, templates))
    if environment.tls.mode == "acme":
        services.append(_acme(environment, templates))
    if places.backups:
        services.append(_backup(environment, templates, places, data_volume, release=None))
    digest = release_digest(services)
    if places.backups:
        # Backups say which release they are of; its digest can't cover its own name.
        release = {"release": digest[:ID_LENGTH], "digest": digest}
        services[-1] = _backup(environment, templates, places, data_volume, release=release)
    return Release(
        project=environment.project,
        services=tuple(services),
        base_image=base_image(environment),
        context=templates.context,
        data_volume=data_volume,
        base_stamp=places.base,
        revisions=templates.revisions(),
        digest=digest,
    )


def release_digest(services: Sequence[Service]) -> str:
    """Return the digest of a release: of its services in their order, and of every file they read."""
    return digest_of(*(part for service in services for part in _parts(service)))


def _parts(service: Service) -> tuple[str, ...]:
    return (f"{service.name} {service.digest}", *(f"{file.path} {file.digest}" for file in service.files))


def _edge(environment: Environment, templates: Templates) -> Service:
    names = Names(environment.project)
    haproxy = renderer(templates).render(
        "haproxy.cfg.j2",
        project=environment.project,
        idle_timeout=environment.models.idle_timeout,
        proxies=trusted_sources(environment),
        tls=edge_tls(environment),
        metrics=bool(environment.server.metrics_port),
        api_url=environment.server.api_url,
        origins=allowed_origins(environment),
    )
    return _service(
        "edge",
        environment,
        templates,
        memory=environment.resources.edge_memory,
        tmpfs=("/run/haproxy:size=1m,mode=0700,uid=10002,gid=10000",),
        # A new configuration is loaded by the running edge; only what needs another container is in its digest.
        files=(RenderedFile("haproxy.cfg", haproxy, 0o640, digest_of(haproxy)),),
        files_change_container=False,
        values={
            "bind": environment.server.bind,
            "web_port": environment.server.web_port,
            "api_port": environment.server.api_port,
            "tls_ports": (environment.server.http_port, environment.server.https_port) if environment.has_tls else (),
            "metrics": (METRICS_ADDRESS, environment.server.metrics_port) if environment.server.metrics_port else (),
            "slots_volume": names.slots_volume,
            "edge_volume": names.edge_volume,
        },
    )


def _backend(environment: Environment, templates: Templates, data_volume: str) -> Service:
    names = Names(environment.project)
    keys = backend_keys(environment)
    return _service(
        "backend",
        environment,
        templates,
        memory=environment.resources.backend_memory,
        files=keys,
        values={
            "network": environment.backend_network,
            "variables": backend_variables(environment),
            "data_volume": data_volume,
            "slots_volume": names.slots_volume,
            "secrets_volume": keys_volume(names, keys),
            "stop_timeout": environment.health.stop_timeout,
        },
    )


def _frontend(environment: Environment, templates: Templates) -> Service:
    return _service("frontend", environment, templates, memory=environment.resources.frontend_memory, values={})


def _model(environment: Environment, templates: Templates) -> Service:
    return _service(
        "model",
        environment,
        templates,
        memory=environment.resources.model_memory,
        values={"health_command": MODEL_HEALTH_COMMAND},
    )


def _acme(environment: Environment, templates: Templates) -> Service:
    names, files = Names(environment.project), acme_files(environment)
    return _service(
        "acme",
        environment,
        templates,
        memory=environment.resources.acme_memory,
        files=files,
        values={"edge_volume": names.edge_volume, "secrets_volume": keys_volume(names, files)},
    )


def _backup(
    environment: Environment,
    templates: Templates,
    places: Places,
    data_volume: str,
    *,
    release: Mapping[str, str] | None,
) -> Service:
    names = Names(environment.project)
    files = backup_files(environment, places, image=image_of("backend", environment, templates).tag, release=release)
    return _service(
        "backup",
        environment,
        templates,
        runs="backend",
        memory=environment.resources.backup_memory,
        files=files,
        values={
            "backups": places.backups,
            "lock": places.lock,
            "data_volume": data_volume,
            "scratch_volume": names.scratch_volume,
            "secrets_volume": keys_volume(names, files),
        },
    )


def _service(  # noqa: PLR0913 - the parts of a service, each named at the call
    name: str,
    environment: Environment,
    templates: Templates,
    *,
    memory: str,
    values: Mapping[str, Any],
    files: tuple[RenderedFile, ...] = (),
    files_change_container: bool = True,
    tmpfs: tuple[str, ...] = (),
    runs: str = "",
) -> Service:
    """Render one service twice: once to know its digest, once with the digest written in.

    ``runs`` names the service whose image it runs, where it has none of its own.
    """
    image = image_of(runs or name, environment, templates)
    path = f"{name}.compose.yaml"

    def compose(digest: str) -> str:
        return renderer(templates).render(
            f"{path}.j2",
            project=environment.project,
            service=name,
            slotted=name in SLOTTED,
            image=image.tag,
            path=path,
            memory=memory,
            tmpfs=tmpfs,
            start_timeout=environment.health.start_timeout,
            digest=digest,
            **values,
        )

    file_digests = [f"{file.path} {file.digest}" for file in files] if files_change_container else []
    digest = digest_of(compose("0" * 64), *file_digests)
    text = compose(digest)
    return Service(
        name=name,
        image=image,
        compose=RenderedFile(path, text, 0o640, digest_of(text)),
        digest=digest,
        files=files,
    )


def image_of(service: str, environment: Environment, templates: Templates) -> Image:
    """Return the image of a service: its tag names the sources and the base it is built from."""
    inputs = digest_of(templates.inputs(service), base_image(environment))
    tag = f"llmchat/{service}:{inputs[:16]}"
    return Image(service=service, tag=tag, dockerfile=f"{service}/Dockerfile")


def base_image(environment: Environment) -> str:
    """Return the reference of the base image, by way of the registry that the profile prefers."""
    prefix = environment.build.registry_prefix.rstrip("/")
    return f"{prefix}/{environment.build.base_image}" if prefix else environment.build.base_image


def keys_volume(names: Names, keys: tuple[RenderedFile, ...]) -> str:
    """Return the name of the volume that holds exactly these keys."""
    return names.secrets_volume(digest_of(*(file.digest for file in keys)))
