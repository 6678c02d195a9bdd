"""One simulated user: runs sessions, one after the other, over connections that last longer than a session.

The order of work is the walk's. This file does what the walk says, in one greenlet: it asks, and it pauses.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import gevent

from gluten import hub_turn
from gluten.engine.fault import Fault
from gluten.engine.worker.mailbox import Due, Mailbox, Signal
from gluten.engine.worker.scenarios.asking import Asking
from gluten.engine.worker.scenarios.once import STEP, Once
from gluten.engine.worker.scenarios.progress import End, Progress
from gluten.engine.worker.scenarios.scenario_sender import ScenarioSender
from gluten.engine.worker.scenarios.stepped_session import SteppedSession
from gluten.engine.worker.scenarios.thread_sessions import Begun, ThreadSessions
from gluten.errors import RowsUsed
from gluten.workload.checks.check import Check
from gluten.workload.scenarios.steps import CONTINUE, STOP, If
from gluten.workload.scenarios.walk import Act, Enter, Leave, Pause, Send

_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between failed requests in a closed loop: a target that refuses must not be spun on."""
_TURN = 1000
"""Acts that are counted at once, in about half a millisecond."""


class ScenarioSession:
    """See `HttpSession`."""

    __slots__ = ("_asking", "_cut", "_due", "_ended", "_failures", "_http", "_loop", "_mailbox", "_once", "_progress",
                 "_sessions", "_skipping", "sender")  # fmt: skip

    def __init__(
        self,
        http: SteppedSession,
        sender: ScenarioSender,
        sessions: ThreadSessions,
        mailbox: Mailbox,
        asking: Asking,
        progress: Progress,
    ) -> None:
        self._http, self.sender, self._sessions, self._mailbox = http, sender, sessions, mailbox
        self._asking, self._progress = asking, progress
        self._loop: Any = gevent.get_hub().loop
        self._due: float | None = None
        self._cut = self._ended = self._skipping = False
        self._failures = 0
        self._once = Once()

    @property
    def connected(self) -> bool:
        return self._http.connected

    # In the hub.

    def choose_callback(self) -> None:
        self._http.choose_callback()

    def choose_send(self) -> None:
        self._http.choose_send()

    def end(self) -> None:
        self._ended = True
        # What is asked once is awaited, though no session has begun.
        if not self._progress.active and not self._http.busy:
            self._mailbox.put(Signal.ENDED)

    def cut(self) -> None:
        self._cut = True
        # A request in flight is awaited.
        if not self._http.busy:
            self._mailbox.put(Signal.CUT)

    # In the greenlet.

    def connect(self) -> None:
        self._http.connect()

    def pause(self) -> None:
        self._http.pause()

    def resume(self) -> None:
        self._http.resume()

    def close(self) -> None:
        self._http.close()

    def fail(self, fault: Fault) -> None:
        self._http.fail(fault)

    def send(self, due: float) -> None:
        """The session that was due at `due` is next. `serve` runs it."""
        self._due = due

    def serve(self) -> bool:
        while True:
            if self._due is not None:
                due, self._due = self._due, None
                self._run(due)
                return True
            if self.sender.thread.over:
                return False
            match self._mailbox.wait():
                case Signal.ENDED | Signal.CUT:
                    return False
                case Due(at):
                    self._due = at
                case what:
                    self._http.drop(what)

    def _run(self, due: float) -> None:
        """The session that was due at `due`."""
        due = self._hesitated(due)
        if self._is_late():
            return None
        assert self.sender.values is not None
        try:
            begun = self._sessions.begin(self.sender.values, self)
        except RowsUsed as used:
            self.sender.thread.over = True
            return self._http.context.rows_used(used)
        self.sender.begin(begun.fresh)
        ready = self._learn_once(begun, due) if begun.once else due
        if self._is_late():
            return self.sender.end_session(monotonic())
        self._progress.begin(begun.place, due if ready is None else ready)
        how = End.ENDED if ready is None else self._do(begun, ready)
        self._progress.end(how)
        self.sender.end_session(monotonic())
        if how is End.ENDED:
            self._skip(begun.acts)
        return None

    def _is_late(self) -> bool:
        """A closed loop ended while its next session waited to begin."""
        return self._ended and self._sessions.hesitates

    def _learn_once(self, begun: Begun, due: float) -> float | None:
        """Before a connection's first session of a scenario ask what it asks once. Returns when the session begins;
        None: it does not, because a request was not good."""
        values, jar = self.sender.values, self.sender.jar
        assert values is not None
        if self._once.recall(begun.place, values, jar):
            return due
        asked, names = self._asking, frozenset[str]()
        for step, request in enumerate(begun.once, STEP):
            due = self._hesitated(due)
            if self._is_late():
                return None
            self._ask(begun, Send(request, step), due)
            due, names = asked.at, names | self._sessions.taken_by(request)
            if asked.ends and self._ends(begun, request):
                return None
        self._once.keep(begun.place, values, jar, names)
        return due

    def _do(self, begun: Begun, due: float) -> End:
        """Do what the walk says, from the instant `due` on."""
        asked = self._asking
        for act in begun.acts:
            match act:
                case Send():
                    due = self._hesitated(due)
                    if self._cut:
                        return End.CUT
                    self._ask(begun, act, due)
                    due = asked.at
                    if asked.ends and self._ends(begun, act.request):
                        return End.ENDED
                case Pause(seconds):
                    due += seconds
                    if not self._wait_until(due):
                        return End.CUT
                case Enter() | Leave():
                    self._progress.note(act)
        return End.FINISHED

    def _ask(self, begun: Begun, send: Send, due: float) -> None:
        """Ask for the request that was due at `due`. `_asking` knows then how that went."""
        asking, sessions, values = self._asking, self._sessions, self.sender.values
        assert values is not None
        values.step = send.step
        if sessions.draws_each:
            sessions.draw_rows(values, begun)
        asking.ask(sessions.named[send.request], due)
        self._progress.answered(asking.at, asking.good)
        self.sender.later = True
        fault = asking.fault
        self._failures = 0 if fault is None or self._is_served(fault) else self._failures + 1

    def _is_served(self, fault: Fault) -> bool:
        """Whether the target still serves the connection, so that the next request need not wait."""
        return self._http.connected and fault.kind != "template"

    def _hesitated(self, due: float) -> float:
        """In a closed loop wait after a request for which there was no connection. Returns when the next one is due."""
        if not self._failures or not self._sessions.hesitates:
            return due
        gevent.sleep(_PAUSES[min(self._failures, len(_PAUSES)) - 1])
        return monotonic()

    def _ends(self, begun: Begun, request: int) -> bool:
        """Whether a request that was not good ends the session."""
        how = self._sessions.on_fail(begun, request)
        if how == STOP:
            self._http.context.stop_run(f"request {self.sender.named.name}: it was not good, and on_fail is stop")
        return how != CONTINUE

    def _skip(self, acts: Iterator[Act]) -> None:
        """Count the requests that the session did not reach. Of a repeat that ends by an answer one round counts."""
        self._skipping = True
        for count, act in enumerate(acts, 1):
            if isinstance(act, Send):
                self._sessions.named[act.request].recorder.skipped += 1
            if not count % _TURN:
                hub_turn.turn()  # others send and read meanwhile: a file may say to repeat a million times
        self._skipping = False

    def _wait_until(self, at: float) -> bool:
        """Pause. False: the session ends now."""
        seconds = at - monotonic()
        if self._cut or seconds <= 0:
            return not self._cut
        timer = self._loop.timer(seconds)
        timer.start(self._mailbox.put, Signal.WOKEN, update=True)
        try:
            while True:
                match self._mailbox.wait():
                    case Signal.WOKEN:
                        return True
                    case Signal.CUT:
                        return False
                    case what:
                        self._http.drop(what)
        finally:
            timer.stop()
            timer.close()

    # What the walk asks.

    def holds(self, check: Check) -> bool:
        if self._skipping:
            return True
        response = self._asking.last()
        assert self.sender.values is not None
        return response is not None and check.holds(response, self.sender.values)

    def true(self, condition: If) -> bool:
        values = self.sender.values
        assert values is not None
        return condition.condition.test([condition.left.text_of(values)], values)
