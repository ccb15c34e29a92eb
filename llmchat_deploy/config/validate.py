"""Every rule, applied to the settings together: all problems at once, not only the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.config.rules.backup import check_backup
from llmchat_deploy.config.rules.build import check_build
from llmchat_deploy.config.rules.models import check_models
from llmchat_deploy.config.rules.secrets import check_secrets
from llmchat_deploy.config.rules.server import check_server
from llmchat_deploy.config.rules.tls import check_tls
from llmchat_deploy.config.rules.words import check_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.errors import Problem


def check(draft: Draft, environment: str, sources: Sources) -> Iterator[Problem]:
    """Yield every problem of the settings taken together, in the order of the guide."""
    yield from check_server(draft, environment)
    yield from check_models(draft, environment)
    yield from check_secrets(draft, environment)
    yield from check_build(draft, sources)
    yield from check_backup(draft, environment, sources)
    yield from check_tls(draft, sources)
    yield from check_words(draft)
