"""The names of a task's requests, scenarios and groups, and how many of a plan are of each."""

from __future__ import annotations

from gluten.plan.requests import group_names, planned_requests, planned_sessions, request_names, scenario_names
from gluten.task.task import Task
from gluten.workload.task_of import task_of

FILE = """
url = "https://shop.test"
[request.view]
get = "/p"
weight = 3
[request.pay]
post = "/pay"
"""


def test_a_url_has_one_request() -> None:
    task = Task("http://h/")
    assert (request_names(task), planned_requests(task, 7)) == (("request",), {"request": 7})


def test_a_workload_has_the_names_of_its_file_in_its_order() -> None:
    assert request_names(task_of(FILE, {}, {})) == ("view", "pay")


def test_the_plan_of_each_name_is_exact_by_weight() -> None:
    task = task_of(FILE, {"rate": 10.0}, {})
    assert planned_requests(task, 400) == {"view": 300, "pay": 100}
    some = planned_requests(task, 402)
    assert sum(some.values()) == 402
    assert 300 <= some["view"] <= 302


def test_without_scenarios_there_is_no_name_and_no_plan_of_one() -> None:
    for task in (Task("http://h/"), task_of(FILE, {"rate": 10.0}, {})):
        assert (scenario_names(task), group_names(task), planned_sessions(task, 400)) == ((), (), {})
