"""A target with servers is the queue that the formula knows, and a request takes the first free server."""

import random

import pytest

from gluten.target.servers import Servers
from tests.support.capacity.mmc import Queue

CASES = [(1, 0.5), (1, 0.8), (2, 0.7), (8, 0.6), (8, 0.9), (50, 0.9)]


def test_one_server_answers_one_after_the_other() -> None:
    servers = Servers(1)
    assert [servers.serve(at, 2.0) for at in (10.0, 10.5, 11.0, 20.0)] == [12.0, 14.0, 16.0, 22.0]


def test_a_request_takes_the_first_server_that_is_free() -> None:
    servers = Servers(2)
    assert servers.serve(0.0, 5.0) == 5.0
    assert servers.serve(0.0, 1.0) == 1.0
    assert servers.serve(0.0, 1.0) == 2.0  # the second server, at 1
    assert servers.serve(0.0, 9.0) == 11.0  # the second again, at 2
    assert servers.serve(0.0, 1.0) == 6.0  # the first, at 5


def test_a_free_server_takes_no_time_of_its_own() -> None:
    assert Servers(3).serve(7.0, 0.0) == 7.0


@pytest.mark.parametrize(("count", "load"), CASES)
def test_random_arrivals_and_exponential_work_take_what_the_formula_says(count: int, load: float) -> None:
    """100,000 requests. The tail is averaged over its last tenth of busy and idle times, so 12 % is enough."""
    queue = Queue(count, 1.0)
    draws = random.Random(f"{count} {load}")
    servers, at, times = Servers(count), 0.0, []
    for _ in range(100_000):
        at += draws.expovariate(count * load)
        times.append(servers.serve(at, draws.expovariate(1.0)) - at)
    times.sort()
    for share in (0.5, 0.9, 0.99):
        found = times[int(share * len(times))]
        assert found == pytest.approx(queue.percentile(count * load, share), rel=0.12)


def test_the_formula_knows_the_simple_cases() -> None:
    """With one server a request takes an exponential time of mean 1 / (1 - load); with many it never waits."""
    assert Queue(1, 1.0).percentile(0.5, 0.99) == pytest.approx(9.2103, rel=1e-4)
    assert Queue(1, 0.01).capacity(0.99, 0.1) == pytest.approx(100 - 46.05, rel=1e-3)
    assert Queue(1000, 1.0).percentile(10, 0.99) == pytest.approx(4.6052, rel=1e-4)
    assert Queue(2, 1.0).waits(1.0) == pytest.approx(1 / 3)
    assert Queue(2, 1.0).percentile(1.0, 0.99) == pytest.approx(5.6660, rel=1e-4)  # exp(-t) (1 + t / 3) = 0.01


def test_the_capacity_is_the_rate_at_which_the_percentile_is_the_limit() -> None:
    queue = Queue(8, 0.008)
    for limit in (0.04, 0.05, 0.1, 1.0):
        assert queue.percentile(queue.capacity(0.99, limit), 0.99) == pytest.approx(limit, rel=1e-6)
    assert queue.capacity(0.99, 0.03) == 0.0  # a server alone takes longer for one request in a hundred
