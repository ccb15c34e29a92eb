"""The documentation says what the code does: commands, options, settings, exit codes, links."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

from llmchat_deploy.cli.app import app
from llmchat_deploy.config.files import ProjectFiles
from llmchat_deploy.config.load import load_environment
from llmchat_deploy.config.schema import Known, dotted, known_settings
from llmchat_deploy.config.schema import Path as Key
from llmchat_deploy.config.variables import PRESET_MODELS, PRESETS, REMOTE_SECRETS, REMOTES, VARIABLES
from llmchat_deploy.errors import ExitCode
from llmchat_deploy.operations import (
    admin,
    backup,
    backup_check,
    backup_key,
    backup_list,
    backup_prune,
    backup_schedule,
    config_render,
    config_show,
    config_validate,
    down,
    health,
    init,
    migrate_ip,
    proxy,
    prune,
    restart,
    restore,
    status,
    up,
    update,
)
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.output.envelope import success
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.secret import Secret

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs/reference"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TRANSLATED = {
    "README.md": "README.zh.md",
    "docs/how-to/accounts.md": "docs/zh/accounts.md",
    "docs/how-to/behind-nginx.md": "docs/zh/behind-nginx.md",
    "docs/how-to/backup.md": "docs/zh/backup.md",
    "docs/how-to/change-the-address.md": "docs/zh/change-the-address.md",
    "docs/how-to/china-mirrors.md": "docs/zh/china-mirrors.md",
    "docs/how-to/https.md": "docs/zh/https.md",
    "docs/how-to/model-server-on-this-machine.md": "docs/zh/model-server-on-this-machine.md",
    "docs/how-to/production.md": "docs/zh/production.md",
    "docs/how-to/several-environments.md": "docs/zh/several-environments.md",
    "docs/how-to/troubleshooting.md": "docs/zh/troubleshooting.md",
    "docs/how-to/update.md": "docs/zh/update.md",
}
DATA = {
    "init": init.InitData,
    "config show": config_show.ConfigShowData,
    "config validate": config_validate.ConfigValidateData,
    "config render": config_render.RenderData,
    "up": up.UpData,
    "update": update.UpdateData,
    "migrate-ip": migrate_ip.MigrateIpData,
    "prune": prune.PruneData,
    "proxy nginx": proxy.ProxyData,
    "restart": restart.RestartData,
    "down": down.DownData,
    "status": status.StatusData,
    "health": health.HealthData,
    "restore": restore.RestoreData,
    "backup": backup.BackupData,
    "backup verify": backup.VerifyData,
    "backup drill": backup.DrillData,
    "backup list": backup_list.BackupList,
    "backup show": backup_list.BackupDetails,
    "backup prune": backup_prune.PruneData,
    "backup schedule": backup_schedule.ScheduleData,
    "backup key create": backup_key.KeyCreated,
    "backup key check": backup_check.KeyChecked,
    "backup key show-recipient": backup_key.RecipientData,
    "admin create": admin.AdminData,
    "admin list": admin.AdminList,
}
LAUNCHER_ONLY = {"setup"}


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands(group: Any = None, before: str = "") -> dict[str, Any]:
    """Return every command by its words, groups that act by themselves included."""
    found: dict[str, Any] = {}
    for name, command in (group or typer.main.get_command(app)).commands.items():
        inner = getattr(command, "commands", None)
        if not inner or command.invoke_without_command:
            found[f"{before}{name}"] = command
        if inner:
            found |= commands(command, f"{before}{name} ")
    return found


def options_of(command: Any) -> set[str]:
    return {word for each in command.params if each.param_type_name == "option" for word in each.opts}


ROOT_OPTIONS = options_of(typer.main.get_command(app)) | {"--help", "-h"}


def sections(page: Path) -> dict[str, str]:
    """Return the text below each second-level heading."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row below a heading row, without code marks."""
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= {"-", ":"}]


def untold(options: set[str], text: str) -> set[str]:
    return {option for option in options if not re.search(rf"`{option}[` ]", text)}


def code(cell: str) -> str:
    return cell.strip("`")


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    told = set(sections(REFERENCE / "commands.md"))
    assert told - {"Global options", "The launcher", "Environment variables of the tool"} == set(commands())


@pytest.mark.parametrize("name", commands())
def test_every_option_is_in_its_commands_section(name: str) -> None:
    told = sections(REFERENCE / "commands.md")[name]
    assert not untold(options_of(commands()[name]) - ROOT_OPTIONS, told)


def test_every_global_option_is_told() -> None:
    told = sections(REFERENCE / "commands.md")["Global options"]
    assert not untold(ROOT_OPTIONS, told)


def test_exit_codes_are_those_of_the_code() -> None:
    table = rows((REFERENCE / "exit-codes.md").read_text(encoding="utf-8"))[1:]
    assert {code(row[1]): int(row[0]) for row in table} == {each.name: each.value for each in ExitCode}


def setting_rows() -> dict[str, list[str]]:
    text = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    return {code(row[0]): [code(cell) for cell in row[1:4]] for row in rows(text) if len(row) == 5 and row[0] != "Key"}


