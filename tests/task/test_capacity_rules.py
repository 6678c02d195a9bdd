"""What may be asked together with a search for the capacity, and what a search means for the rest of a task."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import Refused, TaskError
from gluten.plan.schedule import Schedule
from gluten.plan.split import PlanNode, split
from gluten.task.parse import ask
from gluten.task.policy import Policy
from gluten.task.task import Task
from gluten.task.words import words_of

URL = "http://127.0.0.1:1/"
SLO = ("p99 < 250ms",)


def search(**fields: Any) -> Task:
    return Task(**{"url": URL, "find_capacity": True, "slo": SLO, **fields})


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"rate": 5.0}, "rate", "sets the rate itself"),
        ({"stages": ((0.0, 5.0), (9.0, 9.0))}, "stages", "sets the rate itself"),
        ({"requests": 5}, "requests", "ends by itself"),
        ({"pace": 1.0}, "pace", "closed loop"),
        ({"ramp": 1.0}, "ramp", "closed loop"),
        ({"slo": ()}, "slo", "needs an SLO"),
        ({"slo": ("p99 < 1s", "errors < 9%,  else stop")}, "slo", "'errors < 9%,  else stop': else stop would end"),
        ({"search_from": 20.0, "search_to": 10.0}, "search_from", "20/s is above the 10/s of --to"),
        ({"search_to": 10.0, "at_least": 20.0}, "at_least", "20/s is above the 10/s of --to"),
        ({"precision": 0.0}, "precision", "above 0 and at most 50%"),
        ({"precision": 0.6}, "precision", "above 0 and at most 50%"),
        ({"hold": 0.0}, "hold", "above 0"),
        ({"duration": None}, "duration", "needs a duration"),
    ],
)
def test_what_does_not_go_with_a_search_is_refused(fields: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(TaskError) as caught:
        search(**fields)
    assert caught.value.field == field
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "fields", [{"search_from": 1.0}, {"search_to": 1.0}, {"precision": 0.1}, {"hold": 5.0}, {"at_least": 1.0}]
)
def test_what_belongs_to_a_search_is_refused_without_one(fields: dict[str, Any]) -> None:
    with pytest.raises(TaskError, match=r"belongs to a search for the capacity \(--find-capacity\)"):
        Task(URL, slo=SLO, **fields)


@pytest.mark.parametrize(
    ("fields", "rate"),
    [({}, 10.0), ({"search_from": 25.0}, 25.0), ({"search_to": 4.0}, 4.0), ({"search_from": 2.0}, 2.0)],
)
def test_it_is_a_load_at_the_rate_with_which_it_begins(fields: dict[str, Any], rate: float) -> None:
    task = search(**fields)
    assert (task.open_loop, task.peak, Schedule.of(task).rate(3.0)) == (True, rate, rate)


def test_its_connections_are_elastic_and_bounded_by_those_that_are_given() -> None:
    task = search(connections=50, threads=2)
    (part,) = split(task, [PlanNode("a", "a", 2)])
    assert (task.elastic, part.connections, part.rate) == (True, None, 10.0)


def test_the_command_line_has_its_own_units_and_defaults() -> None:
    task = ask(URL, {"find-capacity": True, "slo": SLO, "from": "1.5k", "to": "3k", "precision": "2.5%", "hold": "1m"})
    assert (task.search_from, task.search_to, task.precision, task.hold) == (1500.0, 3000.0, 0.025, 60.0)
    assert task.duration == 600.0
    assert ask(URL, {"find-capacity": True, "slo": SLO, "duration": "5m"}).duration == 300.0


def test_it_is_written_as_it_is_asked_for() -> None:
    words = words_of(search(precision=0.05, search_from=100.0, at_least=500.0, duration=600.0))
    assert words == [
        "-d", "10m", "--slo", SLO[0], "--find-capacity", "--from", "100", "--precision", "5%", "--at-least", "500", URL,
    ]  # fmt: skip


def test_a_ceiling_of_the_rate_bounds_it() -> None:
    policy = Policy(max_rate=100.0)
    assert policy.bounded(search()).search_to == 100.0
    assert policy.bounded(search(search_to=50.0)).search_to == 50.0
    assert policy.bounded(Task(URL, rate=5.0)) == Task(URL, rate=5.0)
    assert Policy().bounded(search()) == search()
    for asked in (search(search_to=101.0), search(search_from=101.0)):
        with pytest.raises(Refused, match="101/s is above the 100/s"):
            policy.check(policy.bounded(asked))
