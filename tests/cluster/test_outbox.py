"""What a slave keeps, and when it says it again."""

from __future__ import annotations

from gluten.cluster.outbox import AGAIN, PROBE, Outbox
from gluten.load.delta import Delta
from gluten.net import messages as wire

RUN = "a" * 32


def filled(count: int, now: float | None = None) -> Outbox:
    outbox = Outbox(most=100)
    for second in range(count):
        outbox.add(RUN, 1, Delta(second).to_map())
    if now is not None:
        send(outbox, now)
    return outbox


def send(outbox: Outbox, now: float) -> list[wire.Message]:
    sent = []
    for kept in outbox.due(now):
        kept.sent = now
        sent.append(kept.message)
    return sent


def numbers(messages: list[wire.Message]) -> list[int]:
    return [message.number for message in messages if isinstance(message, wire.Delta)]


def test_numbers_rise_from_one_in_each_epoch() -> None:
    outbox = filled(2)
    outbox.add(RUN, 2, Delta(0).to_map())
    assert numbers(send(outbox, 0.0)) == [1, 2, 1]
    assert send(outbox, 1.0) == []


def test_only_what_is_acknowledged_is_forgotten() -> None:
    outbox = filled(4, now=0.0)
    outbox.acknowledged(RUN, 1, [1, 3, 99])
    outbox.acknowledged(RUN, 2, [2])
    assert len(outbox) == 2
    assert numbers(send(outbox, AGAIN)) == [2, 4]


def test_without_an_answer_the_oldest_few_are_tried_again() -> None:
    assert numbers(send(filled(60, now=0.0), AGAIN)) == list(range(1, PROBE + 1))


def test_on_a_new_connection_everything_is_said_again() -> None:
    outbox = filled(60, now=0.0)
    outbox.reconnected()
    assert numbers(send(outbox, 0.1)) == list(range(1, 61))


def test_an_ending_names_the_last_number_and_is_repeated_until_it_is_closed() -> None:
    outbox = filled(3, now=0.0)
    outbox.end(RUN, 1, "finished", "", 3.0, "")
    ended = wire.Ended(RUN, 1, 3, "finished", "", 3.0, "")
    assert send(outbox, 0.1) == [ended]
    assert ended in send(outbox, 10.0)
    outbox.closed(RUN, 1)
    assert ended not in send(outbox, 20.0)


def test_it_says_when_it_is_full() -> None:
    assert not filled(99).full
    assert filled(100).full
