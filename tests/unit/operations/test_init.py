from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from llmchat_deploy.config.env_text import parse
from llmchat_deploy.errors import ConfigError, ExitCode, InvalidConfig, RefusedError
from llmchat_deploy.operations.init import InitData, answers_from_options, init, questions
from llmchat_deploy.secret import Secret
from tests.unit.config.project import ENV_FILE, GENERATED, OWN_KEY, FakeProject, load, problems

ANSWERS = {
    "SERVER_IP": "192.168.1.100",
    "LLM_API_URL": "http://127.0.0.1:11553/v1/chat/completions",
    "LLM_MODEL": "glm4 'it'",
    "LLM_API_KEY": "a$b#c\\",
}


@dataclass
class Folder:
    """A project folder that notes what is written into it."""

    project: FakeProject = field(default_factory=FakeProject)
    written: list[str] = field(default_factory=list)

    def write_env_file(self, environment: str, text: Secret) -> None:
        self.project = self.project.with_env(environment, text.reveal())
        self.written.append(f".env.{environment}")

    def write_profile(self, environment: str, text: str) -> None:
        self.project = replace(self.project, toml={**self.project.toml, environment: text})
        self.written.append(f"environments/{environment}.toml")

    def init(self, name: str = "production", answers: dict[str, str] | None = None) -> InitData:
        secrets = {variable: Secret(value) for variable, value in (answers or {}).items()}
        return init(name, sources=self.project, folder=self, answers=secrets, new_secret=lambda: Secret(GENERATED)).data

    def values(self, name: str = "production") -> dict[str, str]:
        return {variable.name: variable.value for variable in parse(self.project.env[name]).variables}


def test_answers_and_a_generated_secret_make_a_valid_environment() -> None:
    folder = Folder()
    data = folder.init(answers=ANSWERS)
    assert folder.values() == {**ANSWERS, "SECRET_KEY": GENERATED}
    assert problems(folder.project) == ()
    assert data == InitData(
        "production", (".env.production",), ("SECRET_KEY",), (), ("llmchat-deploy up --env production",)
    )


def test_the_questions_are_what_is_missing_and_only_a_person_knows() -> None:
    asked = questions("production", FakeProject())
    assert [question.variable for question in asked] == ["SERVER_IP", "LLM_API_URL", "LLM_MODEL", "LLM_API_KEY"]
    assert [question.variable for question in asked if question.hidden] == ["LLM_API_KEY"]
    present = FakeProject(env={"production": "SERVER_IP=10.0.0.1\nLLM_MODEL=\nLLM_API_KEY=\n"})
    assert [question.variable for question in questions("production", present)] == ["LLM_API_URL", "LLM_MODEL"]
    assert questions("development", FakeProject()) == ()


def test_without_answers_it_says_what_is_left_to_fill_in() -> None:
    folder = Folder()
    data = folder.init()
    assert folder.values() == {"SECRET_KEY": GENERATED}
    assert "# SERVER_IP=\n" in folder.project.env["production"]
    assert data.missing == ("SERVER_IP", "LLM_API_URL", "LLM_MODEL", "LLM_API_KEY")
    assert len(data.next_steps) == 6
    assert data.next_steps[-1] == "llmchat-deploy up --env production"


def test_what_is_there_stays_and_only_the_missing_is_added() -> None:
    text = ENV_FILE.replace(f"SECRET_KEY={OWN_KEY}", "SECRET_KEY=   # to be filled in")
    folder = Folder(FakeProject(env={"production": text}))
    data = folder.init()
    assert data.generated == ("SECRET_KEY",)
    assert folder.project.env["production"] == ENV_FILE.replace(OWN_KEY, GENERATED)
    folder.written.clear()
    assert folder.init().files == ()
    assert folder.written == []


def test_nothing_is_overwritten() -> None:
    folder = Folder(FakeProject(env={"production": ENV_FILE}))
    with pytest.raises(RefusedError) as caught:
        folder.init(answers={"SERVER_IP": "10.0.0.9", "LLM_API_KEY": "hunter2"})
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "SERVER_IP, LLM_API_KEY are set in .env.production already" in caught.value.message
    assert "hunter2" not in repr((caught.value.message, caught.value.hint))
    assert folder.written == []
    assert folder.init(answers={"SERVER_IP": "111.19.168.151"}).files == ()


def test_a_wrong_answer_is_refused_before_anything_is_written() -> None:
    folder = Folder()
    with pytest.raises(InvalidConfig) as caught:
        folder.init(answers={"SERVER_IP": "http://10.0.0.1", "LLM_API_URL": "http://x/v1"})
    assert [problem.key for problem in caught.value.problems] == ["SERVER_IP", "LLM_API_URL"]
    assert folder.written == []


def test_a_new_name_gets_a_profile_with_ports_of_its_own() -> None:
    folder = Folder()
    data = folder.init("team-b", ANSWERS)
    assert data.files == ("environments/team-b.toml", ".env.team-b")
    server = load(folder.project, "team-b").environment.server
    assert (server.web_port, server.api_port) == (3300, 8300)
    folder.init("team-c", ANSWERS)
    assert load(folder.project, "team-c").environment.server.web_port == 3400


@pytest.mark.parametrize("name", ["base", "Team", "1x", "", "../x", "a" * 32])
def test_a_name_that_files_and_networks_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        Folder().init(name)
    with pytest.raises(ConfigError):
        questions(name, FakeProject())


def test_a_file_that_cannot_be_read_is_left_alone() -> None:
    for project in (
        FakeProject(env={"production": "A=1\nSECRET_KEY='open\n"}),
        FakeProject(unreadable={"production": "line 3 is not UTF-8 text"}),
    ):
        folder = Folder(project)
        with pytest.raises(RefusedError):
            folder.init(answers=ANSWERS)
        assert folder.written == []


def test_options_answer_by_variable_or_by_key() -> None:
    answers = answers_from_options(("server.address=10.0.0.1", "LLM_MODEL=a=b", "PORT=8001"))
    assert {name: value.reveal() for name, value in answers.items()} == {
        "SERVER_IP": "10.0.0.1",
        "LLM_MODEL": "a=b",
        "PORT": "8001",
    }


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("SERVER_PI=1", "can't be set here"),
        ("resources.edge_memory=1g", "can't be set here"),
        ("SECRET_KEY=hunter2", "is a secret"),
        ("SECRET_KEY_PREVIOUS=hunter2", "is a secret"),
        ("models.default.key=hunter2", "is a secret"),
        ("models.presets.a.key=hunter2", "is a secret"),
    ],
)
def test_options_that_answer_nothing_are_refused(option: str, says: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        answers_from_options((option,))
    assert says in caught.value.problems[0].message
    assert "hunter2" not in repr(caught.value.problems)


def test_a_further_answer_finds_its_place_in_a_new_file() -> None:
    folder = Folder()
    folder.init(answers={**ANSWERS, "PORT": "8005"})
    assert folder.values()["PORT"] == "8005"
    assert load(folder.project).environment.server.api_port == 8005
