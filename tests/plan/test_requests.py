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


SESSIONS = f"""setup = ["hello"]
{FILE.replace("weight = 3", "")}
[request.hello]
get = "/hello"
[[scenario]]
name = "browse"
weight = 3
do = [{{group = "look", do = ["view"]}}]
[[scenario]]
name = "buy"
do = [{{group = "look", do = ["view"]}}, {{chance = 0.5, do = [{{group = "checkout", do = ["pay"]}}]}}]
"""


def test_with_scenarios_a_plan_is_of_sessions() -> None:
    task = task_of(SESSIONS, {"rate": 10.0}, {})
    assert scenario_names(task) == ("browse", "buy")
    assert planned_sessions(task, 400) == {"browse": 300, "buy": 100}
    assert planned_requests(task, 400) == {}


def test_groups_are_named_once_in_the_order_of_the_file() -> None:
    assert group_names(task_of(SESSIONS, {"rate": 10.0}, {})) == ("look", "checkout")


def test_what_setup_alone_sends_has_no_name_in_the_figures() -> None:
    assert request_names(task_of(SESSIONS, {"rate": 10.0}, {})) == ("view", "pay")
    alone = task_of(f"setup = ['pay']\n{FILE}", {"rate": 10.0}, {})
    assert request_names(alone) == ("view",)
    assert planned_requests(alone, 400) == {"view": 400}
