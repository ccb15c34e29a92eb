"""The argv of ``docker``: literal, and free of values that may hold a password."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.model import Build
from llmchat_deploy.engine import compose
from llmchat_deploy.render.release import Slot

words = st.text("abcdefgh0123456789", min_size=12, max_size=20).map("hidden-{}".format)


def test_up_starts_one_service_of_one_project():
    """With options that Compose 2.0 knows: 2.5 and older refuse a whole command for --pull."""
    assert " ".join(compose.up("p-backend-a", "backend", "/state/backend.compose.yaml")) == (
        "docker compose --project-name p-backend-a --file /state/backend.compose.yaml"
        " up --detach --no-deps --no-build --quiet-pull backend"
    )


def test_compose_is_told_the_slot_by_its_environment():
    assert compose.variables(Slot.B) == {"COMPOSE_IGNORE_ORPHANS": "true", "SLOT": "b"}
    assert compose.variables(None) == {"COMPOSE_IGNORE_ORPHANS": "true"}


def test_a_build_without_settings():
    argv, variables = compose.build(
        project="p", tag="llmchat/edge:1", dockerfile="edge/Dockerfile", context="/s", base="debian:13-slim",
        settings=Build(), ca_bundle=None,
    )  # fmt: skip

    assert " ".join(argv) == (
        "docker build --progress plain --tag llmchat/edge:1 --file /s/edge/Dockerfile --label llmchat.image=true"
        " --label llmchat.built-by=p --build-arg BASE_IMAGE=debian:13-slim /s"
    )
    assert variables == {"DOCKER_BUILDKIT": "1"}


@given(words, words, words, words, words)
def test_what_may_hold_a_password_goes_by_the_environment_only(apt, pip, npm, http, https):
    settings = Build(
        apt_mirror=f"https://u:{apt}@a.example", pip_index=f"https://u:{pip}@b.example",
        npm_registry=f"https://u:{npm}@c.example", http_proxy=f"http://u:{http}@d.example",
        https_proxy=f"http://u:{https}@e.example", no_proxy="localhost",
    )  # fmt: skip
    argv, variables = compose.build(
        project="p", tag="t", dockerfile="d", context="/s", base="b", settings=settings, ca_bundle="/etc/ca.crt"
    )

    assert "hidden-" not in " ".join(argv)
    assert ("--secret", "id=ca,src=/etc/ca.crt") in list(pairwise(argv))
    for name in ("APT_MIRROR", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY", "HTTP_PROXY", "http_proxy", "https_proxy"):
        assert ("--build-arg", name) in list(pairwise(argv))
        assert name in variables
    assert variables["http_proxy"] == settings.http_proxy
    assert variables["no_proxy"] == "localhost"
    assert "pip_index_url" not in variables
