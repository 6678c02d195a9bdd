"""How peers are called and how their outputs are read. The outputs are those of the tools, shortened."""

from __future__ import annotations

import pytest

from bench import cases, peers
from bench.cases import Case
from bench.equip import with_base
from bench.peers import Measurement, Reading, Unable
from gluten.cli.main import command_line

URL = "http://127.0.0.1:1234/plain"
PLAIN = Case("plain", "", "/plain", 1.0)
CLOSE = Case("close", "", "/plain", 1.0, keepalive=False)
CHUNKED = Case("chunked", "", "/plain", 1.0, chunked=True)
TLS = Case("tls", "", "/plain", 1.0, tls=True)
GZIP = Case("gzip", "", "/plain", 1.0, chunked=True, headers=("Accept-Encoding: gzip",))
SHARED = Case("shared", "", "/plain", 1.0, connections=16, threads=2)

WRK = """Running 2s test @ http://127.0.0.1:18080/
    Latency     1.50ms    4.88ms  52.50ms   94.97%
  291234 requests in 2.01s, 44.16MB read
  Socket errors: connect 1, read 2, write 3, timeout 9
  Non-2xx or 3xx responses: 4
Requests/sec: 144726.43
"""
AB = """Complete requests:      244301
Failed requests:        2
   (Connect: 0, Receive: 0, Length: 2, Exceptions: 0)
Requests per second:    244299.78 [#/sec] (mean)
"""
HEY = """  Requests/sec:	49785.7720
Status code distribution:
  [200]	49815 responses
  [500]	5 responses
Error distribution:
  [7]	Get "http://127.0.0.1:1/": connection refused
"""
H2LOAD = """finished in 1.00s, 208937.00 req/s, 31.68MB/s
requests: 208937 total, 209001 started, 208937 done, 208930 succeeded, 7 failed, 1 errored, 0 timeout
"""
AUTOCANNON = '{"2xx": 90, "non2xx": 10, "errors": 1, "timeouts": 2, "duration": 2.0, "requests": {"total": 100}}'
LOCUST = '[{"num_requests": 110, "num_failures": 10, "start_time": 5.0, "last_request_timestamp": 7.0}]'
ARTILLERY = """Run id: t1
{"aggregate": {"counters": {"http.requests": 401, "http.responses": 400, "vusers.failed": 3},
"firstMetricAt": 1000, "lastMetricAt": 3000}}"""
GLUTEN = '{"requests": {"completed": 100, "failed": 3}, "status": {"200": 98, "503": 2}, "rate": 50.5}'
LATE = '{"requests": {"completed": 1, "failed": 0}, "status": {"200": 1}, "rate": 1.0, "lateness": {"p99": 212}}'


@pytest.mark.parametrize(
    ("name", "output", "reading"),
    [
        ("wrk2", WRK, Reading(291234, 1 + 2 + 3 + 4, 144726.43)),
        ("C loop", "completed 500\nseconds 2.0\n", Reading(500, 0, 250.0)),
        ("wrk", WRK, Reading(291234, 1 + 2 + 3 + 4, 144726.43)),
        ("ab", AB, Reading(244301, 2, 244299.78)),
        ("hey", HEY, Reading(49820, 7 + 5, 49785.772)),
        ("h2load", H2LOAD, Reading(208930, 7 + 1, 208937.0)),
        ("autocannon", AUTOCANNON, Reading(100, 10 + 1 + 2, 50.0)),
        ("locust", LOCUST, Reading(100, 10, 50.0)),
        ("GLuTEN", GLUTEN, Reading(100, 3 + 2, 50.5)),
        ("artillery", ARTILLERY, Reading(400, 3, 200.0)),
        ("GLuTEN", LATE, Reading(1, 0, 1.0, 212.0)),
    ],
)
def test_what_a_client_says_is_read(name: str, output: str, reading: Reading) -> None:
    assert peer(name).read(output) == reading


def peer(name: str) -> peers.Peer:
    return next(peer for peer in peers.PEERS if peer.name == name)


@pytest.mark.parametrize("name", [peer.name for peer in peers.PEERS])
def test_nonsense_is_refused_with_a_value_error(name: str) -> None:
    with pytest.raises(ValueError):
        peer(name).read("nonsense")


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("C loop", TLS),
        ("C loop", Case("puma", "", bound=1.1, server="puma")),
        ("wrk2", PLAIN),
        ("ab", CHUNKED),
        ("h2load", CLOSE),
        ("autocannon", CLOSE),
        ("locust", GZIP),
    ],
)
def test_a_peer_that_cannot_do_a_case_says_so(name: str, case: Case) -> None:
    with pytest.raises(Unable):
        peer(name).command(Measurement(case, URL, 3))


def test_wrk_and_gluten_are_asked_for_the_same() -> None:
    measurement = Measurement(PLAIN, URL, 3)
    assert peer("wrk").command(measurement) == ["-t1", "-c64", "-d3s", URL]
    assert peer("GLuTEN").command(measurement) == ["run", "-t1", "-c64", "-d3s", "--format", "json", "--quiet", URL]


