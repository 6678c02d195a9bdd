"""A single URL whose redirects are followed is a workload of one request."""

from __future__ import annotations

import pytest

from gluten.task.task import Task
from gluten.workload.of_url import of_url

URL = "http://user:word@shop.test:81/a?b={{c}}#d"


def test_a_url_is_a_workload_of_one_request() -> None:
    task = Task(URL, method="POST", body=b"\xff{{x}}", headers=(("Cookie", "{{a}}"),), redirects=3, seed=5)
    workload = of_url(task, "request")
    (request,) = workload.requests
    assert (workload.seed, workload.origins, workload.follows) == (5, ("http://user:word@shop.test:81",), True)
    assert (request.name, request.method, request.body, request.redirects) == ("request", "POST", b"\xff{{x}}", 3)
    assert [(name, value.fixed) for name, value in request.headers] == [("Cookie", "{{a}}")]
    assert request.constant, "a command line has no templates"


@pytest.mark.parametrize(("redirects", "follows"), [(None, False), (0, False), (1, True)])
def test_it_is_one_only_where_redirects_are_followed(redirects: int | None, follows: bool) -> None:
    assert Task(URL, redirects=redirects).follows_url is follows
