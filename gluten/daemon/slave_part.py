"""The part of a node that makes load: a slave with the engine, the bus and the spool. A master may have one, too."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluten.daemon import machine
from gluten.daemon.engines import Deaths, Engines
from gluten.daemon.life import End
from gluten.errors import GlutenError
from gluten.task.host_checks import room, unfit

if TYPE_CHECKING:
    from gluten.cluster.node_info import NodeInfo
    from gluten.cluster.slave.outbox import Outbox
    from gluten.cluster.slave.slave import Slave
    from gluten.engine.host.handle import Engine
    from gluten.net.bus.bus import DealerFactory
    from gluten.plan.split import NodeTask
    from gluten.store.files.async_files import AsyncFiles
    from gluten.store.files.spool import Spool
    from gluten.task.policy import Policy

log = logging.getLogger(__name__)

DRAIN_LOAD, DRAIN = 6.0, 8.5
"""After a stop, requests in flight have the first number of seconds to end, and everything has the second."""


class SlavePart:
    """A slave with the engine, the bus and the spool. `end` is called with the error that ends the node, or None."""

    def __init__(
        self,
        info: NodeInfo,
        dealers: DealerFactory,
        engines: Engines,
        end: End,
        spool: tuple[Path, int],
        policy: Policy,
        files: AsyncFiles,
        wake: Callable[[], object],
    ) -> None:
        """`wake` is called when the engine has sent something."""
        from gluten.cluster.slave.forwarder import Forwarders
        from gluten.engine.host.handle import Engine, Keeper

        self._keeper, self._deaths = Keeper(engines.keeper), Deaths()
        self._end, self._dealers, self._wake = end, dealers, wake
        self._spools: list[Spool] = []
        self._forwarders = Forwarders()
        outbox = self._open_spool(info, *spool)
        self._dealer = dealers.dealer()
        self.engine: Engine = Engine(engines.first, self._on_event, self._on_death)
        self.slave: Slave = self._make_slave(info, outbox, policy, files)
        self.slave.open()

    def _make_slave(self, info: NodeInfo, outbox: Outbox, policy: Policy, files: AsyncFiles) -> Slave:
        from gluten.cluster.slave.cpu import CpuMeter
        from gluten.cluster.slave.slave import Slave

        return Slave(
            info,
            self._dealer,
            self.engine,
            time.monotonic,
            CpuMeter(),
            self._end,
            outbox=outbox,
            policy=policy,
            unfit=partial(_unfit, info.name),
            room=lambda threads: room(threads, machine.read()),
            files=files,
        )

    def _open_spool(self, info: NodeInfo, folder: Path, most: int) -> Outbox:
        from gluten.cluster.slave.forwarder import Forwarder
        from gluten.cluster.slave.outbox import Outbox
        from gluten.net.bus.messages import PROTOCOL
        from gluten.store.files.spools import open_spools

        if not most:
            return Outbox()
        try:
            own, others = open_spools(folder, info.name, f"bus {PROTOCOL}", most)
        except OSError as error:
            log.warning("spool: %s; what the master has not acknowledged waits in memory only", error)
            return Outbox()
        self._spools = [own, *others]
        for spool in others:
            register = partial(
                self._register_for, replace(info, name=spool.name, role="slave", rpc_port=None, load=False)
            )
            self._forwarders.add(Forwarder(spool.name, Outbox(spool), register, time.monotonic))
        return Outbox(own)

    def _register_for(
        self, info: NodeInfo, outbox: Outbox, on_refused: Callable[[Any], None]
    ) -> tuple[Slave, Callable[[], None]]:
        """Register under the name of a dead process, to deliver the deltas that it left on disk."""
        from gluten.cluster.slave.forwarder import NoEngine
        from gluten.cluster.slave.slave import Slave

        dealer = self._dealers.dealer()
        slave = Slave(
            replace(info, node=uuid.uuid4().hex),
            dealer,
            NoEngine(),
            time.monotonic,
            lambda: 0.0,
            on_refused,
            outbox=outbox,
        )
        slave.open()
        return slave, dealer.close

    # Its part of a node's rounds

    def turn(self) -> None:
        self.slave.tick()
        if self.slave.joined:
            self._forwarders.tick()

    def react(self) -> None:
        """Frames and events are handled when they come."""

    @property
    def busy(self) -> bool:
        return self.slave.working or (self.slave.joined and len(self._forwarders) > 0)

    def due(self) -> float:
        return self.slave.due()

    def _on_event(self, event: Any) -> None:
        self.slave.on_event(event)
        self._wake()

    def _on_death(self, reason: str) -> None:
        """Tell the master that this node has lost its part, and go on with another engine process."""
        self.slave.engine_died(reason)
        self._wake()
        channel = self._keeper.engine() if self._deaths.bearable(time.monotonic()) else None
        if channel is None:
            self._end(GlutenError(f"{reason}: restart the node"))
            return
        log.error(
            "%s: killed, perhaps for its memory; its part of the load is lost, and another one was started", reason
        )
        self.engine.reopen(channel)

    def drain(self) -> None:
        """End the load gracefully, and wait until the master has all counts. The node's ticks must go on meanwhile."""
        self.slave.drain()
        drain(lambda: self.slave.drained, self.slave.abort)

    def stop(self) -> None:
        import gevent

        self.slave.leave()
        self._forwarders.leave()
        # zmq's own thread sends the last message. Closing the socket at once would drop it.
        gevent.sleep(0.05)
        self._dealer.close()
        self.engine.close()
        self._keeper.close()
        self._forwarders.close()
        for spool in self._spools:
            spool.close()


def drain(done: Callable[[], bool], hurry: Callable[[], None]) -> None:
    """Wait until all is `done`, at most `DRAIN` s. After `DRAIN_LOAD` s, call `hurry` once."""
    import gevent

    began, hurried = time.monotonic(), False
    while not done() and (spent := time.monotonic() - began) < DRAIN:
        if spent > DRAIN_LOAD and not hurried:
            hurried = True
            hurry()
        gevent.sleep(0.02)


def _unfit(name: str, part: NodeTask) -> str:
    """Why this host cannot do its part of a task, or an empty text."""
    # Elastic connections: as many as the host allows, at least one for each thread.
    reason = unfit(part.connections or len(part.threads), len(part.threads), machine.read())
    return f"node {name} is {reason}" if reason else ""