def test_both_get_the_threads_and_connections_of_the_case() -> None:
    assert peer("wrk").command(Measurement(SHARED, URL, 3))[:2] == ["-t2", "-c16"]
    assert peer("GLuTEN").command(Measurement(SHARED, URL, 3))[1:3] == ["-t2", "-c16"]


@pytest.mark.parametrize("name", ["wrk", "GLuTEN", "hey", "h2load", "autocannon"])
def test_the_headers_of_a_case_go_to_every_client(name: str) -> None:
    command = peer(name).command(Measurement(GZIP, URL, 3))
    assert command[command.index("-H") + 1] == "Accept-Encoding: gzip"


def test_the_loop_gets_headers_after_the_rate() -> None:
    assert peer("C loop").command(Measurement(GZIP, URL, 3))[-2:] == ["0", "Accept-Encoding: gzip"]


def test_wrk2_is_asked_as_wrk_is_with_a_rate() -> None:
    measurement = Measurement(PLAIN, URL, 3, 5000.0)
    assert peer("wrk2").command(measurement) == ["-R5000", *peer("wrk").command(measurement)]


def test_a_rate_goes_to_gluten() -> None:
    assert "-R5000" in peer("GLuTEN").command(Measurement(PLAIN, URL, 3, 5000.2))


def test_every_peer_that_can_be_missing_says_what_brings_it() -> None:
    assert [peer.name for peer in peers.PEERS if not peer.brings] == ["GLuTEN"]


def test_an_unknown_case_or_peer_is_named() -> None:
    with pytest.raises(ValueError, match="no such case: odd"):
        cases.named("plain,odd")
    with pytest.raises(ValueError, match="no such peer: odd"):
        peers.named("wrk,odd")


def test_peers_may_be_named_in_any_case() -> None:
    assert peers.named("gluten,WRK,c loop") == {"GLuTEN", "wrk", "C loop"}


def test_the_loop_is_paced_like_gluten() -> None:
    assert peer("C loop").command(Measurement(PLAIN, URL, 3, 5000.0))[-2:] == ["keep", "5000"]
    assert peer("C loop").command(Measurement(PLAIN, URL, 3))[-1] == "keep"


def test_a_workload_is_run_by_gluten_from_its_file_and_by_wrk_from_its_script() -> None:
    case = cases.named("template")[0]
    ours = peers.gluten_command(Measurement(case, URL, 3))
    assert ours[-3:-1] == ["--url", "http://127.0.0.1:1234"]
    assert ours[-1].endswith("workloads/template.toml")
    theirs = peers.wrk_command(Measurement(case, URL, 3))
    assert theirs[theirs.index("-s") + 1].endswith("workloads/template.lua")
    assert theirs[-3:-1] == [URL, "--"]


def test_a_scenario_is_run_by_each_rival_from_its_own_file_and_wrk_sends_the_plain_request() -> None:
    case = cases.named("session")[0]
    assert case.only == ("GLuTEN", "before", "wrk", "artillery", "locust")
    asked = Measurement(case, "http://127.0.0.1:1234/step", 10)
    assert peer("artillery").command(asked)[-1].endswith("workloads/session.yml")
    assert "/session_locust.py" in peer("locust").command(asked)[1]
    assert "-s" not in peers.wrk_command(asked)
    with pytest.raises(Unable, match="no closed loop"):
        peer("artillery").command(Measurement(PLAIN, URL, 3))


def test_a_mix_is_compared_with_the_same_load_of_one_url() -> None:
    case = cases.named("mix5")[0]
    subject = next(peer for peer in peers.PEERS if peer.name == cases.SUBJECT)
    assert with_base([subject], cases.named("plain")[0]) == [subject]
    ours, one = with_base([subject], case)
    assert (ours, one.name) == (subject, case.base)
    assert one.command(Measurement(case, URL, 3)) == [*subject.command(Measurement(case, URL, 3))[:-3], URL]


def test_over_http2_h2load_is_asked_for_the_same() -> None:
    case = cases.named("h2x10")[0]
    assert case.only == ("GLuTEN", "before", "h2load", "over HTTP/1.1")
    asked = Measurement(case, "http://127.0.0.1:1235/plain", 3, http1=URL)
    assert peer("h2load").command(asked) == ["-m10", "-t1", "-c", "64", "-D", "3", asked.url]
    assert peer("GLuTEN").command(asked)[-3:] == ["--http2", "--streams=10", asked.url]
    assert peer("h2load").command(Measurement(PLAIN, URL, 3))[0] == "--h1"


def test_ten_streams_are_compared_with_the_same_connections_over_http1() -> None:
    case = cases.named("h2x10")[0]
    asked = Measurement(case, "http://127.0.0.1:1235/plain", 3, http1=URL)
    _, over = with_base([peer("GLuTEN")], case)
    assert (over.name, over.command(asked)) == (cases.HTTP1, peer("GLuTEN").command(Measurement(PLAIN, URL, 3)))


@pytest.mark.parametrize("case", [case for case in cases.CASES if case.workload], ids=lambda case: case.name)
def test_the_workloads_are_right(case: Case) -> None:
    file = peers.gluten_command(Measurement(case, URL, 3))[-1]
    assert command_line(["check", file]) == 0
