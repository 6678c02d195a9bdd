"""How many connections there may be at a rate without `-c`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.plan import elastic
from gluten.task.host_checks import RESERVE, Machine, room
from gluten.task.limits import MAX_CONNECTIONS
from gluten.task.task import Task

URL = "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("threads", "rate", "timeout", "most", "limit"),
    [
        (2, 2000.0, 2.0, None, 4000),
        (2, 0.1, 2.0, None, 2),
        (2, 100.0, 0.1, None, 10),
        (2, 2000.0, 2.0, 100, 100),
        (4, 2000.0, 2.0, 3, 4),  # each thread needs one
        (1, 1e8, 60.0, None, MAX_CONNECTIONS),
    ],
)
def test_the_limit_is_rate_times_timeout(
    threads: int, rate: float, timeout: float, most: int | None, limit: int
) -> None:
    assert elastic.limit(Task(URL, threads=threads, rate=rate, timeout=timeout), rate, most) == limit


def test_the_limit_follows_the_peak_of_the_stages_then_the_rate_that_was_set() -> None:
    task = Task(URL, threads=2, stages=((0.0, 0.0), (5.0, 300.0), (9.0, 100.0)), duration=9.0)
    assert elastic.rate_now(task, ()) == 300.0
    assert elastic.rate_now(task, [(1.0, 900.0), (2.0, 50.0)]) == 50.0
    assert elastic.rate_now(Task(URL, rate=7.0), ()) == 7.0


@given(st.integers(1, 64), st.floats(0.1, 1e5), st.floats(0.01, 10.0))
def test_the_threads_shares_sum_to_the_limit(threads: int, rate: float, timeout: float) -> None:
    task = Task(URL, threads=threads, rate=rate, timeout=timeout)
    shares = elastic.limits(task, range(threads), rate, None, ())
    assert sum(shares) == elastic.limit(task, rate)
    assert min(shares) >= 1
    first = elastic.first(task, range(threads), shares)
    assert all(1 <= begun <= most for begun, most in zip(first, shares, strict=True))
    assert sum(first) <= max(10, threads)


def test_a_host_allows_no_more_than_its_files_and_ports() -> None:
    task = Task(URL, threads=4, rate=1e5)
    assert sum(elastic.limits(task, (0, 1), 1e5, None, (30, 30))) == 60
    files = Machine(files=RESERVE + 100, cores=2, ports=(1, 60_000))
    assert (room(2, files), room(4, files), room(3, files)) == (200, 200, 150)
    assert room(2, Machine(files=1 << 20, cores=2, ports=(1001, 1100))) == 100
    assert room(2, Machine(files=10, cores=2)) == 2


def test_sessions_with_pauses_have_no_bound_of_their_own() -> None:
    file = '[request.a]\nget = "/"\n[[scenario]]\nname = "s"\ndo = ["a", {think = "10m"}, "a"]\n'
    task = Task(URL, threads=2, rate=10.0, workload=file)
    assert elastic.limit(task, 10.0) == MAX_CONNECTIONS
    assert elastic.limit(task, 10.0, most=500) == 500
