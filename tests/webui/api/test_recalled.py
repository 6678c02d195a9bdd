"""After a restart of the master, `/metrics` has of a run that is over what it had before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import gevent
import pytest
from gevent.event import Event

from gluten.errors import Busy, NotFound, StoreError, WrongState
from gluten.task.task import Task
from gluten.webui.api.answers import Question
from gluten.webui.api.metrics import metrics
from gluten.webui.api.prometheus.kept_counts import COUNTS, line_of
from gluten.webui.api.recalled import MOST, Recalled
from gluten.webui.http.answer import Answer
from gluten.webui.http.web_request import Request
from tests.support.engine.hub import until
from tests.support.web.fake_master import FakeMaster

ACCEPTED = ("*/*", "application/openmetrics-text", "application/vnd.google.protobuf; encoding=delimited")


class Desk:
    """A reading process that has of each run what the master had at hand, or fails."""

    def __init__(self, master: FakeMaster, body: Callable[[bytes], Any] = bytes) -> None:
        self._lines = {run: b"".join(line_of(*one) for one in master.counted(run)) for run in map(id_of, master.runs())}
        self._body = body
        self.asked: list[Question] = []
        self.fails: Exception | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def about(self, run: str) -> list[str]:
        """The kinds of the questions about a run. The simulated master has others that are over."""
        return [question.kind for question in self.asked if question.refs == (run,)]

    def stored(self, ref: str) -> str | None:
        return ref

    def ask(self, asker: Any, question: Question, gzip: bool = False) -> Answer:
        self.asked.append(question)
        self.meanwhile()
        if self.fails is not None:
            raise self.fails
        return Answer(200, self._body(self._lines[question.refs[0]]))

    def expect(self, asker: Any) -> None:
        raise NotImplementedError

    def here(self, asker: Any, work: Any) -> Any:
        raise NotImplementedError


def id_of(run: Any) -> str:
    return str(run["id"])


def over(master: FakeMaster, path: str = "shop") -> str:
    """A run of a workload that is over."""
    run = master.add(Task(f"http://t.test/{path}", 1, 1, 60.0))
    for second in range(20):
        run.advance(second)
    run.end("finished")
    return str(run.id)


def told(master: FakeMaster, recalled: Recalled, accept: str = "*/*") -> bytes:
    request = Request.of({"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "HTTP_ACCEPT": accept})
    ended = datetime.fromisoformat(str(master.runs()[0]["ended_at"])).timestamp()
    body = metrics(master, request, ended, recalled).body
    assert isinstance(body, bytes)
    return body


def forget(master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master, "counted", lambda run: iter(()))


class Pieces:
    """An answer in parts that end anywhere."""

    open = 0

    def __init__(self, whole: bytes) -> None:
        self._parts = iter([whole[at : at + 700] for at in range(0, len(whole), 700)])
        Pieces.open += 1

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        Pieces.open -= 1


@pytest.mark.parametrize("body", [bytes, Pieces])
def test_nothing_of_it_changes(master: FakeMaster, monkeypatch: pytest.MonkeyPatch, body: Any) -> None:
    run = over(master)
    before = [told(master, Recalled(None), accept) for accept in ACCEPTED]
    assert b'gluten_run_requests_total{run="' in before[0]
    desk = Desk(master, body)
    forget(master, monkeypatch)
    recalled = Recalled(desk)
    assert [told(master, recalled, accept) for accept in ACCEPTED] == before
    assert desk.about(run) == [COUNTS]  # once
    assert Pieces.open == 0


def test_what_is_at_hand_is_not_asked_for(master: FakeMaster) -> None:
    over(master)
    desk = Desk(master)
    told(master, Recalled(desk))
    assert desk.asked == []


def test_who_asks_meanwhile_goes_without_it(master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    run = over(master)
    desk = Desk(master)
    forget(master, monkeypatch)
    recalled, seen = Recalled(desk), list[bytes]()
    desk.meanwhile = lambda: seen.append(told(master, recalled)) if len(desk.asked) == 1 else None
    wanted, sent = (f'gluten_run_{name}_total{{run="{run}"'.encode() for name in ("requests", "sent_requests"))
    assert wanted in told(master, recalled)
    assert desk.about(run) == [COUNTS]
    assert sent in seen[0]
    assert wanted not in seen[0]


def test_a_scrape_does_not_wait_long(master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    run = over(master, "one")
    desk, answered = Desk(master), Event()
    forget(master, monkeypatch)
    desk.meanwhile = answered.wait
    recalled, wanted = Recalled(desk, patience=0.01), f'gluten_run_requests_total{{run="{run}"'.encode()
    assert wanted not in told(master, recalled)
    answered.set()
    until(lambda: wanted in told(master, recalled))
    assert desk.about(run) == [COUNTS]


@pytest.mark.parametrize(
    ("failure", "asked"),
    [(Busy("others ask"), 2), (StoreError("it is away"), 2), (WrongState("too long"), 1), (NotFound("run 17"), 1)],
)
def test_where_it_cannot_be_read_the_rest_is_told(
    master: FakeMaster, monkeypatch: pytest.MonkeyPatch, failure: Exception, asked: int
) -> None:
    """A question is asked again if others ask much, or if the store is away. Other questions would fail again."""
    run = over(master)
    desk = Desk(master)
    forget(master, monkeypatch)
    desk.fails, recalled = failure, Recalled(desk)
    for _ in range(2):
        assert b"gluten_run_requests_total" not in told(master, recalled)
    assert len(desk.about(run)) == asked


def test_a_store_that_was_away_is_asked_again(master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    run = over(master)
    before = told(master, Recalled(None))
    desk = Desk(master)
    forget(master, monkeypatch)
    desk.fails, recalled = StoreError("it is away"), Recalled(desk, patience=60.0)
    assert told(master, recalled) != before
    desk.fails = None
    assert [told(master, recalled) for _ in range(2)] == [before] * 2
    assert desk.about(run) == [COUNTS] * 2


def test_a_store_that_is_away_delays_few_scrapes(master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second scrape waits a tenth of 10 s. Later ones do not wait: its question has no answer yet."""
    run = over(master)
    desk, answered = Desk(master), Event()
    forget(master, monkeypatch)
    desk.fails, recalled = StoreError("it is away"), Recalled(desk, patience=10.0)
    told(master, recalled)
    desk.meanwhile = answered.wait
    with gevent.Timeout(9.0):
        for _ in range(3):
            told(master, recalled)
    assert desk.about(run) == [COUNTS] * 2
    answered.set()


def test_so_many_runs_are_asked_for(master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [over(master, "one") for _ in range(MOST + 2)]
    desk = Desk(master)
    forget(master, monkeypatch)
    recalled = Recalled(desk)
    for _ in range(3):
        told(master, recalled)
    assert [question.refs[0] for question in desk.asked] == runs[::-1][:MOST]
