"""Templates and image inputs from folders: a project's own copy wins, and only what is built from counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from llmchat_deploy.errors import RenderError
from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.render.release import Revision
from tests.unit.world import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("service/edge/Dockerfile", "service/edge/files/a", "service/base/apt-install", "templates/a.j2"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_a_project_s_own_copy_wins(project):
    templates = ProjectTemplates(project, ROOT)

    assert templates.text("a.j2") == "templates/a.j2"
    assert templates.text("haproxy.cfg.j2") == (ROOT / "templates/haproxy.cfg.j2").read_text()
    assert templates.context == str(project / "service")


def test_what_is_missing_everywhere_is_named(project):
    with pytest.raises(RenderError, match=r"templates/none\.j2 is missing"):
        ProjectTemplates(project).text("none.j2")


def test_a_service_without_sources_is_named(project):
    with pytest.raises(RenderError, match=r"service/backend is missing: the image of backend is built from it"):
        ProjectTemplates(project).inputs("backend")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "service/edge/Dockerfile").write_text("other"),
        lambda root: (root / "service/edge/files/b").write_text(""),
        lambda root: (root / "service/base/apt-install").write_text("other"),
        lambda root: (root / "service/edge/files/a").rename(root / "service/edge/files/c"),
        lambda root: (root / "service/edge/files/a").unlink(),
        lambda root: (root / "service/edge/Dockerfile").chmod(0o755),
    ],
    ids=["content", "new file", "shared step", "name", "gone", "executable"],
)
def test_whatever_an_image_is_built_from_changes_its_digest(project, change):
    templates = ProjectTemplates(project)
    before = templates.inputs("edge")
    change(project)

    assert templates.inputs("edge") != before


def test_the_backends_image_is_built_from_the_jobs_on_backups_too(project):
    for folder in ("backend", "archive"):
        (project / "service" / folder).mkdir()
        (project / "service" / folder / "a").write_text("a")
    templates = ProjectTemplates(project)
    before = templates.inputs("backend"), templates.inputs("edge")
    (project / "service/archive/a").write_text("other")

    assert templates.inputs("backend") != before[0]
    assert templates.inputs("edge") == before[1]


@pytest.mark.parametrize("name", ["node_modules/x/y", "tests/test_a.py", "__pycache__/a", "a.tsbuildinfo", ".cache/x"])
def test_what_no_image_is_built_from_changes_nothing(project, name):
    templates = ProjectTemplates(project)
    before = templates.inputs("edge")
    path = project / "service/edge" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")

    assert templates.inputs("edge") == before


def test_the_time_of_a_checkout_changes_nothing(project, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(project / "service", copy / "service")

    assert ProjectTemplates(copy).inputs("edge") == ProjectTemplates(project).inputs("edge")


def test_the_backend_s_own_lists_say_which_revisions_it_knows_and_which_are_offline(tmp_path):
    folder = tmp_path / "service/backend/llmchat_backend/db"
    folder.mkdir(parents=True)
    templates = ProjectTemplates(tmp_path)

    assert templates.revisions() == ()
    listed = 'REVISIONS = (\n    "0001",\n    "0002",\n)  # oldest first\nHEAD = REVISIONS[-1]\n'
    (folder / "revision.py").write_text(listed)
    assert templates.revisions() == (Revision("0001"), Revision("0002"))
    for offline in ('OFFLINE: dict[str, int] = {"0002": 90}', 'OFFLINE = {\n    "0002": 90,  # rewrites every row\n}'):
        (folder / "revision.py").write_text(f"{listed}{offline}\n")
        assert templates.revisions() == (Revision("0001"), Revision("0002", offline=90))
    (folder / "revision.py").write_text("REVISIONS = read()\n")
    assert templates.revisions() == ()


def test_the_shipped_backend_says_its_schema():
    versions = (ROOT / "service/backend/llmchat_backend/db/migrations/versions").glob("[0-9]*.py")

    assert ProjectTemplates(ROOT).revisions()[-1].name == max(path.name for path in versions).partition("_")[0]
