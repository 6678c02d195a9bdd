"""The hosts that the sessions of a worker ask: those of the workload, and those that redirects lead to."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import gevent

from gluten.engine.fault import Fault, of_open
from gluten.engine.worker.requests.redirects import origin_of
from gluten.engine.worker.transport.dialer import Dialer
from gluten.task.address import literal
from gluten.task.host_names import dial_name
from gluten.task.policy import Policy
from gluten.task.task import Task

MOST = 24
"""Hosts in all. A target that redirects to ever more of them does not fill memory."""


class HostDirectory:
    """A host is known by its number. `origins` and `dialers` have one entry for each: first those of the workload."""

    def __init__(self, task: Task, policy: Policy, origins: Sequence[str], dialers: list[Dialer]) -> None:
        """`task` has what counts for all hosts."""
        self._task, self._policy, self.dialers = task, policy, dialers
        self.origins = [origin_of(origin) for origin in origins]

    def find(self, origin: str) -> int:
        """The number of a host. Waits for the resolver if it is a new one. Raises `Fault` (dns, refused, limit)."""
        if origin not in self.origins:
            if len(self.dialers) >= MOST:
                raise Fault("limit", f"redirects lead to more than {MOST} hosts, the last of them {origin}")
            dialer = self._dialer(origin)
            # Another session may have asked for the same host meanwhile.
            if origin not in self.origins:
                self.origins.append(origin)
                self.dialers.append(dialer)
        return self.origins.index(origin)

    def _dialer(self, origin: str) -> Dialer:
        task = self._task._replace(url=f"{origin}/")
        found = task.ruled_addresses or self._resolved(task)
        whys = [self._policy.connecting(task, address) for address in found]
        good = [address for address, why in zip(found, whys, strict=True) if not why]
        if not good:
            raise Fault("connect", f"a redirect: {next(iter(whys), f'{origin} has no address')}")
        return Dialer(task, good, self._policy)

    def _resolved(self, task: Task) -> list[str]:
        """The call waits in a thread, so that the worker's other sessions go on. An address needs no resolver."""
        host = dial_name(task.target.hostname or "")
        if (address := literal(host)) is not None:
            return [str(address)]

        def ask() -> list[str]:
            found = socket.getaddrinfo(host, task.port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(str(one[4][0]) for one in found))

        try:
            with gevent.Timeout(task.timeout, TimeoutError("dns")):
                answer: list[str] = gevent.get_hub().threadpool.apply(ask)
                return answer
        except (OSError, UnicodeError) as error:
            raise Fault("dns", f"a redirect to {host}: {of_open(error)}") from None
