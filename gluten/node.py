"""The composition root: the one place where a node is put together.

The engine's process is forked first, while this process has neither a hub nor zmq nor grpc. Only then the rest is
imported. From then on everything of a node happens in one gevent hub, and signals only set an event.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from gluten.audit import AuditEntry
from gluten.config import host_name
from gluten.daemon import engines, life, logs
from gluten.daemon.banner import addresses_of, banner, introduce, joined, slave_line
from gluten.daemon.bus_part import BusPart
from gluten.daemon.doors import master_gate, open_doors, slave_gate, warn_of_clear
from gluten.daemon.engines import Engines
from gluten.daemon.forked import Forked, fork_all
from gluten.daemon.life import wait
from gluten.daemon.master_keys import MasterKeys
from gluten.daemon.master_part import MasterPart
from gluten.daemon.node_options import MasterOptions, SlaveOptions
from gluten.daemon.push_part import PushPart
from gluten.daemon.reading_part import ReadingPart
from gluten.daemon.rounds import Part, Rounds
from gluten.daemon.rpc_part import RpcPart
from gluten.daemon.slave_part import SlavePart, drain
from gluten.daemon.standby.candidate import Candidate
from gluten.daemon.standby.hold import Hold
from gluten.daemon.standby.sure_router import SureRouter
from gluten.daemon.standby.waiting_room import key_mark
from gluten.engine.trial import chore
from gluten.net.door.addresses import advertised
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.cluster.master.master import Master
    from gluten.net.door.frontdoor import FrontDoor
    from gluten.store.mastership.active import ActiveMaster

log = logging.getLogger(__name__)

EXPIRY = 60.0
"""Seconds between two searches for runs that are older than --keep. If --keep is shorter, it is used instead."""
SWEEP = 3600.0
"""Seconds between two searches for files that no run has named for a day."""
OWN_PATIENCE = 5.0
"""Seconds in which a master waits for its own slave to join."""
SILENCE = 2.0
"""Seconds after which a slave that is not answered writes so to its log."""
SILENT = 3.0
"""Seconds of silence of the master after which a slave checks whether its key is still valid."""
CLEAR_MASTER = "the key and tokens that people and commands log in with, sessions, tasks with their secrets, statistics"
CLEAR_SLAVE = "the key that people log in with, sessions, this slave's state"


def run_master(options: MasterOptions) -> int:
    """Be a master until SIGTERM or Ctrl-C; the exit code. Raises ConfigError, StoreConfigError."""
    logs.configure(options.log_format, options.debug)
    forked = fork_all(options)
    return life.live(lambda: Candidate(options, partial(MasterNode, forked), [forked]))


def run_slave(options: SlaveOptions) -> int:
    """Be a slave until SIGTERM or Ctrl-C, or until the master refuses it. Raises ConfigError, Refused."""
    logs.configure(options.log_format, options.debug)
    made = engines.spawn(options.cores, options.policy, chore.do)
    return life.live(lambda: SlaveNode(options, made))


class MasterNode:
    """A master: store, bus, services, both doors, and (without --no-load) a slave of its own."""

    def __init__(self, forked: Forked, options: MasterOptions, hold: Hold | None) -> None:
        """`hold` is on a database that several masters share. Only the active one has it."""
        from gevent.event import Event

        from gluten.engine.trial.handle import Trials
        from gluten.net.door.privatefolder import PrivateFolder
        from gluten.report.formats.export import FORMATS
        from gluten.store.async_store import AsyncStore
        from gluten.store.files.async_files import AsyncFiles

        self.options, self._hold = options, hold
        self._engines, self._trials = forked.engines, Trials(forked.trials)
        self._woken, self._file_wanted = Event(), Event()
        self.keys = MasterKeys(options.key, options.key_file, self._on_rotated)
        self._store = AsyncStore.open(options.db, options.data)
        self._files = AsyncFiles(options.data / "files")
        self._private = PrivateFolder()
        self._bus = BusPart(self._private.path, self.keys.keyring)
        self.master = self._make_master()
        pushes = forked.pushes
        self._push = PushPart(pushes, self.master, self._store, options.data, options.name) if pushes else None
        self._reading = ReadingPart(forked.reading, options, self.master, FORMATS)
        self._service = RpcPart(self._private.path, self.keys.keyring, self.master, self._reading.rpc)
        self._doors: list[FrontDoor] = []
        self._own: SlavePart | None = None
        self._tasks: list[Any] = []

    def _make_master(self) -> Master:
        from gluten.cluster.master.master import Master
        from gluten.cluster.master.yield_point import YieldPoint

        options, hold, router = self.options, self._hold, self._bus.router
        return Master(
            router if hold is None else SureRouter(router, lambda: hold.sure),
            self._store,
            time.monotonic,
            time.time,
            "",  # `start` learns the address
            lease=options.lease,
            policy=options.policy,
            give_way=YieldPoint(),
            wake=self._woken.set,
            files=self._files,
            wake_files=self._file_wanted.set,
            trials=self._trials,
            queue_timeout=options.queue_timeout,
        )

    # Its start

    def start(self, end: life.End) -> None:
        """Open the doors and print where they are. Raises ConfigError, StoreConfigError, StoreError."""
        import gevent

        self._bus.end_if_broken(end)
        self._service.start()
        self.master.orders.expects_node = self.options.load
        web, rpc = self._open_doors()
        self._addresses = addresses_of(self.options, web.port, rpc.port)
        self.master.base = self._addresses.web
        # After the doors: if a command is given twice, the error about the port says more.
        self._store.claim(0 if self._hold is None else self._hold.begin(self._active(), end))
        self.keys.open(self.options.bind, (web.port, rpc.port))
        self.master.open()
        self._own = self._start_own(self._addresses.host, rpc.port, end)
        self._tasks = [gevent.spawn(life.every, pause, step) for pause, step in self._steps()]
        self._await_own()
        self._print_banner()

    def _open_doors(self) -> tuple[FrontDoor, FrontDoor]:
        from gluten.net.door.frontdoor import Routes
        from gluten.report.formats.export import FORMATS
        from gluten.webui.app import make_app

        gate = master_gate(self.keys, self.master, self._store.ended_sessions(), self.options)
        readings = self._reading.readings
        app = make_app(self.master, gate, FORMATS, ready=lambda: self.master.store_away, readings=readings)
        has_key = not self.keys.keyring.open
        service, bus = self._service, self._bus
        routes = Routes(service.path, bus.path, has_key, bus.flow_controls, service.proven)
        ports = {"--web-port": self.options.web_port, "--rpc-port": self.options.rpc_port}
        self._doors = open_doors(self.options.bind, ports, app, routes, self.options.web)
        warn_of_clear(self.options.bind, self.options.web, CLEAR_MASTER)
        return self._doors[0], self._doors[1]

    def _start_own(self, host: str, rpc_port: int, end: life.End) -> SlavePart | None:
        """The master's own slave. None: it shall make no load."""
        options = self.options
        if not options.load:
            self._engines.close()
            return None
        info = introduce(options.name, "master", options.cores, host, rpc_port)
        spool, dealers, wake = (options.data / "spool", options.spool), self._bus.dealers, self._woken.set
        return SlavePart(info, dealers, self._engines, end, spool, options.policy, self._files, wake)

    def _steps(self) -> list[life.Step]:
        """What this node does again and again, each in a greenlet of its own."""
        from gevent.event import Event

        main = MasterPart(self.master, Event(), Event(), self._file_wanted)
        parts: list[Part] = [main, self.keys]
        if self._own is not None:
            parts.append(self._own)
        rounds = Rounds(parts, time.monotonic, partial(wait, self._woken))
        always = (rounds.round, main.build_reports, main.flush, main.serve_files)
        steps: list[life.Step] = [(0.0, step) for step in always]
        steps += [(SWEEP, self._files.sweep), (min(EXPIRY, self.options.keep or EXPIRY), self._expire)]
        return steps if self._push is None else [*steps, (0.0, self._push.step)]

    def _expire(self) -> None:
        if self.options.keep is not None:
            self.master.deletion.expire(self.options.keep)

    def _await_own(self) -> None:
        """Wait for the master's own slave: a task that is sent after the banner must find a node. Earlier ones wait."""
        import gevent

        with gevent.Timeout(OWN_PATIENCE, exception=None):
            while self._own is not None and not self._own.slave.joined:
                gevent.sleep(0.01)
        self.master.orders.expects_node = False

    def _print_banner(self) -> None:
        print(banner(self.options, self._addresses, self.keys), flush=True)

    # While it runs

    def _active(self) -> ActiveMaster:
        """What the masters that stand by learn of this one."""
        from gluten.store.mastership.active import ActiveMaster

        at = self._addresses
        return ActiveMaster(self.options.name, at.web, at.sending.removeprefix("https://"), key_mark(self.keys.key))

    def _on_rotated(self) -> None:
        if self._hold is not None:
            self._hold.describe_soon(self._active())
        self._bus.rekey()
        self.master.note(AuditEntry("key rotated", "host"))
        self._print_banner()

    # Its end

    def stop(self) -> None:
        """End the run in good order, store it, close everything."""
        import gevent

        lost = self._hold is not None and self._hold.lost  # then its runs are another master's
        in_order = bool(self._tasks) and not lost
        if in_order:
            self.master.drain()
            drain(lambda: self.master.drained, self.master.abort)
        gevent.killall(self._tasks)
        self._leave(lost)
        if in_order and self._push is not None:
            self._push.finish()
        self._close()

    def _leave(self, lost: bool) -> None:
        """Leave the cluster, and store what is left of the runs that are still this master's."""
        if not lost:
            self.master.leave()
        self.keys.close()
        if self._own is not None:
            self._own.stop()
        if not lost:
            self.master.flush()
            self.master.react()  # the acknowledgements of what was just committed

    def _close(self) -> None:
        if self._push is not None:
            self._push.close()
        for door in self._doors:
            door.stop()
        self._service.stop()
        self._bus.close()
        self._files.close()
        self._trials.close()
        self._reading.close()
        self._store.close()
        self._private.remove()


