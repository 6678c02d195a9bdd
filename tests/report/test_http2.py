"""What a report says of HTTP/2: the protocol, how many streams a connection had, and where the target allows fewer."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.plan.backlog import hold
from gluten.report.formats import html, junit, text
from gluten.report.load_duration import duration
from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, node, second


def over_http2(asked: int, allowed: int = 0, **more: Any) -> Any:
    """Two nodes for 2 s; the target has told one of them, in its second second, how many streams it allows."""
    task = Task(URL, threads=2, connections=10, duration=2.0, http2=True, streams=asked, **more)
    first = [second(0, {1000: 100}), second(1, {1000: 100}, streams=allowed)]
    return build(task, head(), [node("a", first), node("b", [second(at, {1000: 100}) for at in range(2)])])


def test_it_names_the_protocol_and_the_streams() -> None:
    assert (closed()["protocol"], closed()["connections"]["streams"]) == ("HTTP/1.1", 1)
    report = over_http2(10)
    assert (report["protocol"], report["connections"]["streams"]) == ("HTTP/2", 10)
    assert "notes" not in report["verdict"]


def test_where_the_target_allows_fewer_these_count_and_a_note_says_so() -> None:
    report = over_http2(10, 4)
    assert report["connections"]["streams"] == 4
    assert report["verdict"]["notes"] == ["the target allows 4 streams on a connection, not 10"]
    assert over_http2(10, 1)["verdict"]["notes"] == ["the target allows 1 stream on a connection, not 10"]


def test_the_fewest_of_all_nodes_and_seconds_count() -> None:
    whole = Delta()
    for allowed in (0, 7, 0, 3, 5):
        part = Delta()
        part.streams = allowed
        whole.add(part)
        whole.follow(part)
    assert whole.streams == 3
    assert Delta.from_map(whole.to_map()).streams == 3
    assert "streams" not in Delta().to_map()


def test_a_delta_of_more_streams_than_there_can_be_is_refused() -> None:
    delta = Delta()
    delta.streams = 1 << 40
    assert delta.excess == "streams"
    with pytest.raises(ValueError, match="count"):
        Delta.from_map(Delta().to_map() | {"streams": -1})


def test_text_and_html_say_it_beside_the_connections() -> None:
    report = over_http2(10)
    assert "  2 threads and 10 connections (HTTP/2, 10 streams each)\n" in text.render(report)
    assert "10 connections, 0 opened (HTTP/2, 10 streams each)" in html.render(report)
    assert "(HTTP/2, 1 stream each)" in text.render(over_http2(1))
    assert "HTTP/" not in text.render(closed())


def test_junit_has_both() -> None:
    found = dict(junit.properties(over_http2(10)))
    assert (found["protocol"], found["connections.streams"]) == ("HTTP/2", "10")


def test_a_report_of_an_earlier_version_is_shown_too() -> None:
    report = closed()
    del report["protocol"]
    assert "10 connections\n" in text.render(report)
    assert "protocol" not in dict(junit.properties(report))


def test_the_last_responses_are_those_of_each_stream() -> None:
    """50 s of waiting over 10 connections with 5 streams each: a second."""
    task, total = Task(URL, threads=1, connections=10, http2=True, streams=5), Delta()
    total.drained = 50.0
    assert duration(task, None, 10.0, total) == 11.0
    total.streams = 1
    assert duration(task, None, 10.0, total) == 15.0


def test_a_request_takes_its_part_of_a_connection() -> None:
    """10 ms of service, five at once: 2 ms of a connection."""
    delta = second(0, {20_000: 100})  # of which the service time is half
    assert hold(delta, 2.0, 5) == pytest.approx(0.002)
    delta.streams = 2
    assert hold(delta, 2.0, 5) == pytest.approx(0.005)
