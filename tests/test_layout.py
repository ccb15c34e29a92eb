"""The tree keeps its shape: small files, a test beside each module, nothing that points elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "llmchat_deploy"
LONGEST = 300
LONGEST_COMMAND = 80
COMMANDS = (
    "admin",
    "backup",
    "backup_key",
    "backup_schedule",
    "backups",
    "cert",
    "config",
    "down",
    "health",
    "init",
    "lock",
    "logs",
    "migrate_ip",
    "plan",
    "proxy",
    "releases",
    "prune",
    "restart",
    "rollback",
    "status",
    "up",
    "update",
)
MIRRORED = ("render", "plan", "apply", "host", "engine", "operations", "config")

TESTED_BY = {
    "render/backend": "render/test_render",
    "render/jinja": "render/test_render",
    "render/loaded": "apply/test_edge",
    "render/acme": "plan/test_acme",
    "render/edge": "render/test_render",
    "render/names": "render/test_render",
    "render/places": "render/test_render",
    "render/release": "render/test_filters",
    "render/stamped": "apply/test_base_age",
    "render/slots": "render/test_filters",
    "render/stored": "operations/test_rollback",
    "plan/certificate": "apply/test_certificate",
    "plan/plan": "plan/test_properties",
    "plan/steps/base": "plan/test_plan_text",
    "plan/steps/release": "plan/test_plan_text",
    "plan/steps/images": "plan/test_plan_text",
    "plan/steps/places": "plan/test_plan_text",
    "plan/steps/services": "plan/test_plan_text",
    "plan/steps/edge": "plan/test_plan_text",
    "plan/steps/backups": "plan/test_plan_text",
    "plan/steps/generations": "plan/test_plan_text",
    "plan/up": "plan/test_plan_text",
    "plan/down": "plan/test_plan_text",
    "plan/edge": "plan/test_plan_text",
    "plan/foundation": "plan/test_plan_text",
    "plan/leftovers": "plan/test_plan_text",
    "plan/observed": "engine/test_translate",
    "plan/prune": "operations/test_backup_prune",
    "plan/old_images": "apply/test_old_images",
    "plan/services": "plan/test_plan_text",
    "apply/authority": "apply/test_certificate",
    "apply/events": "apply/test_steps",
    "apply/execute": "apply/test_steps",
    "apply/images": "apply/test_steps",
    "apply/run": "apply/test_steps",
    "apply/services": "apply/test_wait_healthy",
    "apply/updates": "../cli/test_update",
    "engine/client": "engine/test_sdk",
    "engine/put": "apply/test_edge_with_docker",
    "engine/own_images": "engine/test_own_images_with_docker",
    "host/age_keys": "operations/test_backup_key",
    "host/git": "host/test_git_clone",
    "host/write": "host/test_local",
    "operations/check": "operations/test_health",
    "operations/compose_check": "operations/test_up",
    "operations/proxy": "../cli/test_proxy",
    "operations/address_change": "../cli/test_migrate_ip",
    "operations/address_files": "../cli/test_migrate_ip",
    "operations/address_journal": "../cli/test_migrate_ip",
    "operations/address_probe": "../cli/test_migrate_ip",
    "operations/migrate_ip": "../cli/test_migrate_ip",
    "operations/prune": "../cli/test_prune",
    "operations/update": "../cli/test_update",
    "operations/lost_secrets": "../cli/test_lost_secrets",
    "operations/outcome": "operations/test_status",
    "operations/config_validate": "operations/test_config_show",
}
"""Modules whose behaviour is tested through another one's; the rest has a test file of its own name."""

THROUGH_THE_DOOR = ("config/",)
"""Packages that are tested through their public functions; their modules may have test files, and need none."""

ONLY_TYPES = {"render/templates", "host/base", "host/clone", "engine/base", "operations/parts"}
"""Protocols and value types: mypy tests them."""


def modules(*folders: str) -> list[str]:
    return sorted(
        path.relative_to(PACKAGE).with_suffix("").as_posix()
        for folder in folders
        for path in (PACKAGE / folder).rglob("*.py")
        if path.name != "__init__.py"
    )


def sources() -> list[Path]:
    folders = (PACKAGE, ROOT / "tests", *(ROOT / "service" / name for name in ("archive", "backend", "model")))
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if not {".venv", "node_modules", "build"} & set(path.relative_to(ROOT).parts)
    )


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_one_concept(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= LONGEST, f"{lines} lines"


@pytest.mark.parametrize("module", modules(*MIRRORED))
def test_a_module_has_its_tests_where_they_are_looked_for(module: str) -> None:
    if module in ONLY_TYPES or module.startswith(THROUGH_THE_DOOR):
        return
    folder, _, name = module.rpartition("/")
    tests = TESTED_BY.get(module, f"{folder}/test_{name}")

    assert (ROOT / "tests" / "unit" / f"{tests}.py").is_file(), f"no tests/unit/{tests}.py"


def test_the_list_of_exceptions_holds_nothing_that_is_gone_or_needless() -> None:
    there = set(modules(*MIRRORED))

    assert set(TESTED_BY) | ONLY_TYPES <= there
    own = {name for name in there if (ROOT / "tests/unit" / name).with_name(f"test_{Path(name).name}.py").is_file()}
    assert set(TESTED_BY) & own == set()


@pytest.mark.parametrize("module", modules("."))
def test_a_module_says_what_it_is_for(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))

    assert ast.get_docstring(tree), "no docstring"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_small_file(command: str) -> None:
    lines = (PACKAGE / "cli" / f"{command}.py").read_text(encoding="utf-8").count("\n")

    assert lines <= LONGEST_COMMAND
