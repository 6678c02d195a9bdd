"""The databases' own JSON functions read every run, whatever bytes a task had."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from gluten.store.codec import storable, to_json
from gluten.store.database_url import parse
from gluten.store.migrations import STEPS, migrate, sql
from gluten.store.store import Store
from gluten.task.task import Task
from tests.support.store_records import a_run

BODY = Task("http://h/", body=b"a\x00b").redacted()["body"]
STRANGE: dict[str, Any] = {
    "task": {"body": "a\x00b \ud83d \udc00", "\x00": ["\x00", {"deep": "\U0001f600 \\u0000"}]},
    "rate": float("nan"),
    "most": float("inf"),
    "name": "\u20ac",
}


def ask(url: str, postgres: str, sqlite: str) -> list[Any]:
    """The first column of the rows of a query, past our own code."""
    database: Any = parse(url).database
    database.connect()
    with contextlib.closing(database):
        return [row[0] for row in sql(database, sqlite if url.startswith("sqlite") else postgres).fetchall()]


def bodies(url: str, column: str) -> list[Any]:
    return ask(
        url,
        f"select {column}::jsonb -> 'task' ->> 'body' from gluten_run order by number",
        f"select json_extract({column}, '$.task.body') from gluten_run order by number",
    )


def test_a_body_with_a_nul_is_shown_without_it() -> None:
    assert BODY == "a\ufffdb"


@pytest.mark.parametrize("column", ["summary", "report"])
def test_json_functions_work_over_all_runs(store: Store, url: str, column: str) -> None:
    for document in (STRANGE, {"task": {"body": "plain"}}, {"task": {"body": BODY}}):
        store.save_run(store.create_run(a_run()).id, **{column: document})
    assert bodies(url, column) == ["a\ufffdb ? ?", "plain", BODY]
    elements = (
        "select adjustments::jsonb ->> 0 from gluten_run",
        "select json_extract(adjustments, '$[0]') from gluten_run",
    )
    assert ask(url, *elements) == 3 * [None]


def test_what_comes_back_is_what_both_databases_can_keep(store: Store) -> None:
    run = store.create_run(a_run())
    store.save_run(run.id, report=STRANGE)
    assert store.run(run.id).report == {
        "task": {"body": "a\ufffdb ? ?", "\ufffd": ["\ufffd", {"deep": "\U0001f600 \\u0000"}]},
        "rate": None,
        "most": None,
        "name": "\u20ac",
    }


def test_runs_of_an_older_version_are_mended(url: str) -> None:
    database: Any = parse(url).database
    database.connect()
    migrate(database, "here", STEPS[:4])
    columns = "number, id, name, state, reason, who, words, epoch, created_at, task, adjustments, summary, report"
    blob = "'\\x80'::bytea" if not url.startswith("sqlite") else "x'80'"
    for number, text in ((1, r'{"task":{"body":"a\u0000b"}}'), (2, '{"task":{"body":"as it was"}}')):
        values = f"{number}, '{number}', '', 'finished', '', '', '', 1, 0, {blob}, '[]', null, '{text}'"
        sql(database, f"insert into gluten_run ({columns}) values ({values})")
    database.close()
    with contextlib.closing(Store.open(url)) as store:
        assert store.run("1").report == {"task": {"body": "a\ufffdb"}}
    assert bodies(url, "report") == ["a\ufffdb", "as it was"]


@pytest.mark.parametrize(
    "value",
    [None, [[1.0, 2]], {}, {"seconds": []}, {"seconds": [{"a": 1, "b": "é"}] * 3, "n": None}, {"t": (1, 2)}, STRANGE],
    ids=["nothing", "a list", "empty", "no seconds", "seconds", "a tuple", "what databases cannot read"],
)
def test_a_report_that_is_written_item_by_item_is_the_same_json(value: Any) -> None:
    text = to_json(value)
    assert (None if text is None else json.loads(text)) == json.loads(json.dumps(storable(value)))


@pytest.mark.parametrize(
    "value",
    [
        {"texts": {"a": "x" * 100 + "NaN,NaN", "b": "\x00", "c\ud800": "d"}, "rows": [{"at": float("nan")}, "\ud800"]},
        {"deep": {"deeper": {"deepest": [float("inf"), {"\x00": "\x00"}]}}, "plain": "NaN"},
        [["a\x00", float("nan")], {"b": ["\udfff"]}],
        "Infinity",
        "\x00",
    ],
)
def test_what_is_written_in_parts_is_what_is_written_at_once(value: Any) -> None:
    assert to_json(value) == json.dumps(storable(value), separators=(",", ":"))
