from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from backend_process import PACKAGE_ROOT
from llmchat_backend.auth import sessions
from llmchat_backend.chat import answer_store, history
from llmchat_backend.db import migrate, revision, sqlite
from llmchat_backend.db.models import Base
from llmchat_backend.db.search import FULL_TEXT
from llmchat_backend.search import index
from llmchat_backend.usage import statements
from sqlalchemy import Executable, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable


def test_the_revisions_the_service_knows_are_alembic_s() -> None:
    scripts = ScriptDirectory.from_config(migrate.alembic_config())
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(revision.REVISIONS)


def of_the_models(name: str | None) -> bool:
    """Tell what every database has from SQLite's virtual table with its own, and from the list of offline revisions."""
    return not (name or "").startswith((FULL_TEXT, revision.OFFLINE_TABLE.name))


def test_the_migrated_schema_is_the_models_schema(tmp_path: Path) -> None:
    engine = sqlite.create_engine(tmp_path / "db", pool_size=1)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": lambda name, *_: of_the_models(name)})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_migration_cut_in_the_middle_has_not_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sqlite.create_engine(tmp_path / "db", pool_size=1)

    class CutError(Exception):
        pass

    def cut(*_arguments: object) -> None:
        raise CutError

    monkeypatch.setattr("alembic.ddl.impl.DefaultImpl.create_index", cut)  # some tables are made by then
    with pytest.raises(CutError):
        migrate.upgrade(engine)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_offline_revisions_are_among_the_revisions() -> None:
    assert set(revision.OFFLINE) <= set(revision.REVISIONS)


def test_an_offline_revision_is_written_down_with_what_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sqlite.create_engine(tmp_path / "db", pool_size=1)
    monkeypatch.setattr(revision, "OFFLINE", {revision.HEAD: 5})
    migrate.upgrade(engine)
    migrate.upgrade(engine)  # again: it is written down already
    with Session(engine) as session:
        assert revision.read_offline(session) == {revision.HEAD}
        assert revision.read_state(session) is revision.SchemaState.CURRENT
    engine.dispose()


def test_the_tables_are_sql_that_postgresql_takes() -> None:
    for table in Base.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))


@pytest.mark.parametrize(
    ("module", "locks"),
    [(statements, "users"), (answer_store, "conversations"), (history, ""), (index, ""), (sessions, "")],
)
def test_statements_made_once_are_sql_that_postgresql_takes_with_what_they_check_locked(
    module: ModuleType, locks: str
) -> None:
    made = [each for name, each in vars(module).items() if name.isupper() and isinstance(each, Executable)]
    compiled = [str(statement.compile(dialect=postgresql.dialect())) for statement in made]
    assert compiled
    locking = [text for text in compiled if text.endswith("FOR UPDATE")]
    assert [f"FROM {locks}" in " ".join(text.split()) for text in locking] == ([True] if locks else [])


def test_the_database_is_in_wal_mode_with_foreign_keys(tmp_path: Path) -> None:
    engine = sqlite.create_engine(tmp_path / "db", pool_size=1)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    assert tuple(map(int, version.split("."))) >= sqlite.MIN_VERSION
    engine.dispose()


@pytest.mark.slow
def test_the_schema_of_the_interface_can_be_exported_without_settings() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "llmchat_backend.openapi"],
        cwd=PACKAGE_ROOT,
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert b'"/api/conversations/{conversation_id}/messages"' in ended.stdout