def kind_of(known: Known) -> str:
    """Return a setting's type as the table writes it; ``code`` has taken the outer marks."""
    if not known.choices:
        return known.kind
    *first, last = known.choices
    return f"{'`, `'.join(first)}` or `{last}"


def default_of(key: Key, known: Known) -> str:
    if key == ("project",):
        return "llmchat-NAME"
    if known.kind == "switch":
        return str(known.default).lower()
    return "" if known.kind == "secret" else str(known.default)


def variable_of(key: Key) -> str:
    if key[:2] == PRESETS:
        return "LLM_API_KEY_<ID>" if key[-1] == "key" else PRESET_MODELS
    if key[:2] == REMOTES and key[-1] in REMOTE_SECRETS:
        return f"BACKUP_REMOTE_<NAME>_{key[-1].upper()}"
    return next((name for name, path in VARIABLES.items() if path == key), "")


def test_the_settings_are_those_of_the_code() -> None:
    expected = {
        dotted(key): [kind_of(known), default_of(key, known), variable_of(key)]
        for key, known in known_settings().items()
    }
    assert setting_rows() == expected


def test_the_json_page_names_the_keys_of_the_envelope() -> None:
    document = success(Outcome("up", Plan("production", "llmchat-production")), ())
    text = (REFERENCE / "json.md").read_text(encoding="utf-8")
    assert not {key for key in document if f"| `{key}` |" not in text}


@pytest.mark.parametrize("command", DATA)
def test_the_json_page_names_the_keys_of_a_commands_data(command: str) -> None:
    table = rows(sections(REFERENCE / "json.md")["Data"])
    told = next(row[1] for row in table if f"`{command}`" in row[0].split(", "))
    assert not {field.name for field in fields(DATA[command]) if f"`{field.name}`" not in told}


def test_the_json_page_names_the_keys_of_a_plan() -> None:
    told = next(row[1] for row in rows(sections(REFERENCE / "json.md")["Data"]) if "`plan`" in row[0])
    assert not {key for key in Plan("production", "llmchat-production").to_json() if f"`{key}`" not in told}


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


def command_lines(page: Path) -> list[str]:
    return re.findall(r"llmchat-deploy +([a-z-][^`\n|#]*)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_env_file_of_the_readme_is_a_whole_environment(readme: str, tmp_path: Path) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    block = re.search(r"```bash\n(SERVER_IP=.*?)```", text, re.DOTALL)
    assert block
    key = "4f1d0c9b8a7e6d5c4b3a29181706f5e4d3c2b1a0ffeeddccbbaa998877665544"
    env_file = tmp_path / ".env.production"
    env_file.write_text(block[1].replace("…", key), encoding="utf-8")
    env_file.chmod(0o600)
    loaded = load_environment("production", ProjectFiles(tmp_path, ROOT), new_secret=lambda: Secret(""))
    assert not loaded.warnings
    assert loaded.environment.secret_key == Secret(key)
    assert loaded.environment.backend_network == "host"


def test_the_readme_shows_command_lines() -> None:
    assert len(command_lines(ROOT / "README.md")) > 10


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_command_lines_can_be_typed(page: Path) -> None:
    known = commands()
    for line in command_lines(page):
        if line.startswith("&& cd"):
            continue
        words = shlex.split(line.split(" > ")[0].replace("…", ""))
        name = next((each for size in (3, 2, 1) if (each := " ".join(words[:size])) in known), "")
        if not name:
            assert words[0] in LAUNCHER_ONLY | {"config", "admin"} or words[0].startswith("-"), line
            continue
        allowed = options_of(known[name]) | ROOT_OPTIONS
        assert not [word for word in words if word.startswith("-") and word.partition("=")[0] not in allowed], line


@pytest.mark.parametrize(("original", "translation"), TRANSLATED.items())
def test_a_translation_says_as_much_as_its_original(original: str, translation: str) -> None:
    shapes = []
    for name in (original, translation):
        text = (ROOT / name).read_text(encoding="utf-8")
        fences = re.findall(r"^```", text, re.MULTILINE)
        headings = re.findall(r"^(#+) ", text, re.MULTILINE)
        items = re.findall(r"^(?:\d+\.|-) ", text, re.MULTILINE)
        shapes.append((headings, len(items), len(rows(text)), len(fences)))
    assert shapes[0] == shapes[1]


def test_decisions_are_listed_numbered_and_short() -> None:
    notes = sorted((ROOT / "docs/decisions").glob("*.md"))
    listed = notes[0].read_text(encoding="utf-8")
    assert [note.name[:4] for note in notes] == [f"{number:04}" for number in range(1, len(notes) + 1)]
    for note in notes:
        text = note.read_text(encoding="utf-8")
        assert note == notes[0] or f"({note.name})" in listed
        assert len(text.splitlines()) <= 60
        assert text.startswith(f"# {note.name[:4]} ")
        for part in ("\nStatus: ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"):
            assert part in text, (note.name, part)
