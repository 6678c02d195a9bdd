"""How many rows of a feed were used and skipped."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.report.feeds import feeds
from gluten.task.task import Task
from gluten.workload.sessions import most_sessions
from gluten.workload.task_of import task_of

TEXT = """
url = "http://127.0.0.1:8080"
[[feed]]
name = "user"
file = "users.csv"
pick = "{pick}"
[request.login]
get = "/{{{{user.name}}}}"
weight = 2
[request.home]
get = "/"
"""


def task(pick: str = "unique", rows: int = 100) -> Task:
    return task_of(TEXT.format(pick=pick), {"rate": 10.0}, {})._replace(rows=(("user", rows),))


CASES: list[tuple[str, dict[str, int], int | None, dict[str, int]]] = [
    ("unique", {"login": 20, "home": 10}, 30, {"used": 20, "skipped": 0}),
    ("unique", {"login": 15, "home": 9}, 30, {"used": 15, "skipped": 5}),
    ("unique", {"login": 15, "home": 9}, None, {"used": 15, "skipped": 0}),
    ("unique", {"login": 95, "home": 50}, 300, {"used": 95, "skipped": 5}),
    ("cycle", {"login": 250, "home": 9}, 300, {"used": 250, "skipped": 0}),
]


@pytest.mark.parametrize(("pick", "sent", "planned", "counts"), CASES)
def test_rows_that_were_planned_and_not_used_are_skipped(
    pick: str, sent: dict[str, int], planned: int | None, counts: dict[str, int]
) -> None:
    assert feeds(task(pick), sent, planned) == [{"name": "user", "rows": 100} | counts]


def test_a_task_without_feeds_has_none() -> None:
    assert feeds(Task("http://127.0.0.1:8080/"), {"request": 5}, 5) == []


@pytest.mark.parametrize("at_end", ["stop", "fail"])
@pytest.mark.parametrize("rows", [1, 2, 3, 100, 101])
def test_a_plan_ends_with_the_session_that_finds_no_row(rows: int, at_end: str) -> None:
    from gluten.workload.mix import Mix
    from gluten.workload.reader import of_task

    text = TEXT.format(pick="unique").replace('pick = "unique"', f'pick = "unique"\nat_end = "{at_end}"')
    workload: Any = of_task(task_of(text, {}, {}))
    most = most_sessions(workload, {"user": rows})
    assert most is not None
    mix = Mix(workload.weights, workload.seed)
    assert mix.before(0, most) == rows
    assert mix.request(most) == 0


def test_a_feed_that_does_not_end_sets_no_limit() -> None:
    from gluten.workload.reader import of_task

    assert most_sessions(of_task(task("cycle")), {"user": 5}) is None
