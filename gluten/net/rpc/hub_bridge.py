"""Calls a function in the gevent hub from a native thread, and returns its result."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Generic, TypeVar

import gevent
from gevent.hub import Hub

T = TypeVar("T")


class HubTimeout(Exception):
    """The hub did not answer in time. The function may still run."""


class HubClosed(Exception):
    """The caller has gone, or the node is stopping. The result is not needed."""


class Call(Generic[T]):
    """A function that runs, or will run, in a greenlet of the hub."""

    def __init__(self, loop: Any, function: Callable[[], T]) -> None:
        self._loop = loop
        self._function = function
        self._future: Future[T] = Future()
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def result(self, timeout: float) -> T:
        """Wait in this native thread, at most `timeout` s. Raises HubTimeout, HubClosed, and the function's errors."""
        try:
            return self._future.result(timeout)
        except CancelledError:
            raise HubClosed from None
        except FutureTimeout:
            if self._future.cancelled():
                raise HubClosed from None
            if self._future.done():  # the function raised a TimeoutError, or ended at this moment
                return self._future.result(0)
            raise HubTimeout from None

    def abandon(self) -> None:
        """Release the waiting thread and end the greenlet. May be called from any thread, any number of times."""
        if self._future.cancel():
            with contextlib.suppress(ValueError):  # the hub is gone, with its greenlets
                self._loop.run_callback_threadsafe(self._kill)

    def run(self) -> None:
        """Start the greenlet. To be called in the hub's thread."""
        if not self._future.cancelled():
            self._greenlet = gevent.spawn(self._work)

    def _work(self) -> None:
        try:
            self._settle(self._future.set_result, self._function())
        except (Exception, gevent.Timeout) as error:
            self._settle(self._future.set_exception, error)

    def _settle(self, settle: Callable[[Any], None], value: Any) -> None:
        # The future is never marked as running, so it can be cancelled until it has its result.
        with contextlib.suppress(InvalidStateError):
            settle(value)

    def _kill(self) -> None:
        if self._greenlet is not None:
            self._greenlet.kill(block=False)


class HubBridge:
    """Calls functions in one hub. Make it in the hub's thread, and use it from other native threads."""

    def __init__(self, hub: Hub | None = None) -> None:
        self._loop = (hub or gevent.get_hub()).loop
        self._calls: set[Call[Any]] = set()
        self._closed = False
        self._lock = threading.Lock()

    def start(self, function: Callable[[], T]) -> Call[T]:
        """Start `function` in a greenlet. Raises HubClosed after `close`."""
        call = Call(self._loop, function)
        with self._lock:
            if self._closed:
                raise HubClosed
            self._calls.add(call)
        self._loop.run_callback_threadsafe(call.run)
        return call

    def finish(self, call: Call[Any]) -> None:
        """Forget the call. Its result was taken, or is not needed."""
        with self._lock:
            self._calls.discard(call)

    def __call__(self, function: Callable[[], T], timeout: float) -> T:
        """Run `function` in a greenlet, and return its result. Raises HubTimeout, HubClosed, and its errors."""
        call = self.start(function)
        try:
            return call.result(timeout)
        finally:
            self.finish(call)

    def close(self) -> None:
        """Release all waiting threads, and refuse new calls."""
        with self._lock:
            self._closed = True
            calls, self._calls = self._calls, set()
        for call in calls:
            call.abandon()
