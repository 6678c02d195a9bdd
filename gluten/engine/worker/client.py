"""One virtual client: a greenlet that takes due requests from its thread and completes each on its session."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import gevent
from gevent.event import Event

from gluten.engine.fault import Fault
from gluten.engine.worker.http_session import HttpSession
from gluten.engine.worker.mailbox import Mailbox
from gluten.engine.worker.thread import LoadThread

_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between failed connects in a closed loop: a target that refuses must not be spun on."""

MakeSession = Callable[[Mailbox], HttpSession]


class Client:
    """`started` is set when the load begins. `left` is called when the client has nothing more to send or to
    receive."""

    __slots__ = ("_left", "_open_loop", "_started", "_thread", "greenlet", "session")

    def __init__(
        self,
        make: MakeSession,
        thread: LoadThread,
        started: Event,
        left: Callable[[], None],
        open_loop: bool,
        ahead: bool,
        first: float | None,
    ) -> None:
        """The client begins with the request that was due at `first`, if that is given. Else it first connects if
        `ahead`."""
        self._thread, self._started, self._left, self._open_loop = thread, started, left, open_loop
        self.greenlet = gevent.Greenlet(self._run, ahead and first is None, first)
        self.session = make(Mailbox(self.greenlet.switch, gevent.get_hub().switch))

    def _run(self, ahead: bool, first: float | None) -> None:
        try:
            if ahead:
                self._connect()
            self._started.wait()
            self._thread.unpark(self.session.sender)
            self._loop(first)
        finally:
            # When this is an abort, what is in flight stays so: it is counted.
            self._thread.unpark(self.session.sender)
            self.session.close()
            self._left()

    def _connect(self) -> None:
        """Connect before the start, so that the first second is like the others. A failure is not an error yet."""
        try:
            self.session.connect()
        except Fault:
            return self.session.close()
        # Nobody takes what comes before the start: the loop would spin on a connection that is closed again.
        self.session.pause()
        self._started.wait()
        return self.session.resume()

    def _loop(self, due: float | None) -> None:
        """Take a due request and complete it, again and again, until nothing will be due. At the top of the loop
        nothing is in flight."""
        failures = 0
        while True:
            due = self._thread.take(self.session.sender, monotonic()) if due is None else due
            if due is None and self._thread.over:
                return
            try:
                if due is not None:
                    self.session.send(due)
                if not self.session.serve():
                    return
                failures = 0
            except Fault as fault:
                # A failed template is no fault of the connection, but the loop must not spin on it either.
                failures = 0 if self.session.connected and fault.kind != "template" else failures + 1
                self.session.fail(fault)
            due = None
            if failures and not self._open_loop:
                gevent.sleep(_PAUSES[min(failures, len(_PAUSES)) - 1])
