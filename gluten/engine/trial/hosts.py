"""The hosts that a trial asks: those of the workload, and those that redirects lead to. One connection to each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gluten.engine.fault import Fault
from gluten.engine.host.preflight import addresses, allowed, reachable
from gluten.engine.trial.connection import Connection
from gluten.engine.worker.requests.redirects import origin_of
from gluten.errors import Refused, TaskError, Unreachable
from gluten.plan.job import UNREACHED
from gluten.task.policy import REFUSED, Policy
from gluten.task.task import Task


class Hosts:
    """`origins` are those of the workload. The addresses of those that are `needed` (None: all) are found when it is
    made: raises Unreachable, Refused."""

    def __init__(
        self, task: Task, origins: Sequence[str], policy: Policy, needed: Collection[str] | None = None
    ) -> None:
        self._task, self._policy = task, policy
        self.origins = tuple(origins)
        self._connections: dict[str, Connection] = {}
        for origin in origins if needed is None else needed:
            if origin_of(origin) not in self._connections:
                self._connections[origin_of(origin)] = self._connection(origin)

    def connection(self, origin: str) -> Connection:
        """Raises `Fault` (connect), also where no load may go to a host that a redirect leads to."""
        name = origin_of(origin)
        if name not in self._connections:
            try:
                self._connections[name] = self._connection(origin)
            except (Refused, Unreachable, TaskError) as error:
                raise Fault("connect", f"a redirect: {error}") from None
        return self._connections[name]

    def close(self) -> None:
        """Each is opened again when it is asked."""
        for connection in self._connections.values():
            connection.close()

    def _connection(self, origin: str) -> Connection:
        host = self._task._replace(url=f"{origin}/")
        return _connection_of(host)(host, _found(host, self._policy))


def _connection_of(task: Task) -> type[Connection]:
    if not task.http2:
        return Connection
    from gluten.engine.trial.http2_connection import Http2Connection  # which most tasks do not need

    return Http2Connection


def _found(host: Task, policy: Policy) -> list[str]:
    """The addresses that may be loaded and accept connections. Raises Refused, Unreachable, TaskError."""
    try:
        return reachable(host, allowed(host, policy, addresses(host)))
    except Fault as fault:
        if fault.kind == REFUSED:
            raise Refused(str(fault)) from fault
        raise Unreachable(f"{UNREACHED}: {fault}") from fault
