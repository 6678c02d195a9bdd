"""One request of a session: it is sent, its response is awaited, its redirects are followed."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import monotonic
from typing import NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import CHUNKED
from gluten.engine.worker.http1_session import Http1Session
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.raw_response import response_of
from gluten.engine.worker.requests.redirects import next_hop
from gluten.engine.worker.scenarios.host_directory import HostDirectory
from gluten.engine.worker.scenarios.scenario_sender import Answered, Redirect, ScenarioSender
from gluten.stats.request_stats import BAD_STATUS
from gluten.workload.checks.response import Response


class Asked(NamedTuple):
    """`at`: when it ended. `ends`: it was not good, and not only too slow. `fault`: why there is no response."""

    at: float
    good: bool
    ends: bool
    fault: Fault | None = None


class Asking:
    """Asks for one user. `sending` is called before a request is sent, with the instant when it was due, and now."""

    __slots__ = ("_hosts", "_http", "_sender", "_sending")

    def __init__(
        self, http: Http1Session, sender: ScenarioSender, hosts: HostDirectory, sending: Callable[[float, float], None]
    ) -> None:
        self._http, self._sender, self._hosts, self._sending = http, sender, hosts, sending

    def ask(self, named: Named, due: float) -> Asked:
        """Send the request that was due at `due`, and await its response."""
        sender = self._sender
        now = monotonic()
        self._sending(due, now)
        sender.use(named, self._hosts.origins[named.host])
        if named.responses.rest != inf:
            sender.refresh(now)
        try:
            self._http.send(due)
            self._http.serve()
            while isinstance(sender.answer, Redirect):
                self._follow(sender.answer)
        except Fault as fault:
            self._http.fail(fault)
            return Asked(monotonic(), False, True, fault)
        return self._asked(named, sender.answer)

    def _asked(self, named: Named, answer: Answered) -> Asked:
        ended = self._sender.idle_since
        if answer.good:
            return Asked(ended, True, False)
        if named.expectations is None or answer.outcome is None:
            return Asked(ended, False, answer.status >= BAD_STATUS)
        return Asked(ended, False, named.expectations.ends(answer.status, answer.outcome))

    def _follow(self, redirect: Redirect) -> None:
        """Ask for what the redirect says. Raises `Fault`."""
        sender = self._sender
        hop = next_hop(sender.plain, sender.origin, redirect.status, redirect.location)
        host = self._hosts.find(hop.origin)
        sender.redirected(hop.request, hop.origin, host)
        self._http.go_on()
        self._http.serve()

    def last(self) -> Response | None:
        """The last response, as checks see it."""
        if self._sender.fact is None:
            return None
        framing, pieces = self._sender.fact
        return response_of(framing.status, b"".join(pieces), framing.length == CHUNKED)
