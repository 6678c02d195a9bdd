"""`/api/v1/…` as scripts see it."""

from __future__ import annotations

import json
from typing import Any

import gevent
import pytest
from gevent.event import Event

from gluten.errors import StoreError
from gluten.listing import EVERY, Listing
from gluten.task.task import Task
from gluten.webui.app import Wsgi, make_app
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import keyed_gate, open_gate
from tests.support.web.wsgi import call, get, post


def test_runs_are_listed_newest_first_in_pages(app: Wsgi) -> None:
    first = get(app, "/api/v1/runs?limit=10").json()
    assert [run["number"] for run in first["runs"]] == list(range(16, 6, -1))
    rest = get(app, f"/api/v1/runs?limit=10&before={first['next']}").json()
    assert [run["number"] for run in rest["runs"]] == list(range(6, 0, -1))
    assert rest["next"] is None


def test_runs_are_searched(app: Wsgi) -> None:
    assert [run["number"] for run in get(app, "/api/v1/runs?search=NOBODY").json()["runs"]] == [15]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", [15]),
        ("verdict=suspect", [16]),
        ("name=nobody+there", [15]),
        ("name=nobody", []),
        ("state=stopped&verdict=valid", []),
        ("sort=duration&limit=2", [14, 13]),
        ("sort=requests&order=asc&limit=1&state=finished", [2]),
        ("sort=number&order=asc&limit=2", [1, 2]),
    ],
)
def test_runs_are_narrowed_and_sorted(app: Wsgi, query: str, found: list[int]) -> None:
    shown = get(app, f"/api/v1/runs?{query}").json()
    assert [run["number"] for run in shown["runs"]] == found
    assert shown["next"] is None, "a page follows only in the order of the numbers"
    assert [run["number"] for run in get(app, f"/api/v1/overview?{query}").json()["runs"]] == found


@pytest.mark.parametrize("query", ["state=over", "verdict=good", "sort=url", "order=up", f"name={'n' * 201}"])
def test_what_no_list_can_be_narrowed_by_is_refused(app: Wsgi, query: str) -> None:
    for path in ("/api/v1/runs", "/api/v1/overview", "/"):
        reply = get(app, f"{path}?{query}")
        assert reply.status == 400
        assert reply.json()["error"]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["seconds?", "report?", "events?after=0&"])
def test_rows_have_the_named_request_that_is_asked_for(app: Wsgi, master: FakeMaster, path: str) -> None:
    run = master.add(Task("http://t.test/shop", 1, 1, 5.0))
    for second in range(3):
        run.advance(second)
    run.end("finished")
    for query, names in (("", ["home", "search", "order <b>"]), ("request=", []), ("request=search", ["search"])):
        text = get(app, f"/api/v1/runs/{run.number}/{path}{query}").text
        data = json.loads(text.rpartition("data: ")[2])
        rows = data.get("rows", data.get("seconds"))
        assert [list(row.get("by_request", ())) for row in rows[:2]] == [names, names]
    assert get(app, f"/api/v1/runs/{run.number}/{path}request={'n' * 1001}").status == 400


def test_the_names_of_runs_are_listed(app: Wsgi) -> None:
    names = get(app, "/api/v1/names").json()["names"]
    assert names[1] == {"name": "nobody there", "runs": 1, "last": 15}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=x", "limit=-1", "before=²", "limit=" + "9" * 5000, "before=" + "0" * 5000],
)
def test_a_wrong_number_in_the_query_is_refused(app: Wsgi, query: str) -> None:
    reply = get(app, f"/api/v1/runs?{query}")
    assert reply.status == 400
    assert reply.json()["error"]["field"] == query.partition("=")[0]


def test_a_run_is_created_with_its_place_named(app: Wsgi, master: FakeMaster) -> None:
    reply = post(app, "/api/v1/runs", {"url": "http://t.test/", "threads": 3, "connections": "30", "rate": "1.5k"})
    run = reply.json()
    assert reply.status == 201
    assert reply.headers["Location"] == f"/runs/{run['id']}"
    assert master.find("last").task.rate == 1500
    assert (run["state"], run["number"]) == ("queued", 17)


def test_the_same_key_is_the_same_run(app: Wsgi) -> None:
    replies = [post(app, "/api/v1/runs", {"url": "http://t.test/"}, Idempotency_Key="k1").json() for _ in "ab"]
    assert replies[0]["id"] == replies[1]["id"]


def test_a_wrong_task_is_refused_with_its_field(app: Wsgi) -> None:
    reply = post(app, "/api/v1/runs", {"url": "t.test"})
    assert reply.status == 400
    assert reply.json()["error"]["field"] == "url"
    assert reply.body.count(b"\n") == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 100_000, b'{"name": "\\ud800"}'])
def test_a_body_that_is_not_an_object_is_refused(app: Wsgi, body: bytes) -> None:
    reply = call(app, "POST", "/api/v1/runs", body=body, Content_Type="application/json")
    assert reply.status == 400
    assert reply.json()["error"]["field"] == "body"


