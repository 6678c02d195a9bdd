from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gluten.errors import StoreConfigError
from gluten.store.database_url import parse
from gluten.store.migrations import STEPS, Step, migrate, schema, sql
from gluten.store.models import TABLES
from gluten.store.session import Session
from gluten.store.store import Store
from tests.support.store_records import a_delta, a_run

NEWEST = STEPS[-1].version


def _add_a_column(database: Any) -> None:
    sql(database, "alter table gluten_run add column made_up integer not null default 7")


MADE_UP = Step(NEWEST + 1, _add_a_column)


@pytest.fixture
def database(url: str) -> Iterator[Any]:
    """A connected, empty database."""
    made: Any = parse(url).database
    made.connect()
    yield made
    made.close()


def _columns(database: Any) -> dict[str, set[tuple[str, bool]]]:
    names = [table._meta.table_name for table in TABLES]
    return {name: {(c.name, c.primary_key) for c in database.get_columns(name)} for name in names}


def test_versions_rise_by_one_from_one() -> None:
    assert [step.version for step in STEPS] == list(range(1, NEWEST + 1))


def test_the_last_step_leaves_the_tables_that_the_models_describe(database: Any) -> None:
    migrate(database, "here")
    wanted = {}
    table: Any
    for table in TABLES:
        keys = {field.column_name for field in table._meta.get_primary_keys()}
        fields = {field.column_name for field in table._meta.sorted_fields}
        wanted[table._meta.table_name] = {(name, name in keys) for name in fields}
    assert _columns(database) == wanted


@pytest.mark.parametrize("earlier", range(NEWEST))
def test_every_earlier_schema_is_brought_to_the_newest(database: Any, earlier: int) -> None:
    migrate(database, "here", STEPS[:earlier] or STEPS)
    migrate(database, "here")
    assert schema(database) == NEWEST


def test_an_empty_database_has_schema_0_and_a_step_is_done_once(database: Any) -> None:
    done: list[int] = []

    def first(on: Any) -> None:
        STEPS[0].apply(on)
        done.append(1)

    assert schema(database) == 0
    for _ in range(3):
        migrate(database, "here", [Step(1, first)])
    assert (schema(database), done) == (1, [1])


def test_a_step_keeps_what_was_there(url: str) -> None:
    store = Store.open(url)
    kept = store.create_run(a_run(plan=[{"name": "one"}]))
    store.save_deltas([a_delta(kept.id, 1)])
    store.close()
    session = Session(parse(url))
    session.open([*STEPS, MADE_UP])
    store = Store(session)
    assert store.run("last") == kept
    assert len(list(store.deltas(kept.id))) == 1
    store.close()


def test_a_database_of_a_newer_program_is_refused_in_one_line(url: str) -> None:
    session = Session(parse(url))
    session.open([*STEPS, MADE_UP])
    session.close()
    with pytest.raises(StoreConfigError, match=f"its schema is {NEWEST + 1}, this program knows up to") as caught:
        Store.open(url)
    assert "\n" not in str(caught.value)


def test_a_step_that_fails_leaves_no_trace(database: Any) -> None:
    def fails(on: Any) -> None:
        _add_a_column(on)
        sql(on, "select nonsense")

    migrate(database, "here")
    before = _columns(database)
    with pytest.raises(Exception, match="nonsense"):
        migrate(database, "here", [*STEPS, Step(NEWEST + 1, fails)])
    assert (schema(database), _columns(database)) == (NEWEST, before)


_STOPS_WITHIN = """
import sys
from gluten.store.database_url import parse
from gluten.store.migrations import STEPS, Step, migrate, sql

def apply(database):
    STEPS[0].apply(database) if {version} == 1 else sql(database, "drop table gluten_delta")
    print("within", flush=True)
    sys.stdin.read()

database = parse(sys.argv[1]).database
database.connect()
migrate(database, "here", [*STEPS[:{version} - 1], Step({version}, apply)])
"""


@pytest.mark.parametrize("version", [1, NEWEST + 1])
def test_a_kill_within_a_migration_leaves_a_database_that_opens(url: str, version: int) -> None:
    if version > 1:
        Store.open(url).close()
    code = _STOPS_WITHIN.format(version=version)
    child = subprocess.Popen(
        [sys.executable, "-c", code, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"within\n"
    child.kill()
    child.wait()
    store = Store.open(url)
    assert list(store.deltas(store.create_run(a_run()).id)) == []
    store.close()


def test_two_programs_may_open_an_empty_database_at_once(url: str) -> None:
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(Store.open(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for store in opened:
        store.close()
