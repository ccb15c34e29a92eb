"""The text of files that ``init`` starts an environment with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.config import toml_text

if TYPE_CHECKING:
    from llmchat_deploy.config.sources import Sources

_FIRST_WEB_PORT = 3000
_FIRST_API_PORT = 8000
_STEP = 100

_PROFILE = """\
# The environment '{name}': what differs from base.toml. No secret belongs here; those are in .env.{name}.
#
#   llmchat-deploy config show --env {name}   # every setting, its value and where it comes from

[server]
bind = "0.0.0.0"
web_port = {web_port}
api_port = {api_port}
# address: SERVER_IP in .env.{name}

# The default model, its address and its key are in .env.{name}: LLM_API_URL, LLM_MODEL, LLM_API_KEY.
"""

_ENV_SECTIONS = (
    ("Server: the IP address or host name that users type", ("SERVER_IP",)),
    (
        "Model server: its chat-completions URL, the model's name there, its key",
        ("LLM_API_URL", "LLM_MODEL", "LLM_API_KEY"),
    ),
    ("Security: signs log-ins; a new one logs everybody out", ("SECRET_KEY",)),
)


def profile(name: str, sources: Sources) -> str:
    """Return a profile for a new environment, with ports that no other profile has."""
    taken = {
        leaf.value
        for other in sources.profiles()
        if (source := sources.profile(other))
        for leaf in toml_text.parse(source)[0]
        if leaf.path in {("server", "web_port"), ("server", "api_port")}
    }
    offset = 0
    while taken & {_FIRST_WEB_PORT + offset, _FIRST_API_PORT + offset}:
        offset += _STEP
    return _PROFILE.format(name=name, web_port=_FIRST_WEB_PORT + offset, api_port=_FIRST_API_PORT + offset)


def env_file(name: str, variables: tuple[str, ...]) -> str:
    """Return an env file with ``variables`` empty, ready to be filled, and the guide's other ones as comments."""
    lines = [
        f"# The environment '{name}': its secrets and its own addresses. Mode 0600, ignored by git: keep it that way.",
        "# Values are taken as they stand: a $ is a $. Put single quotes around spaces and '#'.",
    ]
    for title, names in _ENV_SECTIONS:
        lines += ["", f"# {title}"]
        lines += (f"{each}=" if each in variables else f"# {each}=" for each in names)
    rest = [each for each in variables if not any(each in names for _, names in _ENV_SECTIONS)]
    if rest:
        lines += ["", "# Further settings", *(f"{each}=" for each in rest)]
    return "\n".join(lines) + "\n"
