"""The reading process answers from the store what the master itself would answer."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bench import longrun
from gluten.errors import NotFound, WrongState
from gluten.net import gluten_pb2 as pb
from gluten.net.rpc import convert
from gluten.net.rpc.lengths import cut
from gluten.reading import shipment
from gluten.reading.answerer import Answerer
from gluten.reading.counts import counts
from gluten.reading.stored_runs import StoredRuns
from gluten.report.formats.export import FORMATS
from gluten.store.store import Store, to_read
from gluten.webui.api.answers import Question, answer
from gluten.webui.api.prometheus.kept_counts import read_line
from tests.support import reports

SECONDS, NODES = 20, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("answerer")
    store = Store.open("", made)
    longrun.write(store, SECONDS, NODES)
    store.close()
    return made


def reply(folder: Path, kind: str, *refs: str, packed: bool = False, shipped: Any = None, **more: Any) -> Any:
    message = {"kind": kind, "refs": list(refs), "more": more, "gzip": packed, "base": "http://m"}
    head, file = Answerer(to_read("", folder), FORMATS).reply(message, shipped, folder)
    with file:
        file.seek(0)
        body = file.read()
    assert head["size"] == len(body)
    return head, body


REPORT = {"seconds": True, "hdr": True, "download": False}


@pytest.mark.parametrize("wanted", sorted(FORMATS))
def test_a_report_is_the_master_s_own_in_each_format(folder: Path, wanted: str) -> None:
    store = Store.open("", folder)
    question = Question("report", ("1",), {"format": wanted, **REPORT})
    head, body = reply(folder, "report", "1", format=wanted, **REPORT)
    expected = answer(Stored(store), FORMATS, question)
    assert (head["status"], head["headers"], body) == (200, expected.headers, expected.body)
    store.close()


class Stored:
    """What the master's own store has."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, ref: str, request: str | None = None) -> Any:
        run = self._store.run(ref)
        assert run.report is not None
        return run.report | {"link": f"http://m/runs/{run.id}"}

    def window(self, ref: str, first: int, last: int) -> Any:
        raise NotImplementedError

    def update(self, ref: str, after: int = 0, request: str | None = None) -> Any:
        raise NotImplementedError


def test_a_long_answer_is_compressed_where_that_is_wanted(folder: Path) -> None:
    head, body = reply(folder, "report", "1", packed=True, format="json", **REPORT)
    assert head["headers"]["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == reply(folder, "report", "1", format="json", **REPORT)[1]
    assert "Content-Encoding" not in reply(folder, "report", "1", packed=True, format="text", **REPORT)[0]["headers"]


def test_a_window_is_summed_up_from_the_deltas(folder: Path) -> None:
    found = json.loads(reply(folder, "window", "1", first=3, last=8)[1])
    assert (found["completed"], found["from"], found["to"]) == (5 * NODES * longrun.EACH, 3, 8)


def test_all_seconds_come_as_json_as_events_and_as_messages_of_grpc(folder: Path) -> None:
    update = json.loads(reply(folder, "seconds", "1", after=0)[1])
    assert ([row["second"] for row in update["rows"]], update["final"]) == (list(range(SECONDS)), True)
    assert not any("hdr" in row for row in update["rows"])
    events = reply(folder, "events", "1", after=0, again=False)[1].decode()
    assert json.loads(events.split("data: ")[1]) == update
    assert reply(folder, "events", "1", after=update["version"], again=True)[0]["status"] == 204
    parts = [pb.Update.FromString(one) for one in cut([reply(folder, "updates", "1", after=0)[1]])]
    assert [row["second"] for part in parts for row in convert.update_from_proto(part)["rows"]] == list(range(SECONDS))
    # A version from before the master was restarted is higher than all of this one's.
    parts = [pb.Update.FromString(one) for one in cut([reply(folder, "updates", "1", after=1 << 40)[1]])]
    assert sum(len(part.rows) for part in parts) == SECONDS


def test_runs_that_are_not_stored_come_along(folder: Path) -> None:
    live, file = reports.closed() | {"id": "live"}, io.BytesIO()
    shipment.write(file, [live], lambda: None)
    file.seek(0)
    found = json.loads(reply(folder, "compare", "1", "live", shipped=file)[1])
    assert [run["id"] for run in found["runs"]] == [Store.open("", folder).run("1").id, "live"]


def test_an_unknown_run_is_an_error(folder: Path) -> None:
    with pytest.raises(NotFound):
        reply(folder, "plain_report", "99")


def test_a_run_that_is_too_long_to_be_counted_is_refused(folder: Path) -> None:
    with pytest.raises(WrongState, match="run 1 is too long"):
        counts(StoredRuns(to_read("", folder), "http://m", {}), Question("counts", ("1",)), longest=-1.0)


def test_the_counts_of_each_request_are_those_of_the_report(folder: Path) -> None:
    head, body = reply(folder, "counts", "1")
    store = Store.open("", folder)
    report = store.run("1").report
    store.close()
    assert head["status"] == 200
    assert report is not None
    found = dict(read_line(line) for line in body.splitlines())
    assert found.keys() == {part["name"] for part in report["by_request"]}
    for part in report["by_request"]:
        counted = found[part["name"]]
        assert {labels["status"]: count for labels, count in counted.ends if "status" in labels} == part["status"]
        assert {labels["error"]: count for labels, count in counted.ends if "error" in labels} == part["errors"]
        assert {labels["direction"]: count for labels, count in counted.sizes} == part["bytes"]
        assert counted.times.number == part["completed"]
        assert counted.times.total == pytest.approx(part["response_time"]["mean"] * part["completed"] / 1e6, rel=1e-4)