def test_a_body_beyond_the_limit_is_refused_unread(app: Wsgi) -> None:
    reply = call(app, "POST", "/api/v1/runs", body=b"{}", Content_Type="application/json", Content_Length=str(9 << 20))
    assert reply.status == 413


def test_a_trial_is_of_the_task_that_a_run_would_have(app: Wsgi, master: FakeMaster) -> None:
    asked = {"url": "http://t.test/a?token=s3cret", "rate": "1.5k"}
    assert post(app, "/api/v1/tasks/try", asked).json() == {"good": True, "requests": [], "reason": ""}
    assert [task.rate for task in master.attempts] == [1500.0]
    assert len(master.all) == 16, "no run is created"
    assert post(app, "/api/v1/tasks/try", {"url": "t.test"}).json()["error"]["field"] == "url"
    assert len(master.attempts) == 1


def test_a_check_creates_nothing(app: Wsgi, master: FakeMaster) -> None:
    good = post(app, "/api/v1/tasks/check", {"url": "http://t.test/"}).json()
    assert good["ok"]
    assert good["command"] == "gluten.pyz submit --master master.test:8888 -d 10s http://t.test/"
    assert good["planned"] is None
    stages = post(app, "/api/v1/tasks/check", {"url": "http://t.test/", "stages": "0s:0,30s:1k,2m:1k"}).json()
    assert stages["planned"] == 105_000
    bad = post(app, "/api/v1/tasks/check", {"url": "http://t.test/", "threads": 0}).json()
    assert [error["field"] for error in bad["errors"]] == ["threads"]
    assert len(master.all) == 16


@pytest.mark.parametrize("ref", ["17", "nothing", "%00", "a" * 5000])
def test_an_unknown_run_is_404_everywhere(app: Wsgi, ref: str) -> None:
    for path in ("", "/report", "/events", "/seconds"):
        reply = get(app, f"/api/v1/runs/{ref}{path}")
        assert reply.status == 404, path
        assert "no such run" in reply.json()["error"]["message"]


def test_a_run_is_stopped_once(app: Wsgi) -> None:
    run = post(app, "/api/v1/runs", {"url": "http://t.test/"}).json()
    assert post(app, f"/api/v1/runs/{run['id']}/stop", {}).json()["state"] == "stopped"
    again = post(app, f"/api/v1/runs/{run['id']}/stop", {})
    assert again.status == 409
    assert "cannot be stopped" in again.json()["error"]["message"]


def test_the_rate_is_changed_with_the_command_lines_units(app: Wsgi, master: FakeMaster) -> None:
    run = post(app, "/api/v1/runs", {"url": "http://t.test/", "rate": 100}).json()
    master.find(run["id"]).state = "running"
    assert post(app, f"/api/v1/runs/{run['id']}/adjust", {"rate": "2k"}).json()["asked_rate"] == 2000
    assert post(app, f"/api/v1/runs/{run['id']}/adjust", {"rate": 50.5}).json()["asked_rate"] == 50.5


@pytest.mark.parametrize("rate", [None, "fast", True, [], -1, 1e300])
def test_a_wrong_rate_is_refused(app: Wsgi, master: FakeMaster, rate: Any) -> None:
    run = post(app, "/api/v1/runs", {"url": "http://t.test/", "rate": 100}).json()
    master.find(run["id"]).state = "running"
    assert post(app, f"/api/v1/runs/{run['id']}/adjust", {"rate": rate}).status == 400


def test_a_report_comes_in_every_format(app: Wsgi) -> None:
    kinds = {
        "json": "application/json",
        "text": "text/plain",
        "csv": "text/csv",
        "html": "text/html",
        "hdr": "text/plain",
    }
    for name, kind in kinds.items():
        reply = get(app, f"/api/v1/runs/12/report?format={name}")
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith(kind)
        assert "gluten-run-12." in reply.headers["Content-Disposition"]
    assert get(app, "/api/v1/runs/12/report").json()["schema"] == "gluten.report/1"
    assert get(app, "/api/v1/runs/12/report?seconds=0").json()["seconds"] == []
    assert get(app, "/api/v1/runs/12/report?format=xml").json()["error"]["field"] == "format"


def test_a_report_in_html_never_runs_as_a_page_of_the_master(app: Wsgi) -> None:
    reply = get(app, "/api/v1/runs/12/report?format=html")
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_answers_do_not_mix_while_one_waits(master: FakeMaster) -> None:
    """bottle's request and response belong to the thread, not to the greenlet, so our code must not depend on them."""

    others_are_answered = Event()

    class Slow(FakeMaster):
        def run(self, ref: str) -> Any:
            if ref == "12":
                assert others_are_answered.wait(20)
            return super().run(ref)

    slow = Slow()
    slow.all = master.all
    app = make_app(slow, open_gate())
    waiting = [gevent.spawn(get, app, "/api/v1/runs/12") for _ in range(3)]
    gevent.sleep(0)
    assert get(app, "/runs/13", Accept="text/html").headers["Content-Type"].startswith("text/html")
    assert get(app, "/api/v1/runs/999").status == 404
    others_are_answered.set()
    for greenlet in waiting:
        reply = greenlet.get(timeout=5)
        assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
        assert reply.json()["number"] == 12


