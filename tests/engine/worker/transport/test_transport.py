"""Both transports, over sockets and in memory, do the same: what a session may rely on."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import gevent
import pytest

from gluten.engine.fault import Fault
from gluten.engine.worker.reactor.poller import Poller
from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.memory_transport import MemoryTransport
from gluten.engine.worker.transport.socket_transport import SocketTransport
from gluten.engine.worker.transport.transport import State, Transport
from gluten.task.task import Task
from tests.support.engine.pollers import POLLERS


class MemoryPair:
    """A transport in memory, and its target."""

    def __init__(self) -> None:
        self.memory = MemoryTransport()
        self.transport: Transport = self.memory
        self.say, self.end = self.memory.say, self.memory.end

    def fill_up(self) -> None:
        self.memory.room = 0

    def take_all(self) -> None:
        self.memory.room = None

    def wait(self, condition: Callable[[], bool]) -> None:
        if not condition():
            self.memory.deliver()
        assert condition()

    def close(self) -> None:
        self.transport.close()


class SocketPair:
    """A transport over a socket, and the target that listens for it."""

    def __init__(self, poller: Poller) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        task = Task(f"http://127.0.0.1:{self._listener.getsockname()[1]}/", timeout=5.0)
        self.transport: Transport = SocketTransport(Dialer(task, ["127.0.0.1"]), poller, bytearray(1 << 16))
        self._accepted: socket.socket | None = None

    @property
    def _target(self) -> socket.socket:
        if self._accepted is None:
            self._accepted = self._listener.accept()[0]
        return self._accepted

    def say(self, data: bytes) -> None:
        self._target.sendall(data)

    def end(self) -> None:
        self._target.shutdown(socket.SHUT_WR)

    def fill_up(self) -> None:
        """Write until the kernel takes no more."""
        with contextlib.suppress(BlockingIOError):
            while self.transport.send(b"x" * (1 << 20)):
                pass

    def take_all(self) -> None:
        self._target.setblocking(False)
        deadline = time.monotonic() + 5
        empty = 0
        while time.monotonic() < deadline and empty < 3:
            try:
                self._target.recv(1 << 22)
            except BlockingIOError:
                empty += 1
                gevent.sleep(0.01)

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not condition() and time.monotonic() < deadline:
            gevent.sleep(0.001)
        assert condition()

    def close(self) -> None:
        self.transport.close()
        self._listener.close()
        if self._accepted is not None:
            self._accepted.close()


Pair = MemoryPair | SocketPair


@pytest.fixture(params=["memory", *POLLERS])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """In memory, and over sockets with each poller."""
    if request.param == "memory":
        yield MemoryPair()
        return
    with POLLERS[request.param]() as poller:
        made = SocketPair(poller)
        yield made
        made.close()


def state(pair: Pair) -> State:
    return pair.transport.state


class Reader:
    """A read callback: keeps what comes."""

    def __init__(self, transport: Transport) -> None:
        self.transport, self.data, self.ended = transport, b"", False

    def __call__(self) -> None:
        read = self.transport.recv(4096)
        self.data += read
        if not read:
            self.ended = True
            self.transport.close()


def test_what_comes_is_told_and_read(pair: Pair) -> None:
    assert state(pair) is State.CLOSED
    reader = Reader(pair.transport)
    pair.transport.connect(reader)
    assert state(pair) is State.OPEN
    with pytest.raises(BlockingIOError):
        pair.transport.recv(1)
    pair.say(b"hello")
    pair.wait(lambda: reader.data == b"hello")
    pair.end()
    pair.wait(lambda: reader.ended)
    assert state(pair) is State.CLOSED


def test_another_callback_takes_over_and_bodies_are_thrown_away(pair: Pair) -> None:
    before, counts = Reader(pair.transport), list[int]()
    pair.transport.connect(before)
    pair.transport.watch(lambda: counts.append(pair.transport.discard(1000)))
    pair.say(b"x" * 10)
    pair.wait(lambda: sum(counts) == 10)
    pair.transport.watch(lambda: counts.append(pair.transport.fill(1000)))
    pair.say(b"y" * 5)
    pair.wait(lambda: sum(counts) == 15)
    assert before.data == b""


def test_nobody_is_told_while_it_is_paused_and_a_callback_may_change_meanwhile(pair: Pair) -> None:
    first, second = Reader(pair.transport), Reader(pair.transport)
    pair.transport.connect(first)
    pair.transport.pause()
    assert state(pair) is State.PAUSED
    pair.say(b"hello")
    pair.transport.watch(second)
    gevent.sleep(0.02)
    pair.transport.resume()
    pair.wait(lambda: second.data == b"hello")
    assert (first.data, state(pair)) == (b"", State.OPEN)


def test_it_tells_when_bytes_can_be_written(pair: Pair) -> None:
    pair.transport.connect(lambda: None)
    pair.fill_up()
    with pytest.raises(BlockingIOError):
        pair.transport.send(b"x")
    woken: list[bool] = []
    end = pair.transport.when_writable(lambda: woken.append(True))
    assert state(pair) is State.PAUSED
    pair.take_all()
    pair.wait(lambda: bool(woken))
    end()
    assert state(pair) is State.OPEN
    assert pair.transport.send(b"x") == 1


def test_a_dial_does_not_wait(pair: Pair) -> None:
    reader = Reader(pair.transport)
    for _ in range(2):
        pair.transport.dial(reader)
        assert state(pair) is State.DIALLING
        pair.transport.hang_up()
        assert state(pair) is State.CLOSED
    pair.transport.close()
    pair.transport.close()


def test_they_say_what_they_are(pair: Pair) -> None:
    assert "Transport closed" in repr(pair.transport)
    pair.transport.connect(lambda: None)
    assert "Transport open, " in repr(pair.transport)


def test_a_connect_that_fails_leaves_it_closed() -> None:
    for poller in POLLERS.values():
        with poller() as made:
            pair = SocketPair(made)
            pair._listener.close()
            with pytest.raises(Fault):
                pair.transport.connect(lambda: None)
            assert pair.transport.state is State.CLOSED
    memory = MemoryTransport()
    memory.refusal = Fault("connect", "refused")
    with pytest.raises(Fault):
        memory.connect(lambda: None)
    assert memory.state is State.CLOSED


def test_a_session_that_reads_nothing_is_found_out() -> None:
    memory = MemoryTransport()
    memory.connect(lambda: None)
    memory.say(b"hello")
    with pytest.raises(RuntimeError, match="does not read"):
        memory.deliver()
