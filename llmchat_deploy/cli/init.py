"""``init``: the files of a new environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.cli.session import Session
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_deploy.errors import Problem
    from llmchat_deploy.operations.init import Question

    Check = Callable[[dict[str, Secret]], tuple[Problem, ...]]

EXAMPLES = """
llmchat-deploy init --env production
llmchat-deploy init --env production --set SERVER_IP=192.168.1.100 --set LLM_MODEL=glm4_32B_chat
"""


def init(session: Session) -> int:
    """Make the files of an environment, with a fresh SECRET_KEY.

    Writes .env.NAME, and a profile where NAME has none. At a terminal it asks for your address and your model
    server; elsewhere it says what is left to fill in. What is there already is never overwritten. Without --env the
    name is production.
    """
    from llmchat_deploy.operations import init as operation
    from llmchat_deploy.operations.lost_secrets import refuse_lost_secrets
    from llmchat_deploy.output.init_view import show_init

    name, world = session.options.environment or "production", session.world
    sources = world.sources()
    refuse_lost_secrets(name, sources, world.host)
    answers = operation.answers_from_options(session.options.overrides)
    if session.interactive and not operation.wrong_answers(name, sources, answers):
        for question in operation.questions(name, sources):
            if question.variable not in answers:
                answers |= _ask(session, question, lambda answer: operation.wrong_answers(name, sources, answer))
    outcome = operation.init(
        name, sources=sources, folder=world.project_writer(), answers=answers, new_secret=world.new_secret
    )
    return session.finish(outcome, show_init)


def _ask(session: Session, question: Question, check: Check) -> dict[str, Secret]:
    """Return the answer, asked for until it is one; an empty one leaves the variable to be filled in."""
    text = f"{question.text}\n  {question.hint}\n> " if question.hint else f"{question.text}\n> "
    while True:
        given = Secret(session.world.ask(text, hidden=question.hidden).strip())
        if not given and not question.may_be_empty:
            return {}
        if question.hidden:
            session.screen.hide((given,))
        answer = {question.variable: given}
        problems = check(answer)
        if not problems:
            return answer
        session.screen.show_problems(problems)
