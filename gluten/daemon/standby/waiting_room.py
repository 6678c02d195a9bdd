"""What a master that stands by serves: its health, and the way to the active master for people and commands."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

from gluten.daemon.doors import open_doors
from gluten.daemon.life import every
from gluten.daemon.master_keys import CHECK_EVERY, MasterKeys
from gluten.daemon.node_options import MasterOptions
from gluten.errors import StoreConfigError, StoreError
from gluten.net.keys.keys import ClusterKey
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.net.door.frontdoor import FrontDoor
    from gluten.store.mastership.active import ActiveMaster

log = logging.getLogger(__name__)

ROTATION = 10.0
"""Seconds for which the active master may have another key, because one of the two has not read a new one yet."""


def key_mark(key: ClusterKey | None) -> str:
    """Tells two keys apart and reveals neither."""
    return hashlib.sha256(b"mark" + key.derive("mark")).hexdigest()[:32] if key is not None else "none"


class WaitingRoom:
    """The doors of a master that stands by. Slaves find no bus behind them."""

    def __init__(self, options: MasterOptions) -> None:
        from gluten.net.door.privatefolder import PrivateFolder
        from gluten.net.rpc.auth import guard
        from gluten.net.rpc.standby_service import StandbyService

        self._options = options
        self._keys = MasterKeys(options.key, options.key_file, lambda: None)
        self._private = PrivateFolder()
        self._socket = str(self._private.path / "grpc")
        self._service = StandbyService(self._socket, guard(self._keys.keyring), lambda: self._active.rpc)
        self._doors: list[FrontDoor] = []
        self._tasks: list[Any] = []
        self._active: ActiveMaster = _nobody()
        self._other_since: float | None = None
        self.away = False
        """Postgres does not answer."""

    @property
    def key(self) -> ClusterKey | None:
        """The cluster's key, which may have been rotated."""
        return self._keys.key

    @property
    def web_port(self) -> int:
        return self._doors[0].port

    @property
    def rpc_port(self) -> int:
        return self._doors[1].port

    def learn(self, active: ActiveMaster, now: float) -> None:
        """What is known of the active master. Raises StoreConfigError if it has another key, which is sure at the
        start, and later after a while."""
        if self.away:
            log.info("the database is back")
        self.away = False
        if active.key and active.key != key_mark(self.key):
            first = not self._doors
            self._other_since = self._other_since if self._other_since is not None else now
            if first or now - self._other_since > ROTATION:
                raise StoreConfigError(
                    f"the active master on this database, {active.name} at {active.rpc}, has another key: give this "
                    "one the same, with --key-file FILE or GLUTEN_KEY"
                )
        else:
            self._other_since = None
        self._active = active

    def lost_sight(self, error: StoreError) -> None:
        """Postgres does not answer."""
        if not self.away:
            log.warning("%s; this master stands by and goes on trying", error)
        self.away = True

    def open(self) -> None:
        """Open the doors, and say what this process does. Raises ConfigError."""
        import gevent

        from gluten.net.door.frontdoor import Routes
        from gluten.webui.standby import make_standby_app

        options = self._options
        self._service.start()
        app = make_standby_app(lambda: self._active.web)
        ports = {"--web-port": options.web_port, "--rpc-port": options.rpc_port}
        self._doors = open_doors(options.bind, ports, app, Routes(self._socket), options.web)
        self._keys.open(options.bind, (self.web_port, self.rpc_port))
        self._tasks = [gevent.spawn(every, CHECK_EVERY, self._keys.turn)]
        where = (
            f"the active master is {self._active.name} at {self._active.rpc}" if self._active.rpc else "another is on"
        )
        print(
            f"GLuTEN {__version__} master {options.name} stands by: {where}\n"
            f"  its ports  {self.web_port} (web page), {self.rpc_port} (rpc)",
            flush=True,
        )

    def close(self) -> None:
        import gevent

        gevent.killall(self._tasks)
        for door in self._doors:
            door.stop(grace=0.0)
        self._service.stop()
        self._keys.close()
        self._private.remove()


def _nobody() -> ActiveMaster:
    from gluten.store.mastership.active import ActiveMaster

    return ActiveMaster()
