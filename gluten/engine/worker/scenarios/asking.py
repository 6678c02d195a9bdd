"""One request of a session: it is sent, its response is awaited, its redirects are followed."""

from __future__ import annotations

from math import inf
from time import monotonic

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import CHUNKED
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.raw_response import response_of
from gluten.engine.worker.requests.redirects import next_hop
from gluten.engine.worker.scenarios.host_directory import HostDirectory
from gluten.engine.worker.scenarios.progress import Progress
from gluten.engine.worker.scenarios.scenario_sender import Redirect, ScenarioSender
from gluten.engine.worker.scenarios.stepped_session import SteppedSession
from gluten.engine.worker.transport.transport import State
from gluten.stats.request_stats import BAD_STATUS
from gluten.workload.checks.response import Response

_OPEN = State.OPEN


class Asking:
    """Asks for one user. Of the last request: `at` is when it ended; `good`; `ends`: it was not good, and not only too
    slow; `fault` is why there is no response."""

    __slots__ = ("_hosts", "_http", "_progress", "_sender", "at", "ends", "fault", "good")

    def __init__(self, http: SteppedSession, sender: ScenarioSender, hosts: HostDirectory, progress: Progress) -> None:
        self._http, self._sender, self._hosts, self._progress = http, sender, hosts, progress
        self.at, self.good, self.ends = 0.0, True, False
        self.fault: Fault | None = None

    def ask(self, named: Named, due: float) -> None:
        """Send the request that was due at `due`, and await its response."""
        sender, now = self._sender, monotonic()
        self._progress.sending(due, now)
        sender.use(named, self._hosts.origins[named.host])
        if named.responses.rest != inf:
            sender.refresh(now)
        try:
            self._send(due, now)
            self._http.await_answer()
            while sender.redirect is not None:
                self._follow(sender.redirect)
        except Fault as fault:
            self._http.fail(fault)
            self.at, self.good, self.ends, self.fault = monotonic(), False, True, fault
        else:
            self.at, self.good, self.ends, self.fault = sender.idle_since, sender.good, False, None
            if not sender.good:
                self.ends = self._is_bad(named)

    def _send(self, due: float, now: float) -> None:
        """Raises `Fault`."""
        sender = self._sender
        if sender.fresh or sender.transport.state is not _OPEN:
            self._http.send(due)
        else:
            left = sender.send_whole(due, now)
            if left is not None:
                self._http.write_on(left)

    def _is_bad(self, named: Named) -> bool:
        """Whether the last response, which is not good, ends a session."""
        fact, outcome = self._sender.fact, self._sender.outcome
        assert fact is not None
        if named.expectations is None or outcome is None:
            return fact[0].status >= BAD_STATUS
        return named.expectations.ends(fact[0].status, outcome)

    def _follow(self, redirect: Redirect) -> None:
        """Ask for what the redirect says. Raises `Fault`."""
        sender = self._sender
        hop = next_hop(sender.plain, sender.origin, redirect.status, redirect.location)
        host = self._hosts.find(hop.origin)
        sender.redirected(hop.request, hop.origin, host)
        self._http.go_on()
        self._http.await_answer()

    def last(self) -> Response | None:
        """The last response, as checks see it."""
        if self._sender.fact is None:
            return None
        framing, pieces = self._sender.fact
        return response_of(framing.status, b"".join(pieces), framing.length == CHUNKED)
