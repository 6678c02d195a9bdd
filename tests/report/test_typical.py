"""The typical steps of each scenario in a report, from the text of the workload file."""

from __future__ import annotations

from gluten.report.typical import MOST_STEPS, with_steps
from gluten.task.task import Task

FILE = """
url = "http://127.0.0.1:8080"
[request.login]
post = "/login"
[request.view]
get = "/view"
[[scenario]]
name = "browse"
do = ["login", {{think = "1s..3s"}}, {{repeat = {times}, do = ["view"]}}]
"""


def task(times: int = 2) -> Task:
    return Task("http://127.0.0.1:8080", workload=FILE.format(times=times))


def test_each_scenario_has_its_steps() -> None:
    (entry,) = with_steps([{"name": "browse", "begun": 3}], task())
    assert entry == {
        "name": "browse",
        "begun": 3,
        "steps": [
            {"step": "login", "pause": 0.0, "times": 1.0},
            {"step": None, "pause": 2.0, "times": 1.0},
            {"step": "view", "pause": 0.0, "times": 2.0},
        ],
    }


def test_a_scenario_that_the_file_does_not_have_has_no_steps() -> None:
    (entry,) = with_steps([{"name": "other"}], task())
    assert entry["steps"] == []


def test_without_scenarios_the_file_is_not_read() -> None:
    assert with_steps([], Task("http://127.0.0.1:8080", workload="no workload")) == []


def test_a_report_has_the_first_steps_of_a_long_scenario() -> None:
    long = FILE.format(times=1).replace('"login", ', '"login", ' * (MOST_STEPS + 7))
    (entry,) = with_steps([{"name": "browse"}], Task("http://127.0.0.1:8080", workload=long))
    assert [step["step"] for step in entry["steps"]] == ["login"] * MOST_STEPS
