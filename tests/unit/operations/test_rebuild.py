"""Settings that travel in a backup: brought where none are, never over what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.config.files import ProjectFiles
from llmchat_deploy.config.load import load_environment
from llmchat_deploy.errors import ArchiveFailed, ConfigError
from llmchat_deploy.host.env_file import ProjectFolder
from llmchat_deploy.operations import rebuild
from llmchat_deploy.secret import Secret
from tests.fake_archives import FakeArchives, a_header
from tests.unit.world import ROOT, SECRET_KEY

FILE = "/mnt/usb/b.tar.zst.age"
PROFILE = '[server]\naddress = "10.1.2.3"\n[models]\nbundled = true\n'
ARCHIVES = FakeArchives(
    {FILE: a_header(project="llmchat-test")}, carried={FILE: (PROFILE, f"SECRET_KEY={SECRET_KEY}\n")}
)


def bring(folder: Path, name: str = "test", archives: FakeArchives = ARCHIVES):
    return rebuild.settings_from(name, FILE, ProjectFiles(folder, ROOT), archives, ())


def test_an_empty_folder_gets_profile_and_env_file(tmp_path):
    settings = bring(tmp_path)
    assert settings
    assert list(tmp_path.iterdir()) == []  # nothing is written before a person agreed

    environment = load_environment("test", settings.sources, new_secret=lambda: Secret("x" * 64)).environment
    assert (environment.server.address, environment.secret_key) == ("10.1.2.3", Secret(SECRET_KEY))

    rebuild.write("test", settings, ProjectFolder(tmp_path))
    assert (tmp_path / ".env.test").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "environments/test.toml").read_text() == PROFILE
    assert settings.files == ("environments/test.toml", ".env.test")
    assert bring(tmp_path) is None


def test_a_profile_of_ones_own_stays(tmp_path):
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/test.toml").write_text("[server]\nweb_port = 4000\n")

    settings = bring(tmp_path)

    assert settings
    assert settings.files == (".env.test",)


@pytest.mark.parametrize(
    "archives", [FakeArchives({FILE: a_header()}), FakeArchives({FILE: None})], ids=["unencrypted", "the guide's"]
)
def test_a_backup_without_settings_says_how_to_go_on(tmp_path, archives):
    with pytest.raises(ArchiveFailed) as failure:
        bring(tmp_path, archives=archives)

    assert failure.value.code == "no_settings"
    assert "init --env test" in failure.value.hint


def test_a_bad_name_is_no_environment(tmp_path):
    with pytest.raises(ConfigError):
        bring(tmp_path, "../x")
