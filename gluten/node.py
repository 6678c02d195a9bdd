"""The composition root: the one place where a node is put together.

The engine's process is forked first, while this one has neither hub nor zmq nor grpc; only then the rest is
imported. Everything of a node then happens in one gevent hub; signals only set an event.
"""

from __future__ import annotations

import logging
import os
import platform
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluten import logs, machine
from gluten.config import host_name
from gluten.deed import Deed
from gluten.engine import zygote
from gluten.errors import GlutenError
from gluten.load.fitness import unfit
from gluten.net.addresses import advertised
from gluten.nodekeys import MasterKeys
from gluten.nodeoptions import MasterOptions, SlaveOptions
from gluten.nodeweb import master_gate, open_doors, slave_gate, warn_of_clear
from gluten.supervisor import Supervisor
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.cluster.membership import Intro
    from gluten.cluster.outbox import Outbox
    from gluten.cluster.slave import Slave
    from gluten.engine.handle import Engine
    from gluten.load.plan import Subtask
    from gluten.load.policy import Policy
    from gluten.net.bus import Line
    from gluten.net.frontdoor import FrontDoor
    from gluten.store.spool import Spool

log = logging.getLogger(__name__)

TICK = 0.1
FLUSH = 0.05
STORE_PAUSE = 1.0
OWN_PATIENCE = 5.0
SILENCE = 2.0
"""Seconds after which a slave says that it is still looking for its master."""
SILENT = 3.0
"""Seconds without a word from the master after which a slave asks itself whether its key is still good."""
DRAIN_LOAD, DRAIN = 6.0, 8.5
"""Seconds that a node which is told to stop gives to requests in flight, and to all that it has counted."""
SECOND_SIGNAL = 130
SWITCH = 0.5e-3
"""Seconds for which another thread (gRPC's, the store's) may hold the hub up each time that it did a system call."""
CLEAR_MASTER = "the key and tokens that people and commands log in with, sessions, tasks with their secrets, statistics"
CLEAR_SLAVE = "the key that people log in with, sessions, this slave's state"


def run_master(options: MasterOptions) -> int:
    """Be a master until SIGTERM or Ctrl-C; the exit code. Raises ConfigError, StoreConfigError."""
    logs.configure(options.log_format, options.debug)
    channel = zygote.spawn(options.cores, options.policy)
    return _live(lambda: MasterNode(options, channel))


def run_slave(options: SlaveOptions) -> int:
    """Be a slave until SIGTERM or Ctrl-C, or until the master will not have it. Raises ConfigError, Refused."""
    logs.configure(options.log_format, options.debug)
    channel = zygote.spawn(options.cores, options.policy)
    return _live(lambda: SlaveNode(options, channel))


def _live(make: Callable[[], MasterNode | SlaveNode]) -> int:
    """Start a node, wait for its end, stop it in good order."""
    import gevent
    from gevent.event import AsyncResult

    supervisor = Supervisor.of(os.environ, os.getpid())
    end: AsyncResult[GlutenError | None] = AsyncResult()
    _obey_signals(end)
    sys.setswitchinterval(SWITCH)
    node = make()
    try:
        node.start(end.set)
        supervisor.ready()
        if supervisor.pause is not None:
            gevent.spawn(_every, supervisor.pause, supervisor.alive)
        trouble = end.get()
    finally:
        supervisor.stopping()
        node.stop()
    if trouble is not None:
        raise trouble
    return 0


def _obey_signals(end: Any) -> None:
    """The first signal ends the node in good order, a second one at once."""
    import gevent

    def ask() -> None:
        if end.ready():
            os._exit(SECOND_SIGNAL)
        end.set(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, ask)


End = Callable[[GlutenError | None], None]


