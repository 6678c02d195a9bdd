"""`/metrics` follows OpenMetrics 1.0.0."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from gluten.listing import EVERY, Listing
from gluten.task.task import Task
from gluten.webui.api.metrics import LINGER, LOOK_BACK, PAGE, _counters, _verdicts, metrics
from gluten.webui.api.openmetrics import render
from gluten.webui.api.prometheus.distribution import BOUNDS
from gluten.webui.api.recalled import Recalled
from gluten.webui.app import Wsgi, make_app
from gluten.webui.http.web_request import Request
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import open_gate
from tests.support.web.wsgi import get

SAMPLE = re.compile(r'([a-z0-9_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?[0-9.e+-]+)')


def families(text: str) -> dict[str, str]:
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))


def test_the_text_is_well_formed(app: Wsgi, master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/", name='a "b"\\\nc', rate=100.0))
    run.state = "running"
    run.advance(0)
    reply = get(app, "/metrics")
    assert reply.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert reply.text.endswith("# EOF\n")
    known = families(reply.text)
    suffix = {"counter": ["_total"], "info": ["_info"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
    allowed = {name + end for name, kind in known.items() for end in suffix[kind]}
    for line in reply.text.splitlines():
        if not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match is not None, line
            assert match[1] in allowed


def test_a_unit_is_the_end_of_the_name(app: Wsgi) -> None:
    for name, unit in re.findall(r"^# UNIT (\S+) (\S+)$", get(app, "/metrics").text, re.M):
        assert name.endswith(f"_{unit}")


def test_the_run_under_way_is_counted(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/", rate=100.0))
    run.state = "running"
    run.advance(0)
    text = get(make_app(master, open_gate()), "/metrics").text
    labels = f'{{run="{run.id}",number="17",name=""}}'
    named = labels.replace("}", ',request="request"}')
    assert f"gluten_run_completed_requests_total{named} {run.total('completed')}\n" in text
    assert f"gluten_run_response_time_p50_seconds{named} 0.00183" in text
    assert f"gluten_run_asked_rate{labels} 100\n" in text
    assert "gluten_runs_active 1\n" in text
    assert 'gluten_nodes{state="alive"} 3\n' in text


def test_without_a_run_there_are_no_samples_of_one(app: Wsgi) -> None:
    assert "gluten_run_sent_requests_total" not in get(app, "/metrics").text


def test_the_counters_of_a_run_outlive_it_for_a_while(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/", rate=100.0))
    run.advance(0)
    run.end("finished")
    ended = datetime.fromisoformat(str(run.map()["ended_at"])).timestamp()
    request = Request.of({"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics"})
    for later, there in ((0.0, True), (LINGER - 1, True), (LINGER + 1, False)):
        text = bytes(metrics(master, request, ended + later, Recalled(None)).body).decode()  # type: ignore[arg-type]
        assert (f'gluten_run_sent_requests_total{{run="{run.id}"' in text) is there
        assert "gluten_run_achieved_rate{" not in text


def test_a_client_that_does_not_accept_openmetrics_gets_the_older_form(app: Wsgi, master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/", rate=100.0))
    run.state = "running"
    run.advance(0)
    reply = get(app, "/metrics", Accept="text/plain;version=0.0.4")
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    known = families(reply.text)
    assert set(known.values()) == {"counter", "gauge", "histogram"}
    assert known["gluten_run_sent_requests_total"] == "counter"
    assert "# EOF" not in reply.text
    assert "# UNIT" not in reply.text
    prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    assert get(app, "/metrics", Accept=prometheus).text.endswith("# EOF\n")


@pytest.mark.parametrize("accept", ["*/*", "text/html, */*;q=0.1"])
def test_a_client_that_takes_anything_gets_what_promtool_reads(app: Wsgi, accept: str) -> None:
    """curl sends */*, and `promtool check metrics` reads the older form alone."""
    reply = get(app, "/metrics", Accept=accept)
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# EOF" not in reply.text


def test_a_run_that_is_over_has_its_verdict_for_a_while(master: FakeMaster) -> None:
    run = {"id": "a" * 32, "number": 1, "name": "shop", "verdict": {"value": "suspect", "reasons": ["late"]}}
    queued = {"id": "b" * 32, "number": 2, "name": "", "verdict": None}
    labels = {"run": "a" * 32, "number": "1", "name": "shop", "verdict": "suspect"}
    assert _verdicts([run, queued]).samples == [(labels, 1.0)]
    assert "# TYPE gluten_run_verdict gauge" in get(make_app(master, open_gate()), "/metrics").text


def test_a_bad_status_is_counted_as_an_error_beside_what_failed(master: FakeMaster) -> None:
    run = {
        "id": "a" * 32,
        "number": 1,
        "name": "",
        "completed": 100,
        "good": 60,
        "failed": 5,
        "sent": 105,
        "dropped": 0,
    }
    found = {family.name: family.samples[0][1] for family in _counters([run])}
    assert found == {
        "gluten_run_sent_requests": 105,
        "gluten_run_completed_requests": 100,
        "gluten_run_good_requests": 60,
        "gluten_run_bad_status_requests": 40,
        "gluten_run_failed_requests": 5,
        "gluten_run_error_requests": 45,
        "gluten_run_dropped_requests": 0,
    }


def test_slos_hold_or_are_missed(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/", rate=100.0, slo=("errors < 90%", "p99 < 1us", "p99 of pay < 1s")))
    run.state = "running"
    run.advance(0)
    text = get(make_app(master, open_gate()), "/metrics").text
    labels = f'run="{run.id}",number="17",name=""'
    assert f'gluten_slo{{{labels},slo="errors < 90%"}} 1\n' in text
    assert f'gluten_slo{{{labels},slo="p99 < 1us"}} 0\n' in text
    assert "p99 of pay" not in text  # nothing was measured so far


OF_REQUESTS = ("_requests_total{", "_requests{", "achieved_rate{", "_p50_seconds{", "_p95_seconds{", "_p99_seconds{")
OF_THEIR_PARTS = ("gluten_run_requests_total{", "_bytes_total{", "_checks_total{", "response_time_seconds_")


def test_the_capacity_has_a_sample_for_each_end_that_is_known(master: FakeMaster) -> None:
    app = make_app(master, open_gate())
    assert "capacity" not in get(app, "/metrics").text
    run = master.add(Task("http://t.test/search"))
    run.state = "running"
    ends = re.compile(r'gluten_run_capacity_rate\{run="\w+",number="17",name="",bound="(\w+)"\} (\d+)')
    told = []
    for second in range(60):
        run.advance(second)
        if second in (0, 12, 59):
            told.append(dict(ends.findall(get(app, "/metrics").text)))
    assert [list(found) for found in told] == [[], ["holds"], ["holds", "misses"]]
    assert run.map()["capacity"]["holds"] == float(told[-1]["holds"])


def test_what_is_of_requests_is_told_by_their_names_and_has_no_total(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/shop", rate=100.0))
    run.state = "running"
    run.advance(0)
    run.advance(1)
    text = get(make_app(master, open_gate()), "/metrics").text
    of_parts = [line for line in text.splitlines() if "{" in line and any(part in line for part in OF_THEIR_PARTS)]
    lines = [line for line in text.splitlines() if "{" in line and any(part in line for part in OF_REQUESTS)]
    lines = [line for line in lines if line not in of_parts]
    assert len(lines) == 3 * (7 + 5)
    assert all(re.search(r',request="(home|search|order <b>)"[}] ', line) for line in lines)
    assert len(of_parts) == 3 * (1 + 2 + len(BOUNDS) + 3)  # one status, two directions; +Inf, count and sum
    assert all(re.search(r',request="(home|search|order <b>)"[,}]', line) for line in of_parts)
    found = {found["name"]: found for found in run.map()["by_request"]}
    sent = re.findall(r'gluten_run_sent_requests_total[{].*request="(.*)"[}] (\d+)', text)
    assert sent == [(name, str(found[name]["sent"])) for name in found]
    assert sum(int(count) for _, count in sent) == run.total("sent")
    (bad,) = re.findall(r'gluten_run_bad_status_requests_total[{].*request="order <b>"[}] (\d+)', text)
    assert int(bad) == found["order <b>"]["completed"] > 0


def test_a_name_is_escaped_as_a_label_is() -> None:
    part = {"name": 'a "b"\\', "sent": 1, "completed": 1, "good": 1, "failed": 0, "dropped": 0}
    run = {"id": "a", "number": 1, "name": "", "by_request": [part]}
    assert 'request="a \\"b\\"\\\\"} 1' in render(_counters([run]))


def test_sessions_are_told_by_scenario_and_group(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/users", 1, 1, 60.0))
    for second in range(20):
        run.advance(second)
    run.state = "running"
    text = get(make_app(master, open_gate()), "/metrics").text
    shown, labels = run.map(), f'run="{run.id}",number="{run.number}",name=""'
    for part in shown["by_scenario"]:
        for key in ("begun", "finished", "ended", "cut", "dropped", "good"):
            assert f'gluten_run_{key}_sessions_total{{{labels},scenario="{part["name"]}"}} {part[key]:g}\n' in text
        assert f'gluten_run_active_sessions{{{labels},scenario="{part["name"]}"}} {part["active"]:g}\n' in text
        assert f'gluten_run_session_time_p50_seconds{{{labels},scenario="{part["name"]}"}} 9.1\n' in text
    assert f'gluten_run_finished_groups_total{{{labels},group="checkout"}} ' in text
    assert f'gluten_run_group_time_p99_seconds{{{labels},group="checkout"}} 3.22' in text
    assert f'gluten_run_skipped_requests_total{{{labels},request="home"}} 7\n' in text


def test_without_scenarios_there_is_no_metric_of_sessions(master: FakeMaster) -> None:
    master.add_running()
    text = get(make_app(master, open_gate()), "/metrics").text
    assert not [name for name in families(text) if "session" in name or "group" in name or "skipped" in name]


def test_a_run_that_is_over_has_no_gauge_of_sessions(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/users", 1, 1, 60.0))
    run.advance(0)
    run.end("finished")
    ended = datetime.fromisoformat(str(run.map()["ended_at"])).timestamp()
    request = Request.of({"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics"})
    text = bytes(metrics(master, request, ended, Recalled(None)).body).decode()  # type: ignore[arg-type]
    assert "gluten_run_begun_sessions_total{" in text
    assert "gluten_run_active_sessions{" not in text


class Counts(FakeMaster):
    """Counts the runs that are read."""

    read = 0

    def runs(self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY) -> list[Any]:
        found = super().runs(limit, before, search, by)
        self.read += len(found)
        return found


@pytest.mark.parametrize(
    ("over", "waiting", "read"),
    [(300, 0, PAGE), (300, 1, 2 * PAGE), (300, PAGE, 2 * PAGE), (0, 300, LOOK_BACK), (5, 2, 7)],
    ids=["nothing is fresh", "one waits", "a page of them waits", "many wait", "few there are"],
)
def test_no_more_runs_are_read_than_are_shown(over: int, waiting: int, read: int) -> None:
    master = Counts()
    for _ in range(over):
        master.add(Task("http://t.test/")).end("finished")
    for _ in range(waiting):
        master.add(Task("http://t.test/"))
    request = Request("GET", "/metrics", {}, {}, "", {})
    text = str(
        metrics(master, request, datetime.fromisoformat("2040-01-01T00:00:00+00:00").timestamp(), Recalled(None)).body
    )
    assert f"gluten_runs_queued {min(waiting, LOOK_BACK)}" in text
    assert master.read == read
