"""What every node has that takes part in load: a slave over the engine and the bus, its spool, and the way it ends."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluten.daemon import machine
from gluten.errors import GlutenError
from gluten.task.host_checks import room, unfit

if TYPE_CHECKING:
    from gluten.cluster.node_info import NodeInfo
    from gluten.cluster.slave.outbox import Outbox
    from gluten.cluster.slave.slave import Slave
    from gluten.engine.host.handle import Engine
    from gluten.net.bus.bus import DealerFactory
    from gluten.plan.split import NodeTask
    from gluten.store.spool import Spool
    from gluten.task.policy import Policy

log = logging.getLogger(__name__)

DRAIN_LOAD, DRAIN = 6.0, 8.5
"""Seconds that a node which is told to stop gives to requests in flight, and to all that it has counted."""

End = Callable[[GlutenError | None], None]


class SlavePart:
    """What every node has that takes part in load: a slave over the engine and the bus, and its spool."""

    def __init__(
        self,
        info: NodeInfo,
        dealers: DealerFactory,
        channel: socket.socket,
        end: End,
        spool: tuple[Path, int],
        policy: Policy,
    ) -> None:
        from gluten.cluster.slave.cpu import CpuMeter
        from gluten.cluster.slave.forwarder import Forwarders
        from gluten.cluster.slave.slave import Slave
        from gluten.engine.host.handle import Engine

        self._end, self._dealers = end, dealers
        self._spools: list[Spool] = []
        self._couriers = Forwarders()
        outbox = self._open_spool(info, *spool)
        self._dealer = dealers.dealer()
        self.engine: Engine = Engine(channel, self._on_event, self._on_death)
        self.slave: Slave = Slave(
            info,
            self._dealer,
            self.engine,
            time.monotonic,
            CpuMeter(),
            end,
            outbox=outbox,
            policy=policy,
            unfit=partial(_unfit, info.name),
            room=lambda threads: room(threads, machine.read()),
        )
        self.slave.open()

    def _open_spool(self, info: NodeInfo, folder: Path, most: int) -> Outbox:
        from gluten.cluster.slave.forwarder import Forwarder
        from gluten.cluster.slave.outbox import Outbox
        from gluten.net.bus.messages import PROTOCOL
        from gluten.store.spools import open_spools

        if not most:
            return Outbox()
        try:
            own, others = open_spools(folder, info.name, f"bus {PROTOCOL}", most)
        except OSError as error:
            log.warning("spool: %s; what the master has not acknowledged waits in memory only", error)
            return Outbox()
        self._spools = [own, *others]
        for spool in others:
            visit = partial(self._visit, replace(info, name=spool.name, role="slave", rpc_port=None, load=False))
            self._couriers.add(Forwarder(spool.name, Outbox(spool), visit, time.monotonic))
        return Outbox(own)

    def _visit(
        self, info: NodeInfo, outbox: Outbox, on_refused: Callable[[Any], None]
    ) -> tuple[Slave, Callable[[], None]]:
        """A registration under the name of a dead process, to deliver what it left."""
        from gluten.cluster.slave.forwarder import NoEngine
        from gluten.cluster.slave.slave import Slave

        dealer = self._dealers.dealer()
        guest = Slave(
            replace(info, node=uuid.uuid4().hex), dealer, NoEngine(), time.monotonic, lambda: 0.0, on_refused,
            outbox=outbox,
        )  # fmt: skip
        guest.open()
        return guest, dealer.close

    def tick(self) -> None:
        """What the passing of time brings about."""
        self.slave.tick()
        if self.slave.joined:
            self._couriers.tick()

    def _on_event(self, event: Any) -> None:
        self.slave.on_event(event)

    def _on_death(self, reason: str) -> None:
        self.slave.engine_died(reason)
        self._end(GlutenError(reason))

    def drain(self) -> None:
        """End the load in good order, have the master take what was counted; the node's ticks go on meanwhile."""
        self.slave.drain()
        drain(lambda: self.slave.drained, self.slave.abort)

    def stop(self) -> None:
        import gevent

        self.slave.leave()
        self._couriers.leave()
        # The farewell is sent by zmq's own thread; the socket's end would drop it.
        gevent.sleep(0.05)
        self._dealer.close()
        self.engine.close()
        self._couriers.close()
        for spool in self._spools:
            spool.close()


def drain(done: Callable[[], bool], hurry: Callable[[], None]) -> None:
    """Wait until all is `done`, for at most `DRAIN` s; after `DRAIN_LOAD` s those that are still at it must `hurry`."""
    import gevent

    began, hurried = time.monotonic(), False
    while not done() and (spent := time.monotonic() - began) < DRAIN:
        if spent > DRAIN_LOAD and not hurried:
            hurried = True
            hurry()
        gevent.sleep(0.02)


def _unfit(name: str, part: NodeTask) -> str:
    """Why this host cannot do its part of a task; empty: it can."""
    # Elastic connections are as many as the host allows, one a thread at least.
    why = unfit(part.connections or len(part.threads), len(part.threads), machine.read())
    return f"node {name} is {why}" if why else ""
