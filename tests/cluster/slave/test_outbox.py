"""What a slave keeps, where, and when it sends it again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pytest

from gluten.cluster.slave.outbox import AGAIN, PROBE, RESTARTED, WINDOW, Outbox, Place
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.plan.job import LEASE
from tests.support.deltas import packed

RUN = "a" * 32


class Disk:
    """A spool whose disk can be full, or lose data."""

    def __init__(self) -> None:
        self.blobs: dict[Place, bytes] = {}
        self.full = False

    def put(self, key: Place, blob: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.blobs[key] = blob

    def get(self, key: Place) -> bytes:
        if key not in self.blobs:
            raise OSError(5, "Input/output error")
        return self.blobs[key]

    def drop(self, keys: Iterable[Place]) -> None:
        for key in keys:
            self.blobs.pop(key, None)

    def __iter__(self) -> Iterator[Place]:
        return iter(list(self.blobs))


@pytest.fixture(params=["memory", "disk"])
def outbox(request: pytest.FixtureRequest) -> Outbox:
    return Outbox(Disk() if request.param == "disk" else None)


def fill(outbox: Outbox, count: int) -> Outbox:
    for second in range(count):
        outbox.add(RUN, 1, packed(second))
    return outbox


def send(outbox: Outbox, now: float) -> list[wire.Message]:
    sent = []
    for kept in outbox.due(now):
        frame = outbox.frame(kept)
        if frame is not None:
            kept.sent = now
            sent.append(frames.decode_up(frame))
    return sent


def numbers(messages: list[wire.Message]) -> list[int]:
    return [message.number for message in messages if isinstance(message, wire.Delta)]


def test_numbers_rise_from_one_in_each_epoch(outbox: Outbox) -> None:
    fill(outbox, 2).add(RUN, 2, packed(0))
    assert numbers(send(outbox, 0.0)) == [1, 2, 1]
    assert send(outbox, 1.0) == []


def test_only_what_is_acknowledged_is_forgotten(outbox: Outbox) -> None:
    send(fill(outbox, 4), 0.0)
    outbox.acknowledged(RUN, 1, [1, 3, 99])
    outbox.acknowledged(RUN, 2, [2])
    assert len(outbox) == 2
    assert numbers(send(outbox, AGAIN)) == [2, 4]


def test_without_an_answer_the_oldest_few_are_tried_again(outbox: Outbox) -> None:
    send(fill(outbox, 60), 0.0)
    assert numbers(send(outbox, AGAIN)) == list(range(1, PROBE + 1))


def test_on_a_new_connection_everything_is_said_again(outbox: Outbox) -> None:
    send(fill(outbox, 60), 0.0)
    outbox.reconnected()
    assert numbers(send(outbox, 0.1)) == list(range(1, 61))


def test_no_more_than_a_window_is_on_the_way(outbox: Outbox) -> None:
    fill(outbox, WINDOW + 5)
    assert numbers(send(outbox, 0.0)) == list(range(1, WINDOW + 1))
    outbox.acknowledged(RUN, 1, [1, 2, 3])
    assert numbers(send(outbox, 0.1)) == [WINDOW + 1, WINDOW + 2, WINDOW + 3]


def test_an_ending_names_the_last_number_and_is_repeated_until_it_is_closed(outbox: Outbox) -> None:
    send(fill(outbox, 3), 0.0)
    outbox.end(RUN, 1, "finished", "", 3.0, "")
    ended = wire.Ended(RUN, 1, 3, "finished", "", 3.0, "")
    assert send(outbox, 0.1) == [ended]
    assert ended in send(outbox, 10.0)
    outbox.closed(RUN, 1)
    assert ended not in send(outbox, 20.0)


def test_what_the_disk_has_takes_no_memory_and_what_it_has_not_is_bounded() -> None:
    frame = len(frames.encode(wire.Delta(RUN, 1, 1, packed(0))))
    assert not fill(Outbox(Disk(), memory=10 * frame), 50).full
    assert not fill(Outbox(memory=10 * frame), 9).full
    assert fill(Outbox(memory=10 * frame), 10).full


def test_a_full_disk_is_reported_once_and_everything_is_still_sent(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk()
    outbox = fill(Outbox(disk), 3)
    disk.full = True
    fill(outbox, 3)
    (said,) = (record.message for record in caplog.records)
    assert said.startswith("spool: [Errno 28] No space left on device; what the master has not acknowledged waits in")
    assert numbers(send(outbox, 0.0)) == [1, 2, 3, 4, 5, 6]


def test_what_waits_in_memory_moves_over_when_the_disk_has_room_again(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk()
    disk.full, outbox = True, Outbox(disk, memory=1)
    fill(outbox, 3)
    before, disk.full = outbox.full, False
    fill(outbox, 1)
    assert (before, outbox.full) == (True, False)
    assert sorted(disk.blobs) == [(RUN, 1, number) for number in (1, 2, 3, 4)]
    assert "it can be written again" in caplog.records[-1].message


def test_frames_that_the_disk_has_lost_are_reported_and_the_rest_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk()
    outbox = fill(Outbox(disk), 3)
    del disk.blobs[(RUN, 1, 2)]
    with caplog.at_level(logging.ERROR):
        assert numbers(send(outbox, 0.0)) == [1, 3]
    assert "one second of counts is lost" in caplog.text
    assert len(outbox) == 2


def test_the_next_process_delivers_what_was_kept_and_ends_what_was_not_over() -> None:
    disk = Disk()
    first = Outbox(disk)
    first.begin(RUN, 1)
    send(fill(first, 3), 0.0)
    first.acknowledged(RUN, 1, [1])
    second = Outbox(disk)
    assert second.known == [(RUN, 1)]
    delta, last, ended = send(second, 0.0)
    assert numbers([delta, last]) == [2, 3]
    assert ended == wire.Ended(RUN, 1, 3, "failed", RESTARTED, 0.0, LEASE)
    second.acknowledged(RUN, 1, [2, 3])
    second.closed(RUN, 1)
    assert second.empty
    assert not disk.blobs


def test_an_ending_that_was_kept_is_delivered_as_it_was() -> None:
    disk = Disk()
    first = Outbox(disk)
    first.begin(RUN, 1)
    fill(first, 1).end(RUN, 1, "finished", "", 1.0, "")
    assert send(Outbox(disk), 0.0)[-1] == wire.Ended(RUN, 1, 1, "finished", "", 1.0, "")


def test_a_delta_waits_for_its_turn_and_its_ending_for_the_delta(outbox: Outbox) -> None:
    outbox.add(RUN, 1, packed(0), not_before=100.5)
    outbox.end(RUN, 1, "finished", "", 1.0, "")
    outbox.add(RUN, 2, packed(0))
    (said,) = send(outbox, 100.0)
    assert isinstance(said, wire.Delta)
    assert said.epoch == 2
    assert [type(said) for said in send(outbox, 100.5)] == [wire.Delta, wire.Ended]


def test_what_had_its_turn_is_sent_at_once_on_another_connection(outbox: Outbox) -> None:
    outbox.add(RUN, 1, packed(0), not_before=100.5)
    assert send(outbox, 101.0)
    outbox.reconnected()
    assert send(outbox, 101.1)
