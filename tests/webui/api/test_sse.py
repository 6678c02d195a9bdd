"""The event stream: exactly what a reader has not seen, then the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluten.errors import StoreError
from gluten.task.task import Task
from gluten.webui.api import sse
from gluten.webui.api.sse import PIECE, events_of, pieces_of, stream
from gluten.webui.app import Wsgi
from tests.support.web.fake_master import FakeMaster
from tests.support.web.wsgi import get


def read(text: str) -> list[Any]:
    """The events of a stream: kind, id, data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append({"kind": fields["event"], "id": fields.get("id"), "data": json.loads(fields["data"])})
    return found


def seconds(events: list[Any]) -> list[int]:
    return [row["second"] for event in events for row in event["data"]["rows"]]


def test_an_ended_run_is_sent_completely_and_the_stream_ends(app: Wsgi, master: FakeMaster) -> None:
    reply = get(app, "/api/v1/runs/12/events")
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert "no-cache" in reply.headers["Cache-Control"]
    assert reply.headers["X-Accel-Buffering"] == "no"
    events = read(reply.text)
    assert seconds(events) == sorted(master.find("12").rows)
    assert events[-1]["data"]["final"]
    assert events[-1]["id"] == str(master.find("12").version)


def test_a_reader_that_comes_back_gets_exactly_the_rest(app: Wsgi, master: FakeMaster) -> None:
    run = master.find("12")
    version = run.rows[20]["version"]
    expected = sorted(second for second, row in run.rows.items() if row["version"] > version)
    assert seconds(read(get(app, "/api/v1/runs/12/events", Last_Event_ID=str(version)).text)) == expected
    assert seconds(read(get(app, f"/api/v1/runs/12/events?after={version}").text)) == expected
    both = get(app, "/api/v1/runs/12/events?after=0", Last_Event_ID=str(version))
    assert seconds(read(both.text)) == expected


def test_a_reader_that_has_all_of_an_ended_run_is_asked_not_to_reconnect(app: Wsgi, master: FakeMaster) -> None:
    assert get(app, "/api/v1/runs/12/events", Last_Event_ID=str(master.find("12").version)).status == 204


def test_a_strange_last_id_counts_as_none(app: Wsgi) -> None:
    for text in ("x", "-1", "9" * 400, "²"):
        assert get(app, "/api/v1/runs/12/events", Last_Event_ID=text).status == 200


def test_a_live_run_is_followed_row_by_row_to_its_end(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/"))
    run.state = "running"
    run.advance(0)
    chunks = stream(master, run.id, master.update(run.id), 0.05)
    assert next(chunks).startswith(b"retry:")
    assert seconds(read(next(chunks).decode())) == [0]
    run.advance(1)
    # The second that was there before has grown meanwhile: it comes again.
    assert seconds(read(next(chunks).decode())) == [0, 1]
    assert next(chunks).startswith(b":")
    run.end("finished")
    assert read(b"".join(chunks).decode())[-1]["data"]["run"]["state"] == "finished"


def test_only_the_last_piece_of_a_long_history_has_an_id(master: FakeMaster) -> None:
    run = master.add(Task("http://t.test/"))
    for second in range(400):
        run.advance(second)
    update = master.update(run.id) | {"final": True}
    events = read(b"".join(events_of(update)).decode())
    count = len(events)
    assert count >= 3
    assert [event["id"] for event in events] == [None] * (count - 1) + [str(run.version)]
    assert [event["data"]["final"] for event in events] == [False] * (count - 1) + [True]
    assert seconds(events) == list(range(400))
    assert sum(len(event["data"]["events"]) for event in events) == len(update["events"])


@pytest.mark.parametrize(
    ("sizes", "pieces"),
    [
        ([], [0]),
        ([PIECE], [1]),
        ([PIECE // 2, PIECE // 2], [2]),
        ([PIECE // 2, PIECE // 2, 100], [2, 1]),
        ([2 * PIECE, 100, 2 * PIECE], [1, 1, 1]),
    ],
    ids=["none", "one", "two that fit", "one too many", "larger than a piece"],
)
def test_rows_are_sent_in_pieces_of_bytes(sizes: list[int], pieces: list[int]) -> None:
    events = read(b"".join(events_of(rows_of_bytes(sizes))).decode())
    assert [len(event["data"]["rows"]) for event in events] == pieces


@pytest.mark.parametrize("sizes", [[], [100], [PIECE // 2] * 5], ids=["none", "one", "in pieces"])
def test_an_update_in_pieces_is_the_same_json(sizes: list[int]) -> None:
    update = rows_of_bytes(sizes)
    assert json.loads(b"".join(pieces_of(update))) == update


def rows_of_bytes(sizes: list[int]) -> Any:
    """Rows whose JSON has so many bytes each."""
    rows = [{"text": "é" * ((size - 11) // 2) + "x" * ((size - 11) % 2)} for size in sizes]
    return {"version": 9, "run": {}, "rows": rows, "events": [], "final": False}


def test_a_store_that_goes_away_is_reported_in_the_stream(master: FakeMaster) -> None:
    class Leaves(FakeMaster):
        def wait(self, ref: str, after: int, timeout: float, request: str | None = None) -> Any:
            raise StoreError("database: away")

    run = Leaves().add(Task("http://t.test/"))
    leaves = Leaves()
    leaves.all = [run]
    last = read(b"".join(stream(leaves, run.id, leaves.update(run.id))).decode())[-1]
    assert (last["kind"], last["data"]["message"]) == ("trouble", "database: away")


def test_no_line_break_of_a_text_breaks_an_event() -> None:
    assert sse.event("x", {"text": "a\n\r\u2028b"}).count(b"\n") == 3


def test_only_the_last_piece_of_an_update_is_whole() -> None:
    pieces = read(b"".join(events_of(rows_of_bytes([PIECE, 100]))).decode())
    assert [event["data"].get("more", False) for event in pieces] == [True, False]
