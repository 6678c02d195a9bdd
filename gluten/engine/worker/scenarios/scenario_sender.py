"""The sender of a session's slot: its greenlet says what is sent, and is woken by each response."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from time import monotonic
from typing import NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Due, Mailbox, Signal, Unsent
from gluten.engine.worker.named_sender import Hosts
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.requests.cookies import CookieJar, Place, with_cookies
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.raw_response import gives_cookies, headers_of, parted
from gluten.engine.worker.requests.redirects import STATUSES, target_of
from gluten.engine.worker.requests.tracer import Tracer
from gluten.engine.worker.thread import LoadThread
from gluten.engine.worker.transport.transport import Transport
from gluten.errors import TemplateFailure
from gluten.stats.request_stats import BAD_STATUS
from gluten.workload.templates.values import Values

_ANSWERED = Signal.ANSWERED


class Redirect(NamedTuple):
    """The request in flight was answered with a redirect that is followed."""

    status: int
    location: str


class ScenarioSender(RequestSender):
    """How the last request was answered: `good` (a response that is known by its bytes is), `outcome` (None: it follows
    from the status), `redirect` (None: none is followed), `fact` (framing and bytes; None: it is known by its bytes).

    `jar` has the session's cookies. `later`: the request is not the first of its session. `plain` are the bytes of the
    request without the jar's cookies, `origin` is where it goes. `_ready`: from when on a delay of the session that the
    thread has just handed over is the generator's fault."""

    __slots__ = (
        "_choose",
        "_close_others",
        "_fresh",
        "_hops",
        "_host",
        "_ready",
        "_tracer",
        "_used",
        "fact",
        "good",
        "jar",
        "later",
        "origin",
        "outcome",
        "plain",
        "redirect",
    )  # fmt: skip
    varies = True
    in_steps = True

    def __init__(
        self,
        context: SessionContext,
        thread: LoadThread,
        transport: Transport,
        mailbox: Mailbox,
        slot: int,
        hosts: Hosts,
        values: Values,
        jar: CookieJar,
        tracer: Tracer | None,
    ) -> None:
        super().__init__(context, thread, transport, mailbox, slot)
        self._choose, self._close_others = hosts.choose, hosts.close_others
        self.values, self.jar, self._tracer = values, jar, tracer
        self.origin, self.plain = "", b""
        self.good = True
        self.outcome: Outcome | None = None
        self.redirect: Redirect | None = None
        self.fact: tuple[Framing, Sequence[bytes]] | None = None
        self._ready: float | None = None
        self.later = False
        self._hops = self._host = 0
        self._fresh: dict[int, bool] = {}
        self._used: dict[int, float] = {}

    # In the greenlet.

    def begin(self, fresh: bool) -> None:
        """A session begins. `fresh`: on connections of its own."""
        self.jar.clear()
        self.later = False
        if fresh:
            self.close()
            self.close_others()

    def end_session(self, now: float) -> None:
        """The slot is idle from now on, also where the session ended with a pause."""
        self.slots.rest(self.slot, now)

    def use(self, named: Named, origin: str) -> None:
        """This one is sent next. `prepare` makes its bytes."""
        if named.host != self._host:
            self.turn_to(named.host)
        slots, slot = self.slots, self.slot
        slots.recorders[slot], slots.timeouts[slot] = named.recorder, named.timeout
        self.named, self.origin, self._hops = named, origin, 0
        self.good, self.outcome, self.redirect, self.fact = True, None, None, None

    def prepare(self) -> None:
        named, values = self.named, self.values
        assert values is not None
        self.request = b""
        try:
            self.plain = self.request = named.text if named.write is None else named.write(values)
        except TemplateFailure as failure:
            raise Fault("template", str(failure)) from None
        if self._tracer is not None:
            self.trace = self._tracer.last
        if self.jar.cookies and not named.own_cookies:
            self.request = with_cookies(self.plain, self.jar.header(self.place))

    @property
    def place(self) -> Place:
        """Where the request goes, as cookies see it."""
        return Place.of(self.origin, target_of(self.plain))

    @property
    def idle_since(self) -> float:
        """When the last response was whole, in monotonic seconds."""
        return self.slots.dues[self.slot]

    def turn_to(self, host: int) -> None:
        """From now on the connection to this host is meant."""
        if host != self._host:
            self._fresh[self._host], self.fresh = self.fresh, self._fresh.get(host, True)
            self._used[self._host], self.used = self.used, self._used.get(host, inf)
            self._host = host
            self._choose(host)

    def refresh(self, now: float) -> None:
        """End the connection if it was idle for as long as its target keeps one."""
        if now - self.used >= self.named.responses.rest:
            self.close()

    def send_whole(self, due: float, now: float) -> Unsent | None:
        """Send the request over an open connection, which is not its first one. Returns what is left to be done. Raises
        `Fault`. All other cases are the session's `send`, which is slower."""
        slots, slot, recorder = self.slots, self.slot, self.named.recorder
        slots.starts[slot], slots.dues[slot] = now, due
        recorder.sent += 1
        recorder.lateness.append(now - due if self.later else self.lateness(due, now))
        self.prepare()
        try:
            written = self.transport.send(self.request)
        except OSError as error:
            return Unsent(0, error)
        recorder.written += written
        return None if written == len(self.request) else Unsent(written)

    def close_others(self) -> None:
        self._close_others()

    # In the hub.

    def fire(self, due: float, now: float, late: float) -> None:
        """A session is due."""
        self._ready = now - late
        self.mailbox.put(Due(due))

    def lateness(self, due: float, now: float) -> float:
        if self.later:
            # It has its connection, so nothing but the generator makes it late.
            return now - due
        ready, self._ready = self._ready, None
        return super().lateness(due, now) if ready is None else now - ready

    def proceed(self, now: float) -> None:
        self.rest(now)
        self.mailbox.put(_ANSWERED)

    def rest(self, now: float) -> None:
        self.used = now
        # Between a redirect and the next request the request stays in flight.
        if self.redirect is None:
            self.slots.starts[self.slot], self.slots.dues[self.slot] = inf, now

    def followed(self, framing: Framing, pieces: Sequence[bytes], size: int, now: float, first: float | None) -> bool:
        named = self.named
        if framing.status not in STATUSES or self._hops >= named.redirects or named.redirected is None:
            return False
        headers = headers_of(parted(b"".join(pieces))[0])
        location = next((value for name, value in headers if name.lower() == "location"), "")
        if not location:
            return False
        self._hops += 1
        self._store(headers)
        recorder, start = self.slots.accountant(self.slot, named.redirected), self.slots.starts[self.slot]
        recorder.sent += 1
        recorder.completed(framing.status, size, now - start, None, None if first is None else first - start)
        recorder.response.append(now - start)
        self.redirect = Redirect(framing.status, location)
        return True

    def lacks_head(self, pieces: Sequence[bytes]) -> bool:
        # It has the cookies, and where a redirect leads.
        return not parted(b"".join(pieces))[1]

    def note(self, framing: Framing, pieces: Sequence[bytes], outcome: Outcome | None) -> bool:
        good = framing.status < BAD_STATUS if outcome is None else outcome.good
        self.good, self.outcome, self.fact = good, outcome, (framing, pieces)
        data, head = pieces[0] if len(pieces) == 1 else b"".join(pieces), self.named.head
        if head.gives_cookies if head is not None and head.begins(data) else gives_cookies(data):
            self._store(headers_of(parted(data)[0]))
            return False
        # A response that is known by its bytes says nothing but that it is good.
        return good and not (framing.status in STATUSES and self.named.redirects)

    def _store(self, headers: Sequence[tuple[str, str]]) -> None:
        self.jar.store([value for name, value in headers if name.lower() == "set-cookie"], self.place)

    def record_trace(self, seconds: float) -> None:
        self.named.recorder.traced(round(seconds * 1e6), self.trace, self.context.node)

    def redirected(self, plain: bytes, origin: str, host: int) -> None:
        """The greenlet follows a redirect: the request in flight is this one now, under the same deadline."""
        slots, slot, now = self.slots, self.slot, monotonic()
        slots.timeouts[slot] -= now - slots.starts[slot]
        slots.starts[slot] = now
        self.turn_to(host)
        self.plain, self.origin, self.redirect = plain, origin, None
        self.request = with_cookies(plain, self.jar.header(self.place))