class SlaveNode:
    """A slave: what makes load and reports it, and a door that serves its health and state."""

    def __init__(self, options: SlaveOptions, made: Engines) -> None:
        from gluten.daemon.slave_keys import SlaveKeys
        from gluten.net.bus import bus
        from gluten.store.files.async_files import AsyncFiles

        self._files = AsyncFiles(options.data / "files")
        self.options, self._engines = options, made
        self._context = bus.make_context()
        self._keys = SlaveKeys(options.key, options.masters, self._context)
        buses = [bus.tcp_address(*master) for master in options.masters]
        self._dealers = bus.DealerFactory(self._context, buses, self._keys.keyring)
        self._door: FrontDoor | None = None
        self._part: SlavePart | None = None
        self._task: Any = None
        self._sweep: Any = None
        self._watch: Any = None
        self.name = options.name

    def start(self, end: life.End) -> None:
        """Open the door, look for the master. Raises ConfigError."""
        import gevent
        from gevent.event import Event

        from gluten.net.door.frontdoor import Routes
        from gluten.webui.app import make_slave_app

        self._dealers.on_broken = end
        app = make_slave_app(self.state, slave_gate(self._keys.keyring, self.options))
        ports, web = {"--rpc-port": self.options.rpc_port}, self.options.web
        self._door = open_doors(self.options.bind, ports, app, Routes(), web)[0]
        warn_of_clear(self.options.bind, web, CLEAR_SLAVE)
        self.name = self.options.name or f"{host_name()}-{self._door.port}"
        address = advertised(self.options.bind, self.options.masters[0][0])
        info = introduce(self.name, "slave", self.options.cores, address, self._door.port)
        spool = (self.options.data / "spool", self.options.spool)
        woken = Event()
        self._part = part = SlavePart(
            info, self._dealers, self._engines, end, spool, self.options.policy, self._files, woken.set
        )
        self._task = gevent.spawn(life.every, 0.0, Rounds([part], time.monotonic, partial(wait, woken)).round)
        self._sweep = gevent.spawn(life.every, SWEEP, self._files.sweep)
        self._watch = gevent.spawn(
            self._keys.watch, lambda: not part.slave.is_answered(SILENT), self._dealers.rekey, end
        )
        print(slave_line(self.name, self.options.masters, web.scheme, info.host, self._door.port), flush=True)
        gevent.spawn_later(SILENCE, self._warn_of_waiting)

    def _warn_of_waiting(self) -> None:
        trouble = self.state()["trouble"]
        if trouble and not self._keys.problem:  # `SlaveKeys` reports a wrong key once that is sure
            log.warning("%s: it is not reached yet; this slave goes on trying", trouble)

    def state(self) -> dict[str, Any]:
        """What this slave shows of itself."""
        masters = joined(self.options.masters)
        slave = self._part.slave if self._part is not None else None
        is_joined = slave is not None and slave.joined
        return {
            "name": self.name,
            "role": "slave",
            "version": __version__,
            "cores": self.options.cores,
            "master": masters,
            "joined": is_joined,
            "busy": bool(slave and slave.busy),
            "unacknowledged": slave.unacknowledged if slave else 0,
            "trouble": "" if is_joined else self._keys.problem or f"waiting for the master at {masters}",
        }

    def stop(self) -> None:
        """End the load in good order, leave the cluster, close everything."""
        from gluten.net.bus import bus

        if self._task is not None and self._part is not None:
            self._watch.kill()
            self._sweep.kill()
            self._part.drain()
            self._task.kill()
        if self._part is not None:
            self._part.stop()
        if self._door is not None:
            self._door.stop()
        self._files.close()
        bus.end_context(self._context)
