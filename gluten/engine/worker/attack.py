"""The load of one worker: its threads and clients, the seconds, the deadlines, the end.

Everything happens in one gevent hub. Instants are monotonic seconds, run-seconds count from `start`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event

from gluten.engine.budget import Budget
from gluten.engine.parts import WorkerTask
from gluten.engine.worker.client import Client
from gluten.engine.worker.failure_keeper import FailureKeeper
from gluten.engine.worker.growth import Dials, Growth
from gluten.engine.worker.http2.choice import transports_of
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.pacer import Pacer
from gluten.engine.worker.plain_requests import requests_of
from gluten.engine.worker.reactor.poller import Poller
from gluten.engine.worker.recording.cpu_share import CpuShare
from gluten.engine.worker.recording.early import AHEAD, Early
from gluten.engine.worker.recording.recorded_second import RecordedSecond
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.spaced import threads_of
from gluten.engine.worker.thread import LoadThread, Paced, Sender
from gluten.engine.worker.transport.socket_transport import SocketTransport
from gluten.engine.worker.transport.transport import MakeTransport
from gluten.errors import RowsUsed
from gluten.plan.schedule import Schedule, schedule_of
from gluten.stats.delta import Delta
from gluten.task.limits import MAX_DURATION

SCRATCH = 1 << 20
SWEEP = 0.01
"""Seconds: how exactly deadlines are kept at worst."""
FOLD = 0.005
"""Seconds between counts of what was recorded: short, so that no count delays a request by much."""
HAND_OVER = 0.035
"""Seconds between the end of a run-second and the handing over of its delta, which takes a while: slots are due at
whole seconds, and here between two of any rate up to 100/s."""

Emit = Callable[[Delta], None]


class Attack:
    """Loads as `job` says and hands a delta to `emit` for each run-second; `run` returns when all is answered.

    `ended` is the run-second at which sending ended, `reason` why: finished, stopped, lease or rows (`used`). After the
    instant `lease` nothing is sent, unless `renewed()` finds that it was renewed meanwhile.
    """

    def __init__(self, job: WorkerTask, emit: Emit, poller: Poller, budget: Budget | None = None) -> None:
        self.job, self.task, self._emit = job, job.task, emit
        self._budget = budget if budget is not None else Budget(job.requests)
        self._poller, self._loop, self._clock = poller, poller.loop, poller.ticker(self._fold)
        self.open_loop = self.task.open_loop
        always_due = not self.open_loop and job.requests is None and self.task.kept and not self.task.pace
        self._requests = requests_of(job, always_due)
        self.recorders = self._requests.recorders
        self.context = self._make_context(always_due and not self._requests.in_steps)
        self.slots = self.context.slots
        self._dialers = self._requests.dialers()
        self._make_transports = transports_of(
            self.task, self._make_transport, self._dialers, self.recorders, self.slots, self._open_another
        )
        self._drained, self._started, self._over = 0.0, Event(), Event()
        self.schedule = schedule_of(self.task, job.adjustments) or Schedule.of(self.task)
        self.threads = threads_of(job, self.schedule, self._budget, poller)
        self._requests.number(self.threads, self.schedule if self.open_loop else None)
        self.used: RowsUsed | None = None
        self.why = ""
        self._growths: list[Growth] = []
        self.clients: list[Client] = []
        self._left, self._second, self._fold_due = 0, int(job.begin), job.start + job.begin
        for thread, count in zip(self.threads, job.connections, strict=True):
            for _ in range(count):
                self._add(thread)
        self.ended, self.reason, self.lease = math.inf, "finished", job.lease
        self.renewed: Callable[[], bool] = bool
        self._cut: RecordedSecond | None = None
        self._early: Early | None = None
        self._cpu = CpuShare()
        self._timers: dict[str, Any] = {}
        fold_many = self.recorders.fold_many
        self._pacer = Pacer(poller, self.paced, self.clients, fold_many) if self.open_loop else None
        if self.task.elastic:
            self._make_growth(job.limits(job.adjustments))

    @property
    def paced(self) -> list[Paced]:
        return [thread for thread in self.threads if isinstance(thread, Paced)]

    def _make_context(self, always_due: bool) -> SessionContext:
        task, named = self.task, self._requests.all[0]
        failures = FailureKeeper(self.job, lambda: int(max(0.0, self.elapsed())))
        return SessionContext(
            task=task,
            request=named.constant or b"",
            named=named,
            slots=SlotTable(named.recorder, named.timeout, min(one.timeout for one in self._requests.all)),
            scratch=bytearray(SCRATCH),
            kept=task.kept,
            always_due=always_due,
            rest_changed=self._mind_rest,
            node=self.job.node,
            rows_used=partial(setattr, self, "used"),
            keep_bad=failures.keep_bad,
            keep_failed=failures.keep_failed,
            conceals=failures.conceals,
            stop_run=self._stop_run,
        )

    def _make_growth(self, limits: list[int]) -> None:
        dials = Dials()
        for thread, count, limit in zip(self.paced, self.job.connections, limits, strict=True):
            thread.growth = growth = Growth(thread, count, limit, dials, self._open_another)
            self._growths.append(growth)

    def _add(self, thread: LoadThread, first: float | None = None, make: MakeTransport | None = None) -> Client:
        """Add one more client. The caller starts it. `make` is given if the client shares a connection with others."""
        session = partial(self._requests.session, self.context, thread, make or self._make_transports(thread))
        ahead = self.task.kept and not self.task.ramp
        client = Client(session, thread, self._started, self._leave, self.open_loop, ahead, first)
        self.clients.append(client)
        self._left += 1
        return client

    def _make_transport(self, host: int) -> SocketTransport:
        return SocketTransport(self._dialers[host], self._poller, self.context.scratch)

    def _open_another(self, thread: LoadThread, first: float | None, make: MakeTransport | None = None) -> Sender:
        client = self._add(thread, first, make)
        client.greenlet.start()
        return client.session.sender

    # The life of the load.

    def run(self) -> None:
        """Connect, wait for the start, load, drain. Blocks the calling greenlet until the last delta is out."""
        for client in self.clients:
            client.greenlet.start()
        self._started.wait(max(0.0, self.job.start + self.job.begin - monotonic()))
        self._started.set()
        self._every_second()
        self._fold()
        self._sweep()
        if self._pacer:
            self._pacer.fire()
        self._plan_end()
        if self.job.begin < (warmup := int(self.task.warmup or 0)):
            self._after("warmup", warmup - AHEAD - self.elapsed(), partial(self._end_warmup, warmup))
        self._over.wait()
        self._finish()

    def _plan_end(self) -> None:
        end = self.schedule.last() if self.open_loop else self.task.duration
        if end is not None:
            self._after("end", min(end - self.elapsed(), MAX_DURATION), lambda: self._end_of(end))

    def _end_of(self, end: float) -> None:
        """The load ends now, unless the last slots of a number of requests are late: they are awaited."""
        if end < self.schedule.end and any(math.isfinite(thread.due) for thread in self.paced):
            later = min(self.schedule.end, self.elapsed() + SWEEP)
            self._after("end", later - self.elapsed(), lambda: self._end_of(later))
        else:
            self.end(self._send_rest(end))

    def _send_rest(self, end: float) -> float:
        """Send what was due before the end and has not been sent yet; when the load ended by that.

        A process that stood still sends it much later than planned: then the load took longer.
        """
        if not self._pacer:
            return end
        now, before = self.elapsed(), sum(thread.taken for thread in self.paced)
        begun = self.slots.begun_after(self.job.start + end)  # the pacer may have woken before this timer
        self._pacer.fire()
        sent = begun or sum(thread.taken for thread in self.paced) > before
        return now if sent and now - end > SWEEP else end

    def _end_warmup(self, warmup: int) -> None:
        """Cut the last second of the warmup. What was due in it and has not ended yet is counted apart: see `Early`."""
        while self._second < warmup:
            self._rotate()
        last = None if self._cut is None else self._cut.counts
        self._early = Early(self.recorders, self.slots, self.paced, self.job.start, warmup, last)

    def _after(self, what: str, seconds: float, call: Callable[[], None]) -> None:
        """Call once, `seconds` from now, in the hub; it takes the place of the last one for `what`."""
        if (old := self._timers.get(what)) is not None:
            old.stop()
            old.close()
        timer = self._timers[what] = self._loop.timer(max(0.0, seconds))
        timer.start(call, update=True)

    def end(self, at: float, reason: str = "finished") -> None:
        """Nothing is sent any more; what is in flight is awaited up to its deadline."""
        if not math.isinf(self.ended):
            return
        self.ended, self.reason = at, reason
        self.recorders.count_sends()
        self.context.always_due = False
        for thread in self.threads:
            thread.over = True
        for thread in self.paced:
            self._requests.drop(thread, thread.dropped(at))
        self._loop.run_callback(self._give_up_spares)
        for client in list(self.clients):
            client.session.end()
        self._after("drain", self.task.longest_drain if reason in ("finished", "rows") else 0.0, self._cut_sessions)

    def _cut_sessions(self) -> None:
        for client in list(self.clients):
            client.session.cut()
        if self.task.drain is not None and self.reason == "finished" and not self._requests.in_steps:
            self._let_go()

    def _stop_run(self, reason: str) -> None:
        """A request that was not good stops the run. The hub does it: a session that is woken never switches back."""
        self.why = self.why or reason
        self._loop.run_callback(self.stop)

    def stop(self) -> None:
        """End now, because somebody said so."""
        self.end(max(0.0, self.elapsed()), "stopped")
        self._started.set()

    def abort(self) -> None:
        """End at once: what is in flight is left in flight."""
        self.stop()
        self._let_go()

    def _lapse(self) -> None:
        """The same, as of the instant when the lease ended."""
        self.end(max(0.0, self.lease - self.job.start), "lease")
        self._let_go()

    def _let_go(self) -> None:
        self._loop.run_callback(self._kill, self.clients)

    def _give_up_spares(self) -> None:
        """Nobody will need what is being opened ahead."""
        warming = {sender for growth in self._growths for sender in growth.warming}
        self._kill([client for client in self.clients if client.session.sender in warming])

    def _kill(self, clients: Iterable[Client]) -> None:
        """To be called one turn later: who has been started must have begun, to be able to say that it left."""
        gevent.killall([client.greenlet for client in clients], block=False)

    def _mind_rest(self) -> None:
        """The target has said for how long it keeps idle connections."""
        for client in self.clients:
            client.session.choose_send()

    def adjust(self, second: float, rate: float) -> None:
        """From run-second `second` on, the whole cluster's rate is `rate`."""
        if not self.open_loop:
            return
        self.schedule = self.schedule.adjusted(second, rate)
        if self.task.elastic:
            # More that are open already stay so.
            for growth, limit in zip(self._growths, self.job.limits([(second, rate)]), strict=True):
                growth.limit = limit
        for thread in self.paced:
            thread.adjust(self.schedule)
        self._plan_end()  # with a number of requests, another rate is another end

    def elapsed(self) -> float:
        """The run-second now."""
        return monotonic() - self.job.start

    def _leave(self) -> None:
        """A client has sent and seen its last."""
        self._left -= 1
        if not math.isinf(self.ended) and not self._requests.in_steps:
            self._drained += max(0.0, self.elapsed() - self.ended)
        if not self._left:
            self._over.set()

    def _finish(self) -> None:
        last = self._requests.last_sent - self.job.start  # of sessions alone: they may end with a pause
        if math.isinf(self.ended):
            # A request count or a feed was used up: the load ended with its last answer, or by its schedule.
            self.end(last if last > 0 else self.elapsed(), "finished" if self.used is None else "rows")
        self.ended = max(self.ended, last)
        for timer in self._timers.values():
            timer.stop()
        self._clock.close()
        if self._pacer:
            self._pacer.close()
        self._rotate(last=True)

    # Seconds and deadlines.

    def _every_second(self) -> None:
        while self.elapsed() >= self._second + 1:
            self._rotate()
        self._after("second", self._second + 1 - self.elapsed(), self._every_second)

    def _fold(self) -> None:
        now = monotonic()
        if now > self.lease and not self.renewed():
            self._lapse()
        self.recorders.ticked(self.slots.ticked(now, max(0.0, now - self._fold_due)), FOLD)
        self.recorders.fold()
        if self._early is not None:
            self._early.settle(now)
        self._fold_due = now + FOLD
        self._clock.set(self._fold_due)

    def _rotate(self, last: bool = False) -> None:
        """End the run-second; its delta is handed over soon, the last one at once."""
        self._hand_over()
        self._cut = self.recorders.cut(self._second)
        counts = self._cut.counts
        counts.in_flight = self.slots.in_flight
        counts.backlog = sum(thread.waiting(self._second + 1) for thread in self.paced)
        counts.cpu = self._cpu()
        counts.quantum = self._pacer.longest() if self._pacer else 0.0
        self._second += 1
        if last:
            counts.drained = self._drained
            self._hand_over()
        else:
            self._after("hand over", HAND_OVER, self._hand_over)

    def _hand_over(self) -> None:
        if self._cut is not None:
            second, self._cut = self._cut, None
            if self._early is not None and (early := self._early.delta(second.counts.second)) is not None:
                self._emit(early)
            self._emit(second.delta())

    def _sweep(self) -> None:
        """Expire what is too old; then sleep until something could be: no timer for each request."""
        wait = self.slots.expire(monotonic())
        self._after("sweep", max(SWEEP, wait), self._sweep)
