"""The JSON document that ``--json`` prints: the same keys for success and failure, no secret in any value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from llmchat_deploy.errors import DeployError, ExitCode, InvalidConfig
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.output.masking import masked
from llmchat_deploy.secret import MASK, Secret

VERSION = 1
"""Changes when a key is removed or changes its meaning; new keys may come at any time."""


def success(outcome: Outcome[Any], warnings: tuple[str, ...]) -> dict[str, Any]:
    """Return the document for a command that gave a result, which may be a bad one (``health``)."""
    return _document(outcome.command, outcome.exit_code, outcome.data, (*warnings, *outcome.warnings), ())


def failure(command: str, error: DeployError, warnings: tuple[str, ...]) -> dict[str, Any]:
    """Return the document for a command that failed."""
    return _document(command, error.exit_code, None, warnings, (error,))


def dumps(document: Mapping[str, Any], secrets: tuple[Secret, ...]) -> str:
    """Return the document as text, every secret value in it masked before it is escaped."""
    return json.dumps(_masked(document, secrets), ensure_ascii=False, indent=2)


def jsonable(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """Return ``value`` as JSON has it; a Secret is ``***``."""
    if isinstance(value, Secret):
        return MASK
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def _document(
    command: str, exit_code: ExitCode, data: Any, warnings: tuple[str, ...], errors: tuple[DeployError, ...]
) -> dict[str, Any]:
    return {
        "version": VERSION,
        "command": command,
        "status": {ExitCode.OK: "success", ExitCode.CHANGES_FOUND: "changes"}.get(exit_code, "error"),
        "exit_code": int(exit_code),
        "data": jsonable(data),
        "warnings": list(dict.fromkeys(warnings)),
        "errors": [_error(error) for error in errors],
    }


def _error(error: DeployError) -> dict[str, Any]:
    told = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": list(error.details),
    }
    if isinstance(error, InvalidConfig):
        told["problems"] = jsonable(error.problems)
    return told


def _masked(value: Any, secrets: tuple[Secret, ...]) -> Any:
    if isinstance(value, str):
        return masked(value, secrets)
    if isinstance(value, dict):
        return {key: _masked(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, secrets) for item in value]
    return value
