from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gluten.errors import ConfigError
from gluten.push import messages
from gluten.push.address import INFLUX, destination
from gluten.push.batch import Batch, Event, RunHead
from gluten.push.feed import Feed
from gluten.push.influx_push import EachSecond
from gluten.push.line_protocol import event_line, lines
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack

HEAD = RunHead("ab12", "shop", 10 * 10**9)


def delta(second: int, *micros: int, name: str = "buy") -> Delta:
    made = Delta(second)
    stats = made.of(name)
    for value in micros:
        stats.sent += 1
        stats.completed += 1
        stats.status[200] = stats.status.get(200, 0) + 1
        stats.response.record(value)
    return made


def written(batch: Batch, metric: str) -> list[str]:
    return [line for line in lines(batch) if line.startswith(f"{metric},")]


def batch_of(*deltas: Delta, head: RunHead = HEAD) -> Batch:
    counted = EachSecond(head)
    for one in deltas:
        counted.add("n1", one)
    return counted.batch(deltas[-1].second)


def test_a_line_has_tags_a_value_and_the_end_of_its_second() -> None:
    tags = "run=ab12,name=shop,node=n1"
    assert written(batch_of(delta(1, 1000)), "gluten.requests") == [
        f"gluten.requests,{tags},request=buy,status=200 value=1i 12000000000"
    ]
    assert written(batch_of(delta(0)), "gluten.cpu") == [f"gluten.cpu,{tags} value=0.0 11000000000"]


def test_a_histogram_is_its_percentiles_in_seconds() -> None:
    (line,) = written(batch_of(delta(0, *range(10, 1010, 10))), "gluten.response_time")
    fields = dict(pair.split("=") for pair in line.split(" ")[1].split(","))
    assert fields["count"] == "100i"
    known = {name: float(fields[name]) for name in ("p50", "p95", "p99", "min", "max", "sum")}
    assert known == {"p50": 0.0005, "p95": 0.00095, "p99": 0.00099, "min": 0.00001, "max": 0.001, "sum": 0.0505}


def test_where_nothing_was_counted_there_is_no_histogram() -> None:
    assert written(batch_of(delta(0)), "gluten.response_time") == []


def test_counts_are_those_of_the_second() -> None:
    found = written(batch_of(delta(0, 1, 2), delta(1, 3)), "gluten.requests")
    assert [line.split(" ")[1] for line in found] == ["value=2i", "value=1i"]


def test_a_late_delta_replaces_the_line_of_its_second() -> None:
    counted = EachSecond(HEAD)
    counted.add("n1", delta(0, 1, 2))
    (before,) = written(counted.batch(0), "gluten.requests")
    counted.add("n1", delta(0, 3))
    (after,) = written(counted.batch(1), "gluten.requests")
    assert after == before.replace("value=2i", "value=3i")


def test_what_is_in_flight_is_known_of_the_newest_second_alone() -> None:
    found = written(batch_of(delta(0, 1), delta(1, 1)), "gluten.in_flight")
    assert [line.rpartition(" ")[2] for line in found] == ["12000000000"]


@pytest.mark.parametrize(
    ("name", "tag"),
    [("a b", "a\\ b"), ("a,b=c", "a\\,b\\=c"), ("GET /x\\", "GET\\ /x"), ("a\\b", "a\\b"), ("ü", "ü")],
)
def test_names_are_escaped(name: str, tag: str) -> None:
    (line,) = written(batch_of(delta(0, 1, name=name)), "gluten.good")
    assert f",request={tag} value=" in line


def test_an_empty_name_is_no_tag() -> None:
    (line,) = written(batch_of(delta(0, 1), head=HEAD._replace(name="")), "gluten.good")
    assert line.startswith("gluten.good,run=ab12,node=n1,request=buy ")


def test_an_event_is_a_text() -> None:
    line = event_line(Event(HEAD, 5, "slo", 'missed: "p99 < 1s"\\', "n1", 3))
    assert line == 'gluten.event,run=ab12,name=shop,node=n1,kind=slo text="missed: \\"p99 < 1s\\"\\\\" 5'


def test_the_path_has_to_be_named() -> None:
    with pytest.raises(ConfigError, match="the path is missing"):
        destination(INFLUX, "http://influx:8086")


def test_a_server_gets_the_lines_of_each_second_and_their_events() -> None:
    got: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.path, self.headers["Authorization"], body.decode()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Tests need no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}/api/v2/write?org=me&bucket=load"
        feed, told = Feed(destination(INFLUX, url, ["Authorization: Token abc"]), 10.0), list[str]()
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        feed.send(messages.run("ab12", "shop", 10.0))
        feed.send(messages.event("ab12", 10.5, "started", "it began", "n1", 0))
        for second in range(2):
            feed.send(messages.delta("ab12", "n1", pack(delta(second, 1000))))
            feed.send(messages.second("ab12", second, [("p99 < 1s", True)], "n1"))
        feed.finish(told.append)
        server.shutdown()
    assert (len(got), told) == (2, [])
    assert {each[:2] for each in got} == {("/api/v2/write?org=me&bucket=load", "Token abc")}
    assert 'gluten.event,run=ab12,name=shop,node=n1,kind=started text="it began" 10500000000\n' in got[0][2]
    assert "gluten.slo,run=ab12,name=shop,node=n1,slo=p99\\ <\\ 1s value=1i 12000000000\n" in got[1][2]
