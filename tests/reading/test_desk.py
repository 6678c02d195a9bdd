"""The desk asks a process that answers, dies, is slow or was left by an earlier asker."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest

from gluten.cluster.master.queries import Located
from gluten.errors import NotFound, StoreError, TaskError
from gluten.reading import messages, shipment
from gluten.reading.desk import ReadingDesk
from gluten.reading.failures import to_plain
from gluten.webui.api.answers import Question
from gluten.webui.api.readings import Asker
from gluten.webui.http.failure import Failure
from tests.support import reports
from tests.support.engine.hub import turn, until

ANN = Asker("viewer", "ann")
ASKED = Question("compare", ("1", "2"))
Play = Callable[[Any, Any, int | None], None]
"""What a process does with a question: (channel, message, file)."""


class Runs:
    """Runs of which `live` are not in the store."""

    def __init__(self, live: set[str] = frozenset(), short: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        self.live, self.short = live, short

    def locate(self, ref: str) -> Located:
        if ref == "99":
            raise NotFound("run 99: there is no such run")
        return Located(f"id-{ref}", ref not in self.live, ref in self.short)

    def report(self, ref: str, request: str | None = None) -> Any:
        return reports.closed() | {"id": ref}

    def window(self, ref: str, first: int, last: int) -> Any:
        raise NotImplementedError

    def update(self, ref: str, after: int = 0, request: str | None = None) -> Any:
        raise NotImplementedError


class Processes:
    """Threads that play the process: the first one plays the first part, and so on."""

    def __init__(self, *parts: list[Play]) -> None:
        self.parts, self.forked = list(parts), 0
        self.questions: list[Any] = []

    def fork(self) -> Any:
        ours, theirs = messages.pair()
        part = self.parts[self.forked]
        self.forked += 1
        threading.Thread(target=self._play, args=(theirs, part), daemon=True).start()
        return ours

    def _play(self, channel: Any, part: list[Play]) -> None:
        messages.send(channel, {"pid": os.getpid()})
        for play in part:
            received = messages.receive(channel)
            if received is None:
                break
            self.questions.append(received[0])
            play(channel, *received)
        channel.close()


def answers(text: str = "yes", last: bool = False) -> Play:
    def play(channel: Any, message: Any, file: int | None) -> None:
        with tempfile.TemporaryFile() as made:
            made.write(text.encode())
            made.flush()
            head = {"status": 200, "headers": {"Content-Type": "text/plain"}, "size": len(text)}
            messages.send(channel, head | {"question": message["question"], "last": last}, [made.fileno()])

    return play


def fails(error: Any) -> Play:
    return lambda channel, message, file: messages.send(
        channel, {"failure": to_plain(error), "question": message["question"], "last": False}
    )


def dies(channel: Any, message: Any, file: int | None) -> None:
    channel.close()


def desk(processes: Processes, folder: Path, runs: Runs | None = None, longest: float = 5.0) -> ReadingDesk:
    return ReadingDesk(processes.fork, runs or Runs(), {}, folder, lambda: "http://m", lambda: None, longest)


def test_a_question_is_asked_with_whole_ids(tmp_path: Path) -> None:
    processes = Processes([answers()])
    found = desk(processes, tmp_path).ask(ANN, ASKED, gzip=True)
    assert (found.status, found.body) == (200, b"yes")
    asked = processes.questions[0]
    assert (asked["kind"], asked["refs"], asked["gzip"], asked["base"]) == (
        "compare",
        ["id-1", "id-2"],
        True,
        "http://m",
    )


def test_a_process_that_is_expected_is_there_for_the_first_question(tmp_path: Path) -> None:
    processes = Processes([answers("a")])
    made = desk(processes, tmp_path)
    made.expect(ANN)
    gevent.sleep(0)
    assert processes.forked == 1
    made.expect(ANN)
    assert made.ask(ANN, ASKED).body == b"a"
    assert processes.forked == 1


def test_a_process_that_does_not_start_harms_nobody_who_only_looks(tmp_path: Path) -> None:
    made = ReadingDesk(lambda: None, Runs(), {}, tmp_path, lambda: "http://m", lambda: None)
    made.expect(ANN)
    turn()
    with pytest.raises(StoreError, match="cannot be started"):
        made.ask(ANN, ASKED)


def test_one_process_answers_many_questions(tmp_path: Path) -> None:
    processes = Processes([answers("a"), answers("b")])
    made = desk(processes, tmp_path)
    assert [made.ask(ANN, ASKED).body, made.ask(ANN, ASKED).body, processes.forked] == [b"a", b"b", 1]


def test_a_long_answer_comes_in_pieces(tmp_path: Path) -> None:
    text = "x" * 200_000
    found = desk(Processes([answers(text)]), tmp_path).ask(ANN, ASKED)
    assert found.headers["Content-Length"] == "200000"
    assert not isinstance(found.body, bytes)
    assert b"".join(found.body).decode() == text
    found.body.close()  # type: ignore[attr-defined]


def test_a_question_over_which_a_process_dies_is_asked_once_more(tmp_path: Path) -> None:
    processes = Processes([dies], [answers()])
    assert desk(processes, tmp_path).ask(ANN, ASKED).body == b"yes"
    assert [asked["question"] for asked in processes.questions] == [1, 1]


def test_a_question_over_which_two_die_is_given_up(tmp_path: Path) -> None:
    processes = Processes([dies], [dies], [answers()])
    made = desk(processes, tmp_path)
    with pytest.raises(StoreError, match="died 2 times over this question: ask for less"):
        made.ask(ANN, ASKED)
    assert made.ask(ANN, ASKED).body == b"yes"


def test_one_that_says_it_is_its_last_answer_is_replaced(tmp_path: Path) -> None:
    processes = Processes([answers("a", last=True)], [answers("b")])
    made = desk(processes, tmp_path)
    assert [made.ask(ANN, ASKED).body, made.ask(ANN, ASKED).body] == [b"a", b"b"]


def test_an_answer_that_somebody_left_is_passed_over(tmp_path: Path) -> None:
    left = threading.Event()

    def late(channel: Any, message: Any, file: int | None) -> None:
        left.wait(5)
        answers("old")(channel, message, file)

    processes = Processes([late, answers("new")])
    made = desk(processes, tmp_path)
    asked = gevent.spawn(made.ask, ANN, ASKED)
    until(lambda: processes.questions)
    asked.kill()
    left.set()
    assert made.ask(ANN, ASKED).body == b"new"


@pytest.mark.parametrize(
    "error", [NotFound("no such run"), StoreError("database: away"), TaskError("rate", "wrong"), Failure(409, "no")]
)
def test_an_error_is_raised_as_it_was(tmp_path: Path, error: Any) -> None:
    with pytest.raises(type(error), match=str(error)) as raised:
        desk(Processes([fails(error)]), tmp_path).ask(ANN, ASKED)
    assert getattr(raised.value, "field", "") == getattr(error, "field", "")
    assert getattr(raised.value, "status", 0) == getattr(error, "status", 0)


def test_an_unknown_run_needs_no_process(tmp_path: Path) -> None:
    processes = Processes()
    with pytest.raises(NotFound):
        desk(processes, tmp_path).ask(ANN, Question("report", ("99",), {"format": "json"}))
    assert processes.forked == 0


def test_the_report_of_a_run_that_is_not_stored_is_sent_along_again_for_each_try(tmp_path: Path) -> None:
    seen = []

    def reads(channel: Any, message: Any, file: int | None) -> None:
        assert file is not None
        with open(file, "rb") as shipped:
            seen.append(shipment.read(shipped))

    def reads_and_answers(channel: Any, message: Any, file: int | None) -> None:
        reads(channel, message, file)
        answers()(channel, message, None)

    processes = Processes([reads], [reads_and_answers])
    made = desk(processes, tmp_path, Runs(live={"2"}))
    assert made.ask(ANN, ASKED).body == b"yes"
    assert seen == [{"id-2": reports.closed() | {"id": "id-2"}}] * 2


def test_a_short_report_at_hand_needs_no_process(tmp_path: Path) -> None:
    processes = Processes()
    made = desk(processes, tmp_path, Runs(live={"2"}, short={"2"}))
    found = made.ask(ANN, Question("plain_report", ("2",)))
    assert b'"schema": "gluten.report/1"' in bytes(found.body)  # type: ignore[arg-type]
    assert (processes.forked, made.stored("2"), made.stored("1")) == (0, None, "id-1")


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    ours, theirs = messages.pair()
    messages.send(theirs, {"pid": sleeper.pid})
    channels = [ours, Processes([answers()]).fork()]
    made = ReadingDesk(lambda: channels.pop(0), Runs(), {}, tmp_path, lambda: "", lambda: None, longest=0.05)
    with pytest.raises(StoreError, match=r"takes longer than 0\.05 s"):
        made.ask(ANN, ASKED)
    assert sleeper.wait(10) == -signal.SIGKILL
    theirs.close()


@pytest.mark.parametrize(
    ("fork", "expected"),
    [(lambda: None, "cannot be started"), (lambda: ended_channel(), "did not start")],
    ids=["nobody forks", "it ends at once"],
)
def test_without_a_process_the_error_says_why(tmp_path: Path, fork: Any, expected: str) -> None:
    made = ReadingDesk(fork, Runs(), {}, tmp_path, lambda: "", lambda: None)
    with pytest.raises(StoreError, match=expected):
        made.ask(ANN, ASKED)


def ended_channel() -> Any:
    ours, theirs = messages.pair()
    theirs.close()
    return ours


def test_a_message_is_bounded() -> None:
    ours, theirs = messages.pair()
    with pytest.raises(ValueError, match="at most 65536"):
        messages.send(ours, {"text": "x" * messages.MOST})
    theirs.close()
    ours.close()


@pytest.mark.parametrize("blocking", [True, False])
def test_a_message_comes_whole_in_whatever_pieces(blocking: bool, tmp_path: Path) -> None:
    ours, theirs = messages.pair()
    ours.setblocking(blocking)
    said = {"text": "x" * (messages.MOST - 20)}
    messages.send(theirs, said)
    with tempfile.TemporaryFile(dir=tmp_path) as file:
        messages.send(theirs, {"more": 1}, [file.fileno()])
    assert messages.receive(ours) == (said, None)
    received = messages.receive(ours)
    assert received is not None
    assert received[0] == {"more": 1}
    assert received[1] is not None
    os.close(received[1])
    data = struct.pack("!I", 7) + b'{"a":1}'
    theirs.send(data[:2])
    threading.Timer(0.05, lambda: [theirs.send(data[2:6]), theirs.send(data[6:])]).start()
    assert messages.receive(ours) == ({"a": 1}, None)
    theirs.send(data[:6])
    theirs.close()
    with pytest.raises(ConnectionResetError):
        messages.receive(ours)
    ours.close()
