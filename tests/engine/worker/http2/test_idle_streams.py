"""At a rate a request goes to the connection with the fewest in flight."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.http2.idle_streams import IdleStreams


class Stream:
    """A stream of a connection."""

    def __init__(self, group: int) -> None:
        self.group = group


def idle_of(*groups: int) -> tuple[Any, list[Any]]:
    idle: Any = IdleStreams()
    senders: list[Any] = [Stream(group) for group in groups]
    for sender in senders:
        idle.append(sender)
    return idle, senders


def test_the_connection_with_the_most_idle_streams_is_next() -> None:
    idle, senders = idle_of(1, 2, 2, 2, 1, 3)
    assert [idle.popleft().group for _ in senders] == [2, 1, 2, 3, 1, 2]
    assert not idle


def test_the_first_one_is_the_one_that_waits_longest() -> None:
    idle, senders = idle_of(1, 2, 2)
    assert idle[0] is senders[0]
    idle.remove(senders[0])
    assert (idle[0], len(idle)) == (senders[1], 2)
    with pytest.raises(ValueError, match="not in deque"):
        idle.remove(senders[0])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=60))
def test_none_with_fewer_in_flight_is_passed_over(steps: list[tuple[int, int]]) -> None:
    idle, busy = IdleStreams(), [Stream(group) for group in range(5) for _ in range(6)]
    for action, group in steps:
        mine: list[Any] = [sender for sender in idle if sender.group == group]
        if action == 0 and mine:
            idle.remove(mine[-1])
            busy.append(mine[-1])
        elif action == 1 and len(idle):
            counts = {one: [sender.group for sender in idle].count(one) for one in range(5)}
            taken: Any = idle.popleft()
            assert counts[taken.group] == max(counts.values())
            busy.append(taken)
        elif found := [sender for sender in busy if sender.group == group]:
            given_back: Any = found[0]
            busy.remove(given_back)
            idle.append(given_back)
    assert len(idle) + len(busy) == 30
