"""The slot table: each request that is sent has one end and a deadline."""

from __future__ import annotations

from functools import partial

import pytest

from gluten.engine.fault import Fault
from gluten.engine.worker.recording.recorder import Connections, Recorder, Recorders
from gluten.engine.worker.slots import SlotTable
from gluten.stats.request_stats import REQUEST, Stats

SIZE, TIMEOUT = 100, 4.0


def made(slots: int = 1) -> tuple[SlotTable, list[int]]:
    """A table and the slots that have expired, in order."""
    table, expired = SlotTable(Recorder(True, False, SIZE, Connections()), TIMEOUT), list[int]()
    for slot in range(slots):
        table.add(partial(expired.append, slot))
    return table, expired


def counts(table: SlotTable) -> Stats:
    return table.recorder.cut()[0]


def test_each_request_has_one_end() -> None:
    table, _ = made(3)
    for slot in range(3):
        table.sent(slot, 1.0, 1.0, 0.0, SIZE)
    table.answered(0, 200, 50, 1.5)
    table.rest(0, 1.5)
    table.failed(1, Fault("reset", "the target reset the connection"))
    assert [table.busy(slot) for slot in range(3)] == [False, False, True]
    delta = counts(table)
    assert (delta.sent, delta.completed, delta.failed, table.in_flight) == (3, 1, 1, 1)
    assert (delta.written, delta.read, delta.status, delta.errors) == (3 * SIZE, 50, {200: 1}, {"reset": 1})


def test_what_began_after_an_instant_is_told_while_it_is_in_flight() -> None:
    table, _ = made(2)
    assert not table.begun_after(0.0)
    table.sent(1, 10.0, 10.5, 0.0)
    assert table.begun_after(10.4)
    assert not table.begun_after(10.5)
    table.rest(1, 11.0)
    assert not table.begun_after(10.4)


def test_a_known_response_is_recorded_by_its_bytes() -> None:
    table, _ = made()
    table.sent(0, 1.0, 1.0, 0.0)
    assert not table.answered_as_known(0, b"response", 2.0)
    table.know(0, b"response", 204)
    assert table.answered_as_known(0, b"response", 2.0)
    assert counts(table).status == {204: 1}


def test_bytes_that_were_not_written_after_all_do_not_count() -> None:
    table, _ = made()
    table.sent_again(0, 1.0)
    table.wrote(0, -30)
    delta = counts(table)
    assert (delta.sent, delta.written) == (1, SIZE - 30)


def test_what_is_past_its_deadline_expires_and_the_next_deadline_is_told() -> None:
    table, expired = made(4)
    for slot, now in enumerate((1.0, 2.0, 3.0)):
        table.sent(slot, now, now, 0.0)
    assert table.expire(5.5) == 0.5
    assert expired == [0]
    table.rest(0, 5.5)
    # The two in flight may take longer. A request that begins next may not.
    table.timeouts[:] = [100.0] * 4
    assert table.expire(5.6) == TIMEOUT
    table.timeouts[2] = 5.0
    assert table.expire(5.5) == 2.5
    assert expired == [0]


def test_the_deadline_counts_from_before_the_connect_and_service_time_from_the_write() -> None:
    table, expired = made()
    table.sent(0, 1.0, 1.0, 0.0)
    table.began(0, 4.0, connect=3.0)
    assert (table.starts[0], table.is_first(0)) == (4.0, True)
    assert table.expire(4.5) == 0.5
    table.expire(5.0)
    assert expired == [0]
    # The next request on that connection waited for no connect.
    table.sent(0, 6.0, 6.0, 0.0)
    assert not table.is_first(0)
    table.expire(9.9)
    assert expired == [0]


def test_connections_are_counted_when_it_is_known_that_they_came_to_be() -> None:
    recorders = Recorders(True, False, {REQUEST: SIZE})
    table = SlotTable(recorders.by_name[REQUEST])
    table.connected(1)
    table.connected(0)
    table.disconnected(1)
    table.connected(0)
    table.disconnected(0)
    delta = recorders.rotate(0)
    assert (delta.opened, delta.connections, delta.peak) == (2, 1, 2)


def test_a_request_that_waits_though_its_slot_is_idle_waits_for_the_generator() -> None:
    table, _ = made()
    assert table.kept_waiting(0, 4.0, 9.0) == 0.0, "it was never idle: it waits for its connection"
    table.rest(0, 5.0)
    assert table.kept_waiting(0, 4.0, 9.0) == 4.0
    assert table.kept_waiting(0, 6.0, 9.0) == 3.0
    table.sent(0, 6.0, 9.0, 3.0)
    assert table.kept_waiting(0, 7.0, 10.0) == 0.0, "it is busy: the target has it"


def test_what_is_due_before_the_worker_begins_waits_for_the_generator() -> None:
    table, _ = made()
    table.ticked(7.0, 3.0)
    table.ticked(8.0, 0.0)
    assert table.kept_waiting(0, 4.5, 9.0) == 2.5
    assert table.kept_waiting(0, 7.5, 9.0) == 0.0
    assert (table.begun_late(4.5), table.begun_late(7.5)) == (2.5, 0.0)


@pytest.mark.parametrize(
    ("due", "idle", "fault"),
    [
        pytest.param(4.0, 5.0, 5.0, id="idle before the load began: all of the wait"),
        pytest.param(4.0, 8.5, 3.5, id="busy from the beginning to 8.5: the target had it for so long"),
        pytest.param(7.5, 8.5, 0.5, id="due after the beginning: what it waited for an idle connection"),
        pytest.param(8.5, 8.0, 0.5, id="due while a connection was idle: all of the wait"),
    ],
)
def test_a_wait_is_the_generators_before_the_load_begins_and_while_a_connection_is_idle(
    due: float, idle: float, fault: float
) -> None:
    table, _ = made()
    table.ticked(7.0, 0.0)
    assert table.at_fault(due, idle, 9.0) == fault


def test_a_worker_that_is_held_up_blames_itself_for_every_wait() -> None:
    table, _ = made()
    table.ticked(3.0, 0.0)
    assert (table.at_fault(4.0, 5.0, 9.0), table.at_fault(6.0, 5.0, 9.0)) == (4.0, 3.0)
    assert table.ticked(10.0, 0.004) == 0.004
    assert table.at_fault(4.0, 5.0, 10.0) == 6.0
    table.ticked(10.0625, 0.0)
    assert table.at_fault(4.0, 5.0, 10.0625) == 6.0625
    table.ticked(10.2, 0.001)
    assert table.at_fault(4.0, 5.0, 11.0) == 6.0
