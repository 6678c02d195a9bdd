"""The keeper: each time it is asked it forks one more process, and ends with its node."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from gluten.engine.host import keeper
from gluten.engine.host.process import fork


def say_pid(of_parent: socket.socket) -> socket.socket:
    """Forks a process that says its pid and lives until its channel ends."""
    ours, theirs = socket.socketpair()

    def run() -> None:
        ours.close()
        of_parent.close()
        theirs.sendall(os.getpid().to_bytes(4, "big"))
        theirs.recv(1)

    fork("kept", run)
    theirs.close()
    return ours


@pytest.fixture
def control() -> Iterator[socket.socket]:
    made = keeper.spawn(say_pid)
    made.settimeout(20.0)
    yield made
    made.close()


def another(control: socket.socket) -> tuple[socket.socket, int]:
    control.send(b"e")
    (found,) = socket.recv_fds(control, 1, 1)[1]
    channel = socket.socket(fileno=found)
    return channel, int.from_bytes(channel.recv(4), "big")


def test_it_forks_one_process_each_time_and_hands_over_its_channel(control: socket.socket) -> None:
    (first, one), (second, two) = another(control), another(control)
    assert one != two
    assert os.getpid() not in (one, two)
    first.close()
    second.close()


def test_a_process_that_has_ended_is_collected_when_the_next_is_asked_for(control: socket.socket) -> None:
    first, one = another(control)
    first.send(b"x")
    assert first.recv(1) == b""  # it has ended
    second, _ = another(control)
    third, _ = another(control)
    with pytest.raises(ProcessLookupError):
        os.kill(one, 0)
    second.close()
    third.close()


def test_it_ends_with_its_node(control: socket.socket) -> None:
    channel, _ = another(control)
    channel.close()
    control.shutdown(socket.SHUT_WR)
    assert control.recv(1) == b"", "no process holds the other end"
