from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gluten.push.collector import Answer
from gluten.push.retry import pause
from gluten.push.sender import Sender, readable, why


@dataclass
class FakeServer:
    """Answers with these, one after the other."""

    answers: list[Answer]
    bodies: list[bytes] = field(default_factory=list)

    def post(self, path: str, kind: str, body: bytes) -> Answer:
        self.bodies.append(body)
        return self.answers.pop(0)


@dataclass
class Waits:
    """Remembers what was waited for. The time ends after `most` waits."""

    most: int = 1000
    seconds: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return len(self.seconds) < self.most


def test_a_body_is_sent_until_it_is_taken() -> None:
    server = FakeServer([Answer(0, "Connection refused"), Answer(503, "Busy"), Answer(200)])
    waits, said = Waits(), list[str]()
    answer = Sender(server, waits.wait, said.append).send("/v1/metrics", "x", b"body")
    assert answer == Answer(200)
    assert (server.bodies, waits.seconds) == ([b"body"] * 3, [0.5, 1.0])
    assert said == ["it cannot be reached: Connection refused", "it answers 503 Busy", ""]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 500])
def test_what_is_refused_is_not_sent_again(status: int) -> None:
    server = FakeServer([Answer(status)])
    answer = Sender(server, Waits().wait, lambda text: None).send("", "x", b"")
    assert answer is not None
    assert (answer.status, len(server.bodies)) == (status, 1)


def test_where_the_time_is_over_nothing_more_is_sent() -> None:
    server = FakeServer([Answer(0)] * 9)
    sender = Sender(server, Waits(2).wait, lambda text: None)
    assert [sender.send("", "x", b""), sender.send("", "x", b"")] == [None, None]
    assert (len(server.bodies), sender.given_up) == (2, True)


@pytest.mark.parametrize(
    ("attempts", "asked", "expected"),
    [(1, 0, 0.5), (2, 0, 1.0), (4, 0, 4.0), (5, 0, 5.0), (5000, 0, 5.0), (1, 7, 7.0), (1, 3600, 60.0), (5, 2, 5.0)],
)
def test_a_pause_grows_and_heeds_the_server(attempts: int, asked: float, expected: float) -> None:
    assert pause(attempts, asked) == expected


def test_trouble_is_told_once_and_its_end() -> None:
    server, said = FakeServer([Answer(503), Answer(503), Answer(200), Answer(200)]), list[str]()
    sender = Sender(server, Waits().wait, said.append)
    sender.send("", "x", b"")
    sender.send("", "x", b"")
    assert said == ["it answers 503", ""]


def test_why_repeats_the_words_of_the_server() -> None:
    assert why(Answer(404, "Not Found", b"otlp write receiver needs to be enabled\n")) == (
        "it answers 404 Not Found: otlp write receiver needs to be enabled"
    )
    assert readable(b"\x08\x03\x12\x15no such bucket: x\x1b[0m") == "no such bucket: x"
