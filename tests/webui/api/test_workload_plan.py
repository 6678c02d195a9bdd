"""What the check of a task says about a workload: its plan, or the first error with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluten.task.limits import MAX_WORKLOAD
from gluten.webui.app import Wsgi
from tests.support.web.wsgi import post

FILE = """\
[[feed]]
name = "user"
file = "users.csv"
[request.home]
get = "/{{user.name}}"
check = ["status == 200"]
weight = 6
[request.pay]
post = "/pay"
body = "@pay.json"
weight = 2
"""


def checked(app: Wsgi, **values: Any) -> Any:
    return json.loads(post(app, "/api/v1/tasks/check", values).text)


def test_the_plan_has_the_exact_weights_and_the_files(app: Wsgi) -> None:
    found = checked(app, workload=FILE, url="http://t.test/", rate="100")
    assert found["ok"]
    assert found["planned"] == 1000
    plan = found["plan"]
    assert plan["block"] == 4
    shown = [(one["name"], one["method"], one["of_block"], one["share"], one["checks"]) for one in plan["requests"]]
    assert shown == [("home", "GET", 3, 0.75, 1), ("pay", "POST", 1, 0.25, 0)]
    assert plan["files"] == ["users.csv", "pay.json"]
    assert plan["feeds"] == [{"name": "user", "file": "users.csv", "pick": "cycle"}]


SCENARIOS = """
[[scenario]]
name = "browse"
weight = 3
do = ["home", {repeat = 2, do = [{think = "2s"}, "pay"]}]
[[scenario]]
name = "buy"
do = ["pay"]
"""


def test_with_scenarios_they_have_the_weights(app: Wsgi) -> None:
    text = FILE.replace("weight = 6\n", "").replace("weight = 2\n", "") + SCENARIOS
    plan = checked(app, workload=text, url="http://t.test/", rate="100")["plan"]
    assert plan["block"] == 4
    assert [(one["name"], one["of_block"], one["share"]) for one in plan["scenarios"]] == [
        ("browse", 3, 0.75),
        ("buy", 1, 0.25),
    ]
    assert (plan["scenarios"][0]["requests"], plan["scenarios"][0]["seconds"]) == (3, pytest.approx(4.3))
    assert [(one["name"], one["share"]) for one in plan["requests"]] == [("home", None), ("pay", None)]


def test_a_task_of_one_url_has_no_plan(app: Wsgi) -> None:
    assert checked(app, url="http://t.test/")["plan"] is None


def test_the_first_error_has_its_line(app: Wsgi) -> None:
    found = checked(app, workload=FILE.replace("weight = 2", "wait = 2"), url="http://t.test/")
    assert (found["ok"], found["plan"]) == (False, None)
    [error] = found["errors"]
    assert error["field"] == "workload"
    assert "line 11" in error["message"]


def test_a_text_that_is_too_long_is_not_read(app: Wsgi) -> None:
    found = checked(app, workload="#" * (MAX_WORKLOAD + 1), url="http://t.test/")
    assert [error["field"] for error in found["errors"]] == ["workload"]
