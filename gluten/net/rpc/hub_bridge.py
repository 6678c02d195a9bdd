"""From a native thread into the gevent hub and back with the answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as LateError
from typing import Any, Generic, TypeVar

import gevent
from gevent.hub import Hub

T = TypeVar("T")


class HubTimeout(Exception):
    """The hub did not answer in time. What was asked may still happen."""


class HubClosed(Exception):
    """The asker has gone, or the node is stopping: nobody wants the answer."""


class Call(Generic[T]):
    """A function that runs, or will, in a greenlet of the hub."""

    def __init__(self, loop: Any, function: Callable[[], T]) -> None:
        self._loop = loop
        self._function = function
        self._future: Future[T] = Future()
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def result(self, timeout: float) -> T:
        """Wait in this native thread, `timeout` s at most. Raises HubTimeout, HubClosed, its errors."""
        try:
            return self._future.result(timeout)
        except CancelledError:
            raise HubClosed from None
        except LateError:
            if self._future.cancelled():
                raise HubClosed from None
            if self._future.done():  # it is the function's own error, or came this very moment
                return self._future.result(0)
            raise HubTimeout from None

    def abandon(self) -> None:
        """Free the thread that waits and end the greenlet. From any thread, any number of times."""
        if self._future.cancel():
            with contextlib.suppress(ValueError):  # the hub is gone, and its greenlets with it
                self._loop.run_callback_threadsafe(self._kill)

    def run(self) -> None:
        """In the hub's thread."""
        if not self._future.cancelled():
            self._greenlet = gevent.spawn(self._work)

    def _work(self) -> None:
        try:
            self._settle(self._future.set_result, self._function())
        except (Exception, gevent.Timeout) as error:
            self._settle(self._future.set_exception, error)

    def _settle(self, settle: Callable[[Any], None], value: Any) -> None:
        # The future is never marked as running: it can be abandoned until it has its answer.
        with contextlib.suppress(InvalidStateError):
            settle(value)

    def _kill(self) -> None:
        if self._greenlet is not None:
            self._greenlet.kill(block=False)


class HubBridge:
    """Calls into one hub. Made in the hub's thread; used from any native thread but that one."""

    def __init__(self, hub: Hub | None = None) -> None:
        self._loop = (hub or gevent.get_hub()).loop
        self._calls: set[Call[Any]] = set()
        self._closed = False
        self._lock = threading.Lock()

    def start(self, function: Callable[[], T]) -> Call[T]:
        """Have `function` run in a greenlet. Raises HubClosed after `close`."""
        call = Call(self._loop, function)
        with self._lock:
            if self._closed:
                raise HubClosed
            self._calls.add(call)
        self._loop.run_callback_threadsafe(call.run)
        return call

    def finish(self, call: Call[Any]) -> None:
        """The answer was taken, or is not wanted."""
        with self._lock:
            self._calls.discard(call)

    def __call__(self, function: Callable[[], T], timeout: float) -> T:
        """Run `function` in a greenlet, answer what it answers. Raises HubTimeout, HubClosed, its errors."""
        call = self.start(function)
        try:
            return call.result(timeout)
        finally:
            self.finish(call)

    def close(self) -> None:
        """Free every thread that waits; refuse new calls."""
        with self._lock:
            self._closed = True
            calls, self._calls = self._calls, set()
        for call in calls:
            call.abandon()
