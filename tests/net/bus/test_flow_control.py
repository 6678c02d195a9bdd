"""Only a connection that sends much without a complete message is held back."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import gevent
import pytest

from gluten.net.bus.flow_control import MAX_BUFFERED, FlowControl, FlowControls
from gluten.net.door.peername import KNOWN, name_of
from tests.support.engine.hub import turn

pytestmark = pytest.mark.skipif(not KNOWN, reason="this system's unix sockets have no abstract names")


def test_what_fits_passes_at_once() -> None:
    window = FlowControl(most=100, patience=0.0)
    assert [window.pass_on(60), window.pass_on(40)] == [True, True]


def test_a_whole_message_makes_room() -> None:
    window = FlowControl(most=100, patience=0.0)
    for _ in range(5):
        assert window.pass_on(90)
        window.clear()


def test_more_without_a_whole_message_is_the_end() -> None:
    window = FlowControl(most=100, patience=0.01)
    assert not window.pass_on(101)
    assert window.error == "101 bytes without a whole message"


def test_a_connection_that_was_held_back_goes_on_when_its_message_is_complete() -> None:
    window = FlowControl(most=100, patience=10.0)
    began = time.monotonic()
    held = gevent.spawn(window.pass_on, 101)
    turn()
    assert not held.dead
    window.clear()
    assert held.get(timeout=5)
    assert time.monotonic() - began < 5


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[list[tuple[bytes, socket.socket]]]:
    """Two connections to a unix socket: the name of the door's end, and the bus's end."""
    with ExitStack() as held, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        made = []
        for _ in range(2):
            door = held.enter_context(socket.socket(socket.AF_UNIX))
            name = name_of(("127.0.0.1", 1))
            assert name is not None
            door.bind(name)
            door.connect(str(tmp_path / "s"))
            made.append((name, held.enter_context(listener.accept()[0])))
        yield made


def test_the_bus_s_end_finds_its_own_window(pairs: list[tuple[bytes, socket.socket]]) -> None:
    (name, end), (other_name, _) = pairs
    windows = FlowControls()
    with windows.opened(name) as window, windows.opened(other_name) as other:
        window._patience = other._patience = 0.0
        for _ in range(3):
            assert window.pass_on(MAX_BUFFERED)
            windows.delivered(b"peer", end.fileno())
        assert other.pass_on(MAX_BUFFERED)
        windows.delivered(b"peer", end.fileno())
        assert not other.pass_on(1)
    assert len(windows) == 0


def test_an_unknown_or_foreign_number_changes_nothing(pairs: list[tuple[bytes, socket.socket]]) -> None:
    windows = FlowControls()
    with windows.opened(pairs[0][0]), open(os.devnull) as file:
        for number in (file.fileno(), pairs[1][1].fileno(), 10**6):
            windows.delivered(b"peer", number)
        assert len(windows) == 1


def test_without_names_no_connection_is_held_back() -> None:
    with FlowControls().opened(None) as window:
        assert window.pass_on(10 * MAX_BUFFERED)
