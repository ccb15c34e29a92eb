"""Start an environment: generate its secrets, write down the answers, never touch what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from llmchat_deploy.config import env_text, new_files
from llmchat_deploy.config.load import load_environment
from llmchat_deploy.config.near import nearest
from llmchat_deploy.config.overlay import Overlay
from llmchat_deploy.config.rules.common import GAPS
from llmchat_deploy.config.schema import dotted, parse_dotted
from llmchat_deploy.config.sources import Sources, SourceText, is_environment_name
from llmchat_deploy.config.variables import LLM_API_KEY, SECRET_KEY, SECRET_KEY_PREVIOUS, VARIABLES, variable_of
from llmchat_deploy.errors import ConfigError, InvalidConfig, Problem, RefusedError
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

QUESTIONS = {
    "SERVER_IP": "IP address or host name of this server, as users type it",
    "LLM_API_URL": "Chat-completions URL of the model server",
    "LLM_MODEL": "Name of the model, as its server knows it",
    LLM_API_KEY: "API key of the model server (empty if it needs none)",
}


class ProjectWriter(Protocol):
    """What init may write."""

    def write_env_file(self, environment: str, text: Secret) -> None:
        """Replace ``.env.ENVIRONMENT``: in one piece, readable by its owner only."""

    def write_profile(self, environment: str, text: str) -> None:
        """Write ``environments/ENVIRONMENT.toml``."""

    def replace_text(self, path: str, text: str) -> None:
        """Replace a file of the project folder in one piece; its owner and mode stay."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only a person can know; ``hidden`` answers aren't shown while they are typed."""

    variable: str
    text: str
    hint: str
    hidden: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class InitData:
    """What was written and what comes next; ``generated`` names secrets, ``missing`` what still has to be filled in."""

    environment: str
    files: tuple[str, ...]
    generated: tuple[str, ...]
    missing: tuple[str, ...]
    next_steps: tuple[str, ...]


def questions(name: str, sources: Sources) -> tuple[Question, ...]:
    """Return what an environment lacks and only a person can answer, in the guide's order."""
    after = _with_new_profile(name, sources)
    lacking = {problem.key: problem for problem in _problems(name, after) if problem.message in GAPS}
    return tuple(
        Question(
            variable,
            text,
            lacking[variable].hint,
            hidden=variable == LLM_API_KEY,
            may_be_empty=variable == LLM_API_KEY,
        )
        for variable, text in QUESTIONS.items()
        if variable in lacking
    )


def wrong_answers(name: str, sources: Sources, answers: Mapping[str, Secret]) -> tuple[Problem, ...]:
    """Return what is wrong with some answers, each by itself; a gap that they leave is not."""
    after = _with_new_profile(name, sources)
    text = _env_text(after.env_file(name), name, answers)
    problems = _problems(name, after.with_env_file(text))
    wrong = (problem for problem in problems if problem.key in answers and problem.message not in GAPS)
    return tuple(_without_line(problem, name) for problem in wrong)


def answers_from_options(options: tuple[str, ...]) -> dict[str, Secret]:
    """Return ``--set`` options as an env file's variables; keys may be dotted (``server.address``) or variables.

    Raises InvalidConfig for a key that no variable sets.
    """
    answers: dict[str, Secret] = {}
    problems: list[Problem] = []
    for option in options:
        key, _, text = option.partition("=")
        variable = key if key in VARIABLES else variable_of(parse_dotted(key))
        if variable in {SECRET_KEY, SECRET_KEY_PREVIOUS} or variable.startswith(LLM_API_KEY):
            hint = "Other users of this machine see options. Answer the question, or write it into the env file."
            problems.append(Problem("--set", key, "is a secret and doesn't belong here", hint))
        elif not variable:
            near = nearest(key, (*VARIABLES, *(dotted(path) for path in VARIABLES.values())))
            hint = (
                f"Did you mean '{near}'?" if near else "init sets what an env file holds; the rest is in the profile."
            )
            problems.append(Problem("--set", key, "can't be set here", hint))
        else:
            answers[variable] = Secret(text)
    if problems:
        raise InvalidConfig(tuple(problems))
    return answers


