"""What the check of a task says about a workload: its plan, or the first error with its line."""

from __future__ import annotations

import json
from typing import Any

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
