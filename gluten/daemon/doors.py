"""Opens a node's ports, and makes what they need: TLS, host names, the gate, a warning without TLS."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gluten.config import host_name, is_loopback
from gluten.daemon.machine import raise_file_limit
from gluten.daemon.master_keys import MasterKeys
from gluten.daemon.node_options import MasterOptions, SlaveOptions, WebOptions
from gluten.net.keys.keys import Keyring

if TYPE_CHECKING:
    from gluten.cluster.master.master import Master
    from gluten.net.door.frontdoor import FrontDoor, Routes
    from gluten.webui.auth.gate import Gate
    from gluten.webui.auth.hosts import Hosts

log = logging.getLogger(__name__)

KEPT_FILES = 256
"""Open files that connections must not use up, because the node needs them for itself. At most a quarter of all."""


def open_doors(bind: str, ports: dict[str, int], app: Any, routes: Routes, options: WebOptions) -> list[FrontDoor]:
    """Open a front door on each port. The keys of `ports` are the options that set the ports. Raises ConfigError."""
    from gluten.net.door.connection_limits import DoorLimits
    from gluten.net.door.frontdoor import FrontDoor
    from gluten.net.door.tls import server_context

    tls = server_context(options.tls_cert, options.tls_key) if options.tls else None
    is_known_host = hosts_of(bind, options).is_known
    files = raise_file_limit()
    limits = DoorLimits.fitting((files - min(KEPT_FILES, files // 4)) // len(ports))
    doors: list[FrontDoor] = []
    try:
        for option, port in ports.items():
            doors.append(FrontDoor((bind, port), app, routes, option, limits, tls, is_known_host=is_known_host))
            doors[-1].start()
    except BaseException:
        for door in doors:
            door.stop()
        raise
    return doors


def hosts_of(bind: str, options: WebOptions) -> Hosts:
    """The host names under which browsers may reach this node."""
    from gluten.webui.auth.hosts import Hosts

    return Hosts([socket.gethostname(), host_name(), bind, *options.hosts])


def master_gate(keys: MasterKeys, master: Master, ended: Iterable[tuple[str, float]], options: MasterOptions) -> Gate:
    """The master's gate. `ended` are the sessions that were logged out in an earlier process."""
    from gluten.webui.auth.gate import Gate
    from gluten.webui.auth.sessions import EndedSessions, Sessions

    sessions = Sessions(keys.keyring, "master", EndedSessions(ended, master.end_session))
    return Gate(
        keys.keyring,
        sessions,
        time.time,
        time.monotonic,
        hosts_of(options.bind, options.web),
        keys.logins,
        master.note,
        open=options.key is None,
        open_metrics=options.web.open_metrics,
    )


def slave_gate(keyring: Keyring, options: SlaveOptions) -> Gate:
    """The slave's gate. Its sessions end with the process."""
    from gluten.webui.auth.gate import Gate
    from gluten.webui.auth.sessions import Sessions

    sessions = Sessions(keyring, f"slave {uuid.uuid4().hex}")
    # A slave that has no key yet lets nobody in.
    no_login = options.key is None and is_loopback(options.bind)
    return Gate(keyring, sessions, time.time, time.monotonic, hosts_of(options.bind, options.web), open=no_login)


def warn_of_clear(bind: str, options: WebOptions, what: str) -> None:
    """Without TLS, on an address that others can reach, warn that all but the bus is sent in clear text."""
    if not options.tls and not is_loopback(bind):
        log.warning(
            "without --tls-cert and --tls-key these are sent in clear text to and from %s: %s (the bus is encrypted)",
            bind,
            what,
        )