def init(
    name: str,
    *,
    sources: Sources,
    folder: ProjectWriter,
    answers: Mapping[str, Secret],
    new_secret: Callable[[], Secret],
) -> Outcome[InitData]:
    """Write ``.env.NAME`` with a generated SECRET_KEY and the answers, and a profile where ``name`` is a new one.

    Raises RefusedError where an answer would replace a value that is there, InvalidConfig where an answer is wrong;
    then nothing is written. What nobody answered stays missing and is named in the result.
    """
    after = _with_new_profile(name, sources)
    present = _present(after.env_file(name), name)
    _refuse_overwriting(name, present, answers)
    added = {variable: value for variable, value in answers.items() if variable not in present}
    generated = () if present.get(SECRET_KEY) else (SECRET_KEY,)
    added |= {variable: new_secret() for variable in generated}
    text = _env_text(after.env_file(name), name, added)
    problems = _problems(name, after.with_env_file(text))
    if wrong := tuple(problem for problem in problems if problem.key in answers):
        raise InvalidConfig(
            tuple(_without_line(problem, name) if problem.key in added else problem for problem in wrong),
            environment=name,
        )
    files: list[str] = []
    if after.new_profile:
        folder.write_profile(name, after.new_profile)
        files.append(f"environments/{name}.toml")
    if added:
        folder.write_env_file(name, text)
        files.append(f".env.{name}")
    missing = tuple(problem.key for problem in problems if problem.message in GAPS)
    data = InitData(name, tuple(files), generated, missing, _next_steps(name, problems))
    return Outcome("init", data)


def _with_new_profile(name: str, sources: Sources) -> Overlay:
    if not is_environment_name(name):
        hint = "Use small letters, digits and '-', start with a letter, at most 31 characters; 'base' is taken."
        raise ConfigError(f"'{name}' is no name for an environment.", hint=hint)
    if sources.profile(name):
        return Overlay(name, sources)
    return Overlay(name, sources, new_files.profile(name, sources))


def _problems(name: str, sources: Sources) -> tuple[Problem, ...]:
    try:
        load_environment(name, sources, new_secret=lambda: Secret("unused" * 8))
    except InvalidConfig as error:
        return error.problems
    return ()


def _without_line(problem: Problem, name: str) -> Problem:
    """Return what is wrong with an answer: it was meant for the env file, but stands on no line of it."""
    return replace(problem, source=f".env.{name}")


def _present(source: SourceText | None, name: str) -> dict[str, str]:
    if source is None:
        return {}
    if source.unreadable:
        raise RefusedError(f"{source.path} can't be read: {source.unreadable}.", hint=f"Mend .env.{name} first.")
    parsed = env_text.parse(source.text)
    if parsed.bad_lines:
        line = parsed.bad_lines[0].line
        hint = f"Mend it first; llmchat-deploy config validate --env {name} shows every problem."
        raise RefusedError(f"{source.path}:{line} can't be read as NAME=value.", hint=hint)
    # An empty value is a choice for LLM_API_KEY ("needs none") and a gap for everything else.
    return {each.name: each.value for each in parsed.variables if each.value or each.name == LLM_API_KEY}


def _refuse_overwriting(name: str, present: Mapping[str, str], answers: Mapping[str, Secret]) -> None:
    taken = [
        variable for variable, answer in answers.items() if present.get(variable, answer.reveal()) != answer.reveal()
    ]
    if taken:
        verb = "is" if len(taken) == 1 else "are"
        message = f"{', '.join(taken)} {verb} set in .env.{name} already, to something else."
        raise RefusedError(message, hint=f"init never overwrites; edit .env.{name} yourself.")


def _env_text(source: SourceText | None, name: str, added: Mapping[str, Secret]) -> Secret:
    text = source.text if source else new_files.env_file(name, tuple(added))
    return Secret(env_text.with_variables(text, {variable: value.reveal() for variable, value in added.items()}))


def _next_steps(name: str, problems: tuple[Problem, ...]) -> tuple[str, ...]:
    up = f"llmchat-deploy up --env {name}"
    if not problems:
        return (up,)
    gaps = tuple(f"{problem.key} {problem.message} ({problem.source}). {problem.hint}" for problem in problems)
    return (*gaps, f"llmchat-deploy config validate --env {name}", up)
