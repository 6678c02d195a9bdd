"""docs/sql.md: it lists the columns that there are, and each of its queries answers in both databases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gluten.store.migrations import sql
from gluten.store.store import Store
from tests.store.test_tables import a_part, a_report, a_row
from tests.support.store_records import a_run, an_event

PAGE = (Path(__file__).parents[2] / "docs" / "sql.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?);\n```", PAGE, re.DOTALL)
VIEWS = ("runs", "seconds", "requests", "request_seconds", "nodes", "events")


@pytest.fixture
def history(store: Store) -> Store:
    """Run 1 is the baseline. Run 2 is slower, its rate rises to 40/s, and its orders fail from second 61 on."""
    for number, p99 in ((1, 2_000), (2, 3_000)):
        run = store.create_run(a_run(name="shop", state="running", started_at=1000.0 * number))
        rows = [second(at, p99) for at in range(120)]
        store.save_seconds(run.id, rows, [None] * len(rows))
        store.add_events([an_event(run.id, second=61, kind="lost", node="one")])
        store.save_run(run.id, state="finished", report=report(p99))
    store.pin("shop", store.run("1").id)
    return store


def second(at: int, p99: int) -> dict[str, Any]:
    bad = 4 if at > 60 else 0
    home = a_part(completed=20, good=20, failed=0, p99=p99 - 1000)
    order = a_part(completed=10, good=10 - bad, failed=0, p99=p99)
    whole = a_row(at, asked=20.0 if at < 60 else 40.0, completed=30, good=30 - bad, failed=0, p99=p99)
    return whole | {"by_request": {"home": home, "order": order}}


def report(p99: int) -> dict[str, Any]:
    made = a_report(rate=30.0, requests={"completed": 3600, "good": 3364, "failed": 0})
    made["seconds"] = [second(at, p99) for at in range(120)]
    times = made["response_time"] | {"p99": p99}
    (part,) = made["by_request"]
    made["by_request"] = [part | {"name": name, "response_time": times} for name in ("home", "order")]
    made["by_request"][0]["response_time"] = times | {"p99": p99 - 1000}
    made["nodes"][0]["cpu"] = 0.9
    return made | {"response_time": times}


def answer(store: Store, number: int) -> list[tuple[Any, ...]]:
    """The rows of the query of this number, as plain numbers."""
    rows = sql(store._session.database, QUERIES[number]).fetchall()
    return [tuple(value if isinstance(value, (str, type(None))) else float(value) for value in row) for row in rows]


WANTED: list[list[tuple[Any, ...]]] = [
    [
        (2, "shop", "finished", "valid", 30, 3, pytest.approx(100 * 236 / 3600)),
        (1, "shop", "finished", "valid", 30, 2, pytest.approx(100 * 236 / 3600)),
    ],
    [(1, 1000, 30, 1, 2000), (2, 2000, 30, 1, 3000)],
    [(2, 1, 0, 50)],
    [(0, 1800, 0, 3000), (1, 1800, 236, 3000)],
    [("order", 9, 3, 9.5, 4, 3000, 5), ("home", 9, 3, 9.5, 4, 2000, 5)],
    [(at, 10, 4 if at > 60 else 0, 1000, 3000) for at in range(120)],
    [("order", 236, 61, 119)],
    [(20, 30, 3000), (40, 30, 3000)],
    [(1, "one", 0.9, 0, 40, "valid"), (2, "one", 0.9, 0, 40, "valid")],
    [(61, "lost", "one", "load began", 30, 4, 3000)],
]


def test_there_are_ten_queries() -> None:
    assert len(QUERIES) == len(WANTED) == 10


@pytest.mark.parametrize("number", range(10))
def test_each_query_of_the_page_answers_what_it_says(history: Store, number: int) -> None:
    assert answer(history, number) == WANTED[number]


def test_the_page_lists_every_column(store: Store) -> None:
    sections = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE))
    assert tuple(sections) == VIEWS
    for view, text in sections.items():
        cursor = sql(store._session.database, f"select * from {view}")
        columns = {column[0] for column in cursor.description}
        assert set(re.findall(r"`(\w+)`", text)) - {"request"} == columns - {"request"}


def test_every_number_has_its_unit_or_is_a_count() -> None:
    """A time, a size, a rate or a share without a unit would be a riddle."""
    for name in re.findall(r"`([a-z0-9_]+)`", PAGE):
        if re.search(r"p\d\d|mean|max|lateness|lag|skew|duration|rate|bytes|cpu|steal", name):
            assert re.search(r"_(us|s|bytes|per_s|share)$", name), name
