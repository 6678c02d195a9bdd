"""The task of a file: what is given on top goes before the file, and the file before what stands below it."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import TaskError
from gluten.task.task import Task
from gluten.workload.hosts import by_host
from gluten.workload.reader import of_task
from gluten.workload.tables.source import parse
from gluten.workload.task_of import layered, planned, with_files

FILE = """\
name = "f"
url = "http://file/"
header = ["A: file", "B: file"]
timeout = "3s"
slo = ["p99 < 1s"]
[load]
rate = 5
connections = 7
[request.a]
get = "/"
"""
STAGES = ((0.0, 1.0), (10.0, 2.0))


def task(given: dict[str, Any], below: dict[str, Any] | None = None, text: str = FILE) -> Task:
    return planned(parse(text), text, given, below or {}, {})[0]


@pytest.mark.parametrize(
    ("given", "below", "field", "expected"),
    [
        ({}, {}, "rate", 5.0),
        ({"rate": 6.0}, {"rate": 7.0}, "rate", 6.0),
        ({}, {"rate": 7.0}, "rate", 5.0),
        ({"stages": STAGES}, {}, "rate", None),
        ({"stages": STAGES}, {}, "stages", STAGES),
        ({"stages": STAGES}, {"rate": 7.0}, "duration", 10.0),
        ({}, {"stages": STAGES}, "stages", ()),
        ({}, {"duration": 3.0}, "duration", 3.0),
        ({}, {}, "duration", 10.0),
        ({"requests": 9}, {}, "duration", None),
        ({"url": "https://given:81/x"}, {}, "url", "https://given:81/x"),
        ({}, {"url": "http://below/"}, "url", "http://file/"),
        ({"name": "g"}, {"name": "b"}, "name", "g"),
        ({"timeout": None}, {"timeout": 9.0}, "timeout", 3.0),
        ({"headers": (("a", "given"),)}, {}, "headers", (("B", "file"), ("a", "given"))),
        ({}, {"headers": (("B", "below"), ("C", "below"))}, "headers", (("C", "below"), ("A", "file"), ("B", "file"))),
        ({"slo": ("errors < 1%", "p99 < 1s")}, {"slo": ("rate > 5",)}, "slo", ("rate > 5", "p99 < 1s", "errors < 1%")),
        ({"insecure": True}, {}, "insecure", True),
        ({}, {}, "redirects", None),
        ({}, {"redirects": 4}, "redirects", 4),
        ({"method": "GET", "body": b""}, {}, "method", "GET"),
    ],
)  # fmt: skip
def test_the_order_of_precedence(given: dict[str, Any], below: dict[str, Any], field: str, expected: Any) -> None:
    assert getattr(task(given, below), field) == expected


@pytest.mark.parametrize(
    ("given", "below", "followed"),
    [({}, {}, 1), ({"redirects": 0}, {}, 0), ({"redirects": 5}, {}, 5), ({}, {"redirects": 5}, 1)],
)
def test_redirects_replace_those_of_the_file_but_no_request_s_own(
    given: dict[str, int], below: dict[str, int], followed: int
) -> None:
    text = f"redirects = 1\n{FILE}[request.b]\nget = '/b'\nredirects = 2\n"
    made = task(given, below, text)
    assert [request.redirects for request in of_task(made).requests] == [followed, 2]
    assert made.redirects == followed
    assert not made.follows_url


OWN = f"""{FILE}[request.b]
get = "/b"
header = ["b: own", "C: own", "D: own"]
"""


def sent(made: Task, name: str) -> dict[str, str]:
    """The headers of a request, in small letters."""
    (request,) = (one for one in of_task(made).requests if one.name == name)
    return {header.lower(): value.text for header, value in request.headers}


@pytest.mark.parametrize(
    ("given", "below", "a", "b"),
    [
        ({}, {}, {"a": "file", "b": "file"}, {"a": "file", "b": "own", "c": "own", "d": "own"}),
        (
            {"headers": (("B", "given"), ("c", "given")), "outranking": ("B", "c")}, {"headers": (("D", "below"),)},
            {"a": "file", "b": "given", "c": "given", "d": "below"},
            {"a": "file", "b": "given", "c": "given", "d": "own"},
        ),
        (
            {"headers": (("B", "file"),), "outranking": ("b",)}, {},
            {"a": "file", "b": "file"}, {"a": "file", "b": "file", "c": "own", "d": "own"},
        ),
        (
            {"headers": (("B", "given"),), "outranking": ("D",)}, {},
            {"a": "file", "b": "given"}, {"a": "file", "b": "own", "c": "own", "d": "own"},
        ),
    ],
)  # fmt: skip
def test_a_header_that_outranks_replaces_a_request_s_own(
    given: dict[str, Any], below: dict[str, Any], a: dict[str, str], b: dict[str, str]
) -> None:
    made = task(given, below, OWN)
    assert (sent(made, "a"), sent(made, "b")) == (a, b)
    again = task({"headers": made.headers, "outranking": made.outranking}, {}, OWN)
    assert (sent(again, "a"), sent(again, "b")) == (a, b)


def test_a_method_below_the_file_is_of_other_runs() -> None:
    assert task({}, {"method": "POST", "body": b"x"}).method == "GET"


def test_stages_and_rate_are_one_where_levels_are_laid_over_each_other() -> None:
    assert layered({"stages": STAGES}, {"rate": 5.0, "threads": 2}) == {"stages": STAGES, "threads": 2}
    assert layered({"stages": ()}, {"rate": 5.0}) == {"rate": 5.0}


def test_a_search_for_the_capacity_replaces_how_much_load_the_file_asks_for() -> None:
    found = task({"find_capacity": True, "search_from": 50.0}, {}, FILE.replace("rate = 5", 'duration = "9s"'))
    assert (found.find_capacity, found.peak, found.rate, found.duration) == (True, 50.0, None, 600.0)
    assert task({"find_capacity": True}, {}, FILE.replace("rate = 5", "requests = 5")).requests is None
    assert task({"find_capacity": True, "duration": 60.0}, {}).duration == 60.0
    with pytest.raises(TaskError, match="sets the rate itself"):
        task({"find_capacity": True, "rate": 5.0}, {})


def test_a_file_that_has_both_is_refused() -> None:
    with pytest.raises(TaskError, match="either a rate or stages"):
        task({}, {}, FILE.replace("rate = 5", 'rate = 5\nstages = "0s:1"'))


def test_files_travel_by_their_digests() -> None:
    digest = "ab" * 32
    assert with_files(task({}), {"b": digest, "a": digest}).files == (("a", digest), ("b", digest))


def test_a_policy_judges_each_host() -> None:
    text = FILE + '[request.b]\nget = "https://u:p@other:8443/x"\n[request.c]\nget = "http://file/y"\n'
    assert [one.url for one in by_host(task({}, {}, text))] == ["http://file/", "https://u:p@other:8443/"]
    single = Task("http://a/b")
    assert list(by_host(single)) == [single]
