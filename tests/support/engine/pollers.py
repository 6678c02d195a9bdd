"""Both pollers, each as the hub of this thread or with that: `with POLLERS[name]() as poller`."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import gevent
from gevent.hub import set_hub  # type: ignore[attr-defined]  # the types have it elsewhere

from gluten.engine.worker.reactor.hub_poller import HubPoller
from gluten.engine.worker.reactor.poller import Poller


@contextmanager
def _watching() -> Iterator[Poller]:
    yield HubPoller(gevent.get_hub().loop)


@contextmanager
def _reacting() -> Iterator[Poller]:
    from gluten.engine.worker.reactor.epoll_hub import EpollHub

    before, hub = gevent.get_hub(), EpollHub()
    set_hub(hub)
    try:
        yield hub
    finally:
        hub.destroy(destroy_loop=True)
        set_hub(before)


POLLERS: dict[str, Callable[[], AbstractContextManager[Poller]]] = {"hub": _watching}
if hasattr(select, "epoll"):
    POLLERS["epoll"] = _reacting


class Pipe:
    """Two ends of a connection; `read` is what a callback took from ours."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.fd = self.ours.fileno()
        self.read = b""

    def take(self) -> None:
        self.read += self.ours.recv(2)

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        gevent.sleep(0.001)
