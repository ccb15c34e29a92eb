"""What may well be meant but deserves a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.config.schema import DEFAULT_MODEL

DEVELOPMENT = "development"
HTTP_PORT = 80

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.config.model import Environment


def warn(draft: Draft, environment: Environment) -> Iterator[str]:
    """Yield a sentence for each setting that has no effect or an unlikely one."""
    name = draft.setting(*DEFAULT_MODEL, "name")
    if name and environment.models.bundled:
        yield (
            f"{name.origin}: {name.written} has no effect beside the bundled model; "
            "set LLM_API_URL too to use a model of your own"
        )
    if environment.backend_network == "bridge":
        models = {"LLM_API_URL": environment.models.default, **environment.models.presets}
        for label, model in models.items():
            if model.is_loopback:
                yield (
                    f"{label}: {model.url} is a loopback address, out of reach of a backend on a bridge network; "
                    "leave network.backend at auto, or let the model server listen on another address"
                )
    if (
        environment.tls.mode == "acme"
        and environment.tls.challenge == "http"
        and environment.server.http_port != HTTP_PORT
    ):
        yield (
            f"server.http_port: authorities prove a name at its port {HTTP_PORT}, which must lead to port"
            f" {environment.server.http_port} of this machine"
        )
    if environment.backup.schedule and (warning := unencrypted(environment)):
        yield warning


def unencrypted(environment: Environment) -> str:
    """Return what is to be said about backups without encryption; nothing where they are encrypted, or on a desk."""
    if environment.backup.keys or environment.name == DEVELOPMENT:
        return ""
    return (
        "backups are not encrypted: whoever gets at one reads every conversation and every password's hash; "
        f"llmchat-deploy backup key create --env {environment.name} makes a key"
    )
