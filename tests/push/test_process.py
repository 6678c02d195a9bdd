"""The process that pushes, with a real server on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gluten.push import messages
from gluten.push.address import OTLP, destination
from gluten.push.feed import Feed
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack
from tests.support.push.otlp_server import OtlpServer, points

RUN = "cd" * 16


def second(number: int) -> bytes:
    made = Delta(number)
    stats = made.of("buy")
    stats.sent = stats.completed = 1
    stats.status[200] = 1
    return pack(made)


def feed_run(feed: Feed, seconds: int) -> None:
    feed.send(messages.run(RUN, "shop", 1_700_000_000.0))
    feed.send(messages.event(RUN, 1_700_000_000.5, "started", "it began", "n1", 0))
    for number in range(seconds):
        feed.send(messages.delta(RUN, "n1", second(number)))
        feed.send(messages.second(RUN, number, [("p99 < 1s", True)], "n1"))


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def counts(server: OtlpServer) -> list[int]:
    return [points(each, "gluten.requests", status="200")[0].as_int for each in server.metrics]


def test_each_second_arrives_with_its_events() -> None:
    server, told = OtlpServer("/api/v1/otlp"), list[str]()
    feed = Feed(destination(OTLP, server.url, ["Authorization: Bearer abc"]), 10.0)
    with server.running():
        feed_run(feed, 3)
        feed.finish(told.append)
    assert (counts(server), len(server.logs), told) == ([1, 2, 3], 1, [])
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer abc"}


def test_a_server_that_is_away_loses_nothing_and_delays_nothing() -> None:
    server, told = OtlpServer(), list[str]()
    server.statuses = [503, 503]
    feed = Feed(destination(OTLP, server.url), 20.0)
    began = time.monotonic()
    feed_run(feed, 30)
    assert time.monotonic() - began < 5  # nobody answers yet
    with server.running():
        feed.finish(told.append)
    assert counts(server) == list(range(1, 31))
    ends = [points(each, "gluten.slo")[0].time_unix_nano for each in server.metrics]
    assert ends == [(1_700_000_000 + number + 1) * 10**9 for number in range(30)]


def test_what_could_not_be_delivered_is_told() -> None:
    server, told = OtlpServer(), list[str]()
    url = server.url
    with server.running():
        pass  # now nobody listens there
    feed = Feed(destination(OTLP, url), 0.1)
    feed_run(feed, 4)
    feed.finish(told.append)
    assert told[-1].startswith(f"--otlp {url}: 4 s of the run were not pushed: it cannot be reached: ")


def test_a_refusal_is_told_once_and_the_rest_is_pushed() -> None:
    server, told = OtlpServer(), list[str]()
    server.statuses = [400, 200, 400]  # of these, the second one is the log record
    feed = Feed(destination(OTLP, server.url), 10.0)
    with server.running():
        feed_run(feed, 4)
        feed.finish(told.append)
    assert (counts(server), told) == ([3, 4], [f"--otlp {server.url}: it answers 400 Bad Request"])


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_logs_gets_metrics_alone(status: int) -> None:
    server, told = OtlpServer(), list[str]()
    server.logs_status = status
    feed = Feed(destination(OTLP, server.url), 10.0)
    with server.running():
        feed_run(feed, 2)
        feed.send(messages.event(RUN, 0.0, "adjusted", "another one", "n1", 1))
        feed.send(messages.second(RUN, 1, [("p99 < 1s", True)], "n1"))
        feed.finish(told.append)
    assert (len(server.metrics), len(server.logs), told) == (3, 0, [])
    assert len(server.headers) == 4  # one attempt of a log record