class SlavePart:
    """What every node has that takes part in load: a slave over the engine and the bus, and its spool."""

    def __init__(
        self,
        intro: Intro,
        line: Line,
        channel: socket.socket,
        end: End,
        spool: tuple[Path, int],
        policy: Policy,
    ) -> None:
        from gluten.cluster.courier import Couriers
        from gluten.cluster.cpu import CpuMeter
        from gluten.cluster.slave import Slave
        from gluten.engine.handle import Engine

        self._end, self._line = end, line
        self._spools: list[Spool] = []
        self._couriers = Couriers()
        outbox = self._open_spool(intro, *spool)
        self._dealer = line.dealer()
        self.engine: Engine = Engine(channel, self._on_event, self._on_death)
        self.slave: Slave = Slave(
            intro, self._dealer, self.engine, time.monotonic, CpuMeter(), end, outbox=outbox, policy=policy,
            unfit=partial(_unfit, intro.name),
        )
        self.slave.open()

    def _open_spool(self, intro: Intro, folder: Path, most: int) -> Outbox:
        from gluten.cluster.courier import Courier
        from gluten.cluster.outbox import Outbox
        from gluten.net.messages import PROTOCOL
        from gluten.store.spools import open_spools

        if not most:
            return Outbox()
        try:
            own, others = open_spools(folder, intro.name, f"bus {PROTOCOL}", most)
        except OSError as error:
            log.warning("spool: %s; what the master has not acknowledged waits in memory only", error)
            return Outbox()
        self._spools = [own, *others]
        for spool in others:
            visit = partial(self._visit, replace(intro, name=spool.name, role="slave", rpc_port=None, load=False))
            self._couriers.add(Courier(spool.name, Outbox(spool), visit, time.monotonic))
        return Outbox(own)

    def _visit(
        self, intro: Intro, outbox: Outbox, on_refused: Callable[[Any], None]
    ) -> tuple[Slave, Callable[[], None]]:
        """A registration under the name of a dead process, to deliver what it left."""
        from gluten.cluster.courier import NoEngine
        from gluten.cluster.slave import Slave

        dealer = self._line.dealer()
        guest = Slave(
            replace(intro, node=uuid.uuid4().hex), dealer, NoEngine(), time.monotonic, lambda: 0.0, on_refused,
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
        _drain(lambda: self.slave.drained, self.slave.abort)

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


class MasterNode:
    """A master: store, bus, services, both doors, and (unless told otherwise) a slave of its own."""

    def __init__(self, options: MasterOptions, channel: socket.socket) -> None:
        from gluten.cluster.breath import Breath
        from gluten.cluster.master import Master
        from gluten.net import bus
        from gluten.net.access import guard
        from gluten.net.hop import Hop
        from gluten.net.privatefolder import PrivateFolder
        from gluten.net.service import Service
        from gluten.net.window import Windows
        from gluten.store.desk import Desk

        self.options, self._channel = options, channel
        self.keys = MasterKeys(options.key, options.key_file, self._on_rotated)
        self._desk = Desk.open(options.db, options.data)
        self._private = PrivateFolder()
        self._folder = self._private.path
        self._context = bus.make_context()
        endpoint = f"ipc://{self._folder}/bus"
        self._windows = Windows()
        self._router = bus.Router(self._context, [endpoint], self.keys.keyring, self._windows.delivered)
        self._line = bus.Line(self._context, endpoint, self.keys.keyring)
        self.master = Master(
            self._router, self._desk, time.monotonic, time.time, "", lease=options.lease, policy=options.policy,
            breathe=Breath(),
        )  # fmt: skip
        self._service = Service(self.master, Hop(), str(self._folder / "grpc"), guard(self.keys.keyring))
        self._doors: list[FrontDoor] = []
        self._own: SlavePart | None = None
        self._tasks: list[Any] = []

    def start(self, end: End) -> None:
        """Open the doors and print where they are. Raises ConfigError, StoreError."""
        import gevent

        self._service.start()
        web, rpc = self._open_doors()
        host = advertised(self.options.bind)
        self.master.base = self._base(host, web.port)
        self._rpc = f"{_bracket(host)}:{rpc.port}"
        self.keys.open(self.options.bind, (web.port, rpc.port))
        self.master.open()
        if self.options.load:
            intro = _introduce(self.options.name, "master", self.options.cores, host, rpc.port)
            spool = (self.options.data / "spool", self.options.spool)
            self._own = SlavePart(intro, self._line, self._channel, end, spool, self.options.policy)
        else:
            self._channel.close()
        self._tasks = [gevent.spawn(_every, TICK, self._tick), gevent.spawn(self._flush)]
        self._tasks.append(gevent.spawn(_every, TICK, self.master.sum_up))
        self._await_own()
        self._say()

    def _base(self, host: str, port: int) -> str:
        """The web page's address: where TLS is, by a name that a certificate may be for."""
        web = self.options.web
        name = web.hosts[0] if web.hosts else _bracket(host)
        return f"{web.scheme}://{name}:{port}"

    def _on_rotated(self) -> None:
        self._router.rekey()
        self._line.rekey()
        self.master.note(Deed("key rotated", "host"))
        self._say()

    def _say(self) -> None:
        print(_banner(self.options, self.master.base, self._rpc, self.keys), flush=True)

    def _open_doors(self) -> tuple[FrontDoor, FrontDoor]:
        from gluten.net.frontdoor import Routes
        from gluten.report.export import FORMATS
        from gluten.webui.app import make_app

        gate = master_gate(self.keys, self.master, self._desk.ended_sessions(), self.options)
        app = make_app(self.master, gate, FORMATS, ready=lambda: self.master.store_away)
        locked = not self.keys.keyring.open
        routes = Routes(str(self._folder / "grpc"), str(self._folder / "bus"), locked, self._windows)
        ports = {"--web-port": self.options.web_port, "--rpc-port": self.options.rpc_port}
        self._doors = open_doors(self.options.bind, ports, app, routes, self.options.web)
        warn_of_clear(self.options.bind, self.options.web, CLEAR_MASTER)
        return self._doors[0], self._doors[1]

    def _await_own(self) -> None:
        """A task that is sent as soon as the banner is out must find a node."""
        import gevent

        patience = gevent.Timeout(OWN_PATIENCE, exception=None)
        with patience:
            while self._own is not None and not self._own.slave.joined:
                gevent.sleep(0.01)

    def _tick(self) -> None:
        self.master.tick()
        self.keys.tick()
        if self._own is not None:
            self._own.tick()

    def _flush(self) -> None:
        import gevent

        while True:
            try:
                stored = self.master.flush()
            except Exception:
                log.exception("a fault in this node; it goes on")
                stored = False
            gevent.sleep(FLUSH if stored else STORE_PAUSE)

    def stop(self) -> None:
        """End the run in good order, write it down, close everything."""
        import gevent

        from gluten.net import bus

        if self._tasks:
            self.master.drain()
            _drain(lambda: self.master.drained, self.master.abort)
        gevent.killall(self._tasks)
        self.master.leave()
        self.keys.close()
        if self._own is not None:
            self._own.stop()
        self.master.flush()
        for door in self._doors:
            door.stop()
        self._service.stop()
        self._router.close()
        bus.end_context(self._context)
        self._desk.close()
        self._private.remove()


class SlaveNode:
    """A slave: a slave's part, and a door that serves its health and state."""

    def __init__(self, options: SlaveOptions, channel: socket.socket) -> None:
        from gluten.net import bus
        from gluten.slavekeys import SlaveKeys

        self.options, self._channel = options, channel
        self._context = bus.make_context()
        self._keys = SlaveKeys(options.key, options.master, self._context)
        self._line = bus.Line(self._context, bus.tcp_address(*options.master), self._keys.keyring)
        self._door: FrontDoor | None = None
        self._part: SlavePart | None = None
        self._task: Any = None
        self._watch: Any = None
        self.name = options.name

    def start(self, end: End) -> None:
        """Open the door, look for the master. Raises ConfigError."""
        import gevent

        from gluten.net.frontdoor import Routes
        from gluten.webui.app import make_slave_app

        app = make_slave_app(self.state, slave_gate(self._keys.keyring, self.options))
        ports, web = {"--rpc-port": self.options.rpc_port}, self.options.web
        self._door = open_doors(self.options.bind, ports, app, Routes(), web)[0]
        warn_of_clear(self.options.bind, web, CLEAR_SLAVE)
        host, port = self.options.master
        self.name = self.options.name or f"{host_name()}-{self._door.port}"
        address = advertised(self.options.bind, host)
        intro = _introduce(self.name, "slave", self.options.cores, address, self._door.port)
        spool = (self.options.data / "spool", self.options.spool)
        self._part = part = SlavePart(intro, self._line, self._channel, end, spool, self.options.policy)
        self._task = gevent.spawn(_every, TICK, part.tick)
        self._watch = gevent.spawn(self._keys.watch, lambda: not part.slave.hears(SILENT), self._line.rekey, end)
        print(
            f"GLuTEN {__version__} slave {self.name}: master {_bracket(host)}:{port}, "
            f"own state at {web.scheme}://{_bracket(intro.host)}:{self._door.port}/",
            flush=True,
        )
        gevent.spawn_later(SILENCE, self._say_waiting)

    def _say_waiting(self) -> None:
        trouble = self.state()["trouble"]
        if trouble and not self._keys.trouble:  # what is wrong with the key is said when it is sure
            log.warning("%s: it is not reached yet; this slave goes on trying", trouble)

    def state(self) -> dict[str, Any]:
        """What this slave shows of itself."""
        host, port = self.options.master
        slave = self._part.slave if self._part is not None else None
        joined = slave is not None and slave.joined
        return {
            "name": self.name, "role": "slave", "version": __version__, "cores": self.options.cores,
            "master": f"{_bracket(host)}:{port}", "joined": joined, "busy": bool(slave and slave.busy),
            "unacknowledged": slave.unacknowledged if slave else 0,
            "trouble": "" if joined else self._keys.trouble or f"waiting for the master at {_bracket(host)}:{port}",
        }  # fmt: skip

    def stop(self) -> None:
        """End the load in good order, say goodbye, close everything."""
        from gluten.net import bus

        if self._task is not None and self._part is not None:
            self._watch.kill()
            self._part.drain()
            self._task.kill()
        if self._part is not None:
            self._part.stop()
        if self._door is not None:
            self._door.stop()
        bus.end_context(self._context)


def _unfit(name: str, part: Subtask) -> str:
    """Why this host cannot do its part of a task; empty: it can."""
    why = unfit(part.connections, len(part.threads), machine.read())
    return f"node {name} is {why}" if why else ""


def _drain(done: Callable[[], bool], hurry: Callable[[], None]) -> None:
    """Wait until all is `done`, for at most `DRAIN` s; after `DRAIN_LOAD` s those that are still at it must `hurry`."""
    import gevent

    began, hurried = time.monotonic(), False
    while not done() and (spent := time.monotonic() - began) < DRAIN:
        if spent > DRAIN_LOAD and not hurried:
            hurried = True
            hurry()
        gevent.sleep(0.02)


def _every(pause: float, step: Callable[[], None]) -> None:
    """Call `step` again and again; a fault of ours in one step must not end all that follow."""
    import gevent

    while True:
        try:
            step()
        except Exception:
            log.exception("a fault in this node; it goes on")
        gevent.sleep(pause)


def _introduce(name: str, role: str, cores: int, host: str, rpc_port: int) -> Intro:
    from gluten.cluster.membership import Intro

    return Intro(
        uuid.uuid4().hex, name, role, cores, __version__, platform.python_version(), host, rpc_port, load=True
    )


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _banner(options: MasterOptions, web: str, rpc: str, keys: MasterKeys) -> str:
    part = f"takes part in the load with {options.cores} cores" if options.load else "takes no part in the load"
    link, join = keys.link(web), f"{options.program} --slave-mode --master {rpc} --rpc-port"
    login = f"  log in     {link} (once, within 10 minutes)\n" if link else ""
    return (
        f"GLuTEN {__version__} master {options.name}: {part}\n"
        f"  web page   {web}/\n{login}"
        f"  rpc        {rpc}\n"
        f"  add slaves {join}\n"
        f"  send tasks {options.program} submit --master {rpc} -t2 -c10 -d10s URL\n"
        f"  key        {keys.told(join)}"
    )
