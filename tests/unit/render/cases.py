"""The environments whose rendered files are kept as snapshots: each profile, and the odd one of everything at once."""

from __future__ import annotations

from llmchat_deploy.config.load import load_environment
from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.places import FIRST, Places
from llmchat_deploy.render.release import Release, RenderedFile, Slot, Slots
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.slots import render_slots
from llmchat_deploy.secret import Secret
from tests.unit.config.project import FakeProject
from tests.unit.world import SHIPPED

KEY = "3b7f0c94e1d2586ab09c7d44f1e8a2563dd0b1975c2e4f8896ab01cd23ef4567"
GUIDE = f"""\
# 服务器配置
SERVER_IP=192.168.1.100
HOST=0.0.0.0
PORT=8000

# 大模型配置
LLM_API_URL=http://127.0.0.1:11553/v1/chat/completions
LLM_MODEL=glm4_32B_chat
LLM_API_KEY=our-own-credential-4711

# 安全配置
SECRET_KEY={KEY}
ACCESS_TOKEN_EXPIRE_MINUTES=10080
"""
"""The guide's scenario 3 with values of one's own; its model listens on loopback."""

REMOTE = f"""\
SERVER_IP=chat-staging.example.com
LLM_API_URL=https://models.example.com/v1/chat/completions
LLM_MODEL=gpt-4
LLM_API_KEY=
SECRET_KEY={KEY}
"""

EVERYTHING = f"""\
SERVER_IP=2001:db8::7
HOST=::
FRONTEND_PORT=3300
PORT=8300
NEXT_PUBLIC_API_URL=http://[2001:db8::7]:8300
LLM_API_URL=http://192.168.1.50:11553/v1/chat/completions
LLM_MODEL=glm4_32B_chat
LLM_LABEL='GLM-4 "big" $5 # 32B \\ 中文'
LLM_API_KEY=our-own-credential-4711
LLM_API_KEY_CODEGEEX=
LLM_API_KEY_QWEN=another-credential-0815
PRESET_MODELS='{{
  "codegeex": {{"name": "CodeGeex", "url": "http://192.168.1.51/v1/chat/completions", "model": "codegeex4-all-9b"}},
  "qwen": {{"name": "通义千问", "url": "https://models.example.com/v1/chat/completions", "model": "qwen-max"}}
}}'
SECRET_KEY={KEY}
"""
"""Presets with keys, an API address of its own, IPv6, and a label with every awkward character."""

SCHEDULED = f"""\
{REMOTE}BACKUP_SCHEDULE='30 3 * * *'
BACKUP_RECIPIENTS=age1v4ucelk83e3u8jm9kqxn04hjpu4s36eyve6h6rfz82thw0a2wfes5y4l3c
BACKUP_PING_URL=https://ping.example.com/only-for-us-4711
"""

CASES = {
    "development": ("development", ""),
    "staging": ("staging", REMOTE),
    "production": ("production", GUIDE),
    "everything": ("production", EVERYTHING),
    "scheduled": ("staging", SCHEDULED),
    "acme": ("production", f"{GUIDE}SERVER_DOMAIN=chat.example.com\n"),
    "https": ("production", f"{GUIDE}SERVER_DOMAIN=Chat.example.com\n"),
}
PROFILES = {
    "everything": "[server]\nmetrics_port = 9100\n",
    "acme": '[tls]\nmode = "acme"\nemail = "it@example.com"\n',
    "https": '[server]\nhttps_port = 8443\n[tls]\nmode = "internal"\nhsts_max_age = 31536000\n',
}
"""What the profile says besides."""
PLACES = Places(generation=2, backups="/srv/back ups $1", lock="/state/lock", timezone="Asia/Shanghai")
"""A machine on which data was restored once; rendered for where backups are scheduled."""


def environment(case: str) -> Environment:
    name, env_file = CASES[case]
    toml = {name: PROFILES[case]} if case in PROFILES else {}
    project = FakeProject(env={name: env_file} if env_file else {}, toml=toml)
    return load_environment(name, project, new_secret=lambda: Secret(KEY)).environment


def places(case: str) -> Places:
    return PLACES if environment(case).backup.schedule else FIRST


def files(case: str) -> tuple[RenderedFile, ...]:
    """Return every rendered file that isn't secret."""
    release: Release = render_release(environment(case), SHIPPED, places(case))
    everything = [render_slots(SHIPPED, Slots(Slot.A, Slot.B))]
    for service in release.services:
        everything += [service.compose, *service.files]
    return tuple(file for file in everything if not file.sensitive)
