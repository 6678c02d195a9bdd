"""A search in its report: counts are of the whole run, the verdict and the SLOs are of its last hold."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.capacity.node_use import NodeUse
from gluten.report import document
from gluten.report.capacity import Found, part_of, why_over
from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.reports import URL, head, node, second

SLO = ("p99 < 50ms", "dropped == 0")
TASK = Task(URL, threads=1, duration=60.0, find_capacity=True, search_from=10.0, slo=SLO)
TRIALS: list[Any] = [
    {"rate": 10.0, "from": 0, "to": 2, "state": "holds"},
    {"rate": 20.0, "from": 2, "to": 4, "state": "misses"},
    {"rate": 12.0, "from": 4, "to": 6, "state": "holds"},
]
QUIET = NodeUse("a", 0.3, 0.0, 0.0, 24, 0, 400, 0)


def found(hold: tuple[int, int] | None = (4, 6), *nodes: NodeUse, trials: list[Any] = TRIALS) -> Found:
    capacity: Any = {"holds": 12.0, "misses": 20.0, "limit": "target", "text": "the sentence", "trials": trials}
    return Found(capacity, hold, nodes or (QUIET,))


def seconds(overload: int = 6) -> list[Delta]:
    """Two seconds at 10/s, two overloaded ones at 20/s, of which so many requests are dropped, two at 12/s."""
    return [
        *(second(at, {1000: 10}) for at in (0, 1)),
        *(second(at, {90_000: 20 - overload}, dropped=overload) for at in (2, 3)),
        *(second(at, {2000: 12}) for at in (4, 5)),
    ]


def build(searched: Found | None, deltas: list[Delta], **more: Any) -> Any:
    about = head(adjustments=((2.0, 20.0), (4.0, 12.0)), **more)
    nodes = [node("a", deltas, rate=10.0)]
    return document.build(TASK, about, nodes, document.rows(TASK, about, nodes), found=searched)


def test_what_a_search_found_is_in_the_report_and_null_in_every_other() -> None:
    searched = found()
    assert build(searched, seconds())["capacity"] == searched.document
    assert build(None, seconds())["capacity"] is None


def test_counts_are_of_the_whole_search_and_its_plan_ends_with_it() -> None:
    requests = build(found(), seconds())["requests"]
    assert (requests["planned"], requests["sent"], requests["dropped"]) == (20 + 40 + 24, 20 + 28 + 24, 12)


def test_slos_and_verdict_are_of_the_last_hold() -> None:
    report = build(found(), seconds())
    assert [(entry["state"], entry["value"]) for entry in report["slo"]] == [("holds", 2000.0), ("holds", 0.0)]
    assert report["verdict"]["value"] == "valid"


def test_where_nothing_held_the_slos_are_of_the_last_trial() -> None:
    part = part_of(found(trials=TRIALS[:2]).document, None)
    assert part == (2, 4)
    report = build(found(part), seconds())
    assert [entry["state"] for entry in report["slo"]] == ["missed", "missed"]
    assert part_of(found(trials=[]).document, None) is None


def test_where_there_was_no_trial_the_load_is_not_judged() -> None:
    assert build(found(None, trials=[]), seconds())["verdict"]["value"] == "valid"


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        (QUIET._replace(cpu=0.95), "95% of a core"),
        (QUIET._replace(sent=1000, late=11), "sent more than 10.00ms late"),
        (QUIET._replace(sent=1000, late=9), ""),
        (QUIET._replace(sent=2000, late=20), ""),
        (QUIET._replace(lagged=11, lag_p99=25_000), "clock lagged by up to 25.00ms"),
    ],
)
def test_the_generators_are_judged_in_the_hold(use: NodeUse, reason: str) -> None:
    verdict = build(found((4, 6), use), seconds())["verdict"]
    assert reason in "".join(verdict["reasons"])
    assert verdict["value"] == ("suspect" if reason else "valid")


def test_counts_that_do_not_add_up_are_invalid_wherever_they_are() -> None:
    deltas = seconds()
    deltas[0].of().sent += 5
    assert build(found(), deltas)["verdict"]["value"] == "invalid"


@pytest.mark.parametrize(
    ("state", "kind", "why"),
    [
        ("running", "", ""),
        ("finished", "", "the time was up"),
        ("finished", "rows", "the rows of a feed were used up"),
        ("stopped", "", "the run was stopped"),
        ("failed", "", "the run failed"),
    ],
)
def test_why_a_search_is_over_that_has_no_answer(state: str, kind: str, why: str) -> None:
    assert why_over(state, kind) == why
