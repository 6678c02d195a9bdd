"""A workload's text may be long, and to read it may take seconds. The hub does not read it: it has what was read."""

from __future__ import annotations

import pytest

from gluten.cluster.master import reporting
from gluten.cluster.master.recovery import recover
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.errors import WorkloadError
from gluten.plan.requests import workload_of
from gluten.plan.split import PlanNode, split
from gluten.stats.delta import Delta
from gluten.store.records import RunRecord
from gluten.task.task import Task
from gluten.workload.task_of import task_of

MIX = """
url = "http://127.0.0.1"
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
[request.home]
get = "/{{user.name}}"
weight = 3
[request.pay]
post = "/pay"
"""
SCENARIOS = (
    MIX.replace("weight = 3\n", "")
    + """
[[scenario]]
name = "buy"
do = [{group = "checkout", do = ["home", "pay"]}]
"""
)
UNREADABLE = "this is no workload file"


def unreadable(task: Task) -> Task:
    """The same task with a text that nobody can read."""
    found = task._replace(workload=UNREADABLE, rows=(("user", 100),), threads=1, connections=1)
    with pytest.raises(WorkloadError):
        workload_of(found)
    return found


@pytest.mark.parametrize("text", [MIX, SCENARIOS], ids=["mix", "scenarios"])
def test_a_report_is_made_without_reading_the_text(text: str) -> None:
    whole = task_of(text, {"rate": 10.0, "duration": 2.0}, {})
    task = unreadable(whole)
    run = Run(RunBook("a" * 32, 1, task, 0.0, public=task, workload=workload_of(whole)))
    run.begin(split(task, [PlanNode("a", "a", 1)]), 1.0, Moment(0.5, 0.5))
    delta = Delta(0)
    delta.of("home").sent = delta.of("home").completed = 5
    run.delta("a", 1, 1, delta)
    run.tick(Moment(2.0, 2.0))
    report = reporting.build(run.book, "")
    assert [one["name"] for one in report["by_request"]] == [*run.book.names.requests]
    assert {"home", "pay"} <= set(run.book.names.requests)
    assert report["feeds"][0]["rows"] == 100
    assert report["task"]["workload"] == UNREADABLE
    assert [one["name"] for one in report["by_scenario"]] == (["buy"] if text is SCENARIOS else [])


def test_a_run_is_read_back_without_reading_the_text() -> None:
    whole = task_of(MIX, {"rate": 10.0}, {})
    record = RunRecord(id="a" * 32, task=unreadable(whole).to_map(), name="", key="", who="", created_at=0.0)
    run = recover(record, {}, [], [], 1.0, workload_of(whole))
    assert run.book.names.requests == ("home", "pay")