class Away(FakeMaster):
    """A master whose database is away."""

    def runs(self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY) -> list[Any]:
        raise StoreError("database: connection refused; is it running?")


def test_a_database_that_is_away_is_503(master: FakeMaster) -> None:
    app = make_app(Away(), open_gate())
    for path in ("/api/v1/runs", "/readyz", "/", "/metrics"):
        assert get(app, path).status == 503
    assert get(app, "/healthz").status == 200
    page = get(app, "/", Accept="text/html")
    assert page.status == 503
    assert "connection refused" in page.text


def test_readiness_is_what_the_node_says() -> None:
    assert get(make_app(FakeMaster(), open_gate(), ready=lambda: ""), "/readyz").json() == {"status": "ready"}
    reply = get(make_app(FakeMaster(), open_gate(), ready=lambda: "it starts"), "/readyz")
    assert (reply.status, reply.json()["error"]["message"]) == (503, "it starts")


class Broken(FakeMaster):
    def nodes(self) -> list[Any]:
        raise ZeroDivisionError("secret detail")


def test_an_internal_error_shows_no_details() -> None:
    reply = get(make_app(Broken(), open_gate()), "/api/v1/nodes")
    assert reply.status == 500
    assert "secret" not in reply.text


def test_a_run_is_pinned_listed_and_taken_back(app: Wsgi) -> None:
    run = get(app, "/api/v1/runs/3").json()
    assert post(app, "/api/v1/runs/3/pin", {}).json()["id"] == run["id"]
    known = {"name": run["name"], "run": run["id"], "number": 3}
    assert get(app, "/api/v1/baselines").json() == {"baselines": [known]}
    assert post(app, "/api/v1/runs/3/pin", {"pinned": False}).status == 200
    assert get(app, "/api/v1/baselines").json() == {"baselines": []}
    assert post(app, "/api/v1/runs/3/pin", {"pinned": "x"}).status == 400


def test_a_run_is_deleted_and_that_is_recorded(master: FakeMaster) -> None:
    app = make_app(master, keyed_gate(None, open=True, note=master.note))
    run = get(app, "/api/v1/runs/3").json()["id"]
    reply = call(app, "DELETE", "/api/v1/runs/3")
    assert (reply.status, reply.json()["id"]) == (200, run)
    assert master.deleted == [run]
    assert [(deed.action, deed.run, deed.detail) for deed in master.noted] == [("delete", run, "run 3")]
    assert call(app, "DELETE", "/api/v1/runs/999").status == 404


def test_runs_are_compared_with_the_first(app: Wsgi) -> None:
    found = get(app, "/api/v1/compare?runs=2,3,2").json()
    assert [run["number"] for run in found["runs"]] == [2, 3, 2]
    assert [pair["a"] == found["runs"][0]["id"] for pair in found["pairs"]] == [True, True]
    assert all(one["change"] == 0 and one["exceeds_noise"] is not True for one in found["pairs"][1]["differences"])


@pytest.mark.parametrize("runs", ["", "1", ",".join(["1"] * 11)])
def test_a_comparison_needs_two_runs_and_takes_ten(app: Wsgi, runs: str) -> None:
    reply = get(app, f"/api/v1/compare?runs={runs}")
    assert (reply.status, reply.json()["error"]["field"]) == (400, "runs")


def test_a_window_of_a_run_has_its_own_percentiles(app: Wsgi) -> None:
    whole, part = (get(app, f"/api/v1/runs/14/window?{query}").json() for query in ("", "from=20&to=25"))
    assert whole["completed"] == get(app, "/api/v1/runs/14").json()["completed"]
    assert part["seconds"] == 5
    assert part["response_time"]["p50"] > 4 * whole["response_time"]["p50"]


@pytest.mark.parametrize("query", ["from=x", "from=5&to=5", "to=0", "from=-1"])
def test_a_window_that_is_none_is_refused(app: Wsgi, query: str) -> None:
    assert get(app, f"/api/v1/runs/14/window?{query}").status == 400


def test_notes_are_written_and_read(app: Wsgi) -> None:
    assert get(app, "/api/v1/runs/3/notes").json() == {"text": ""}
    assert post(app, "/api/v1/runs/3/notes", {"text": " warm <b> "}).json() == {"text": "warm <b>"}
    assert get(app, "/api/v1/runs/3/notes").json() == {"text": "warm <b>"}


@pytest.mark.parametrize("text", [None, 5, ["x"], "x" * 10_001])
def test_wrong_notes_are_refused(app: Wsgi, text: Any) -> None:
    reply = post(app, "/api/v1/runs/3/notes", {"text": text})
    assert (reply.status, reply.json()["error"]["field"]) == (400, "text")
