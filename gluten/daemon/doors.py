"""What a node's ports need beside their application: the certificate, the names, the warning where there is none."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gluten.config import host_name, is_loopback
from gluten.daemon.master_keys import MasterKeys
from gluten.daemon.node_options import MasterOptions, SlaveOptions, WebOptions
from gluten.net.keys.keys import Keyring

if TYPE_CHECKING:
    from gluten.cluster.master.master import Master
    from gluten.net.door.frontdoor import FrontDoor, Routes
    from gluten.webui.auth.gate import Gate
    from gluten.webui.auth.hosts import Hosts

log = logging.getLogger(__name__)


def open_doors(bind: str, ports: dict[str, int], app: Any, routes: Routes, options: WebOptions) -> list[FrontDoor]:
    """A door on each port, in their order; `ports` by the option that sets them. Raises ConfigError."""
    from gluten.net.door.frontdoor import FrontDoor
    from gluten.net.door.tls import server_context

    tls = server_context(options.tls_cert, options.tls_key) if options.tls else None
    doors: list[FrontDoor] = []
    try:
        for option, port in ports.items():
            doors.append(FrontDoor((bind, port), app, routes, option, tls=tls))
            doors[-1].start()
    except BaseException:
        for door in doors:
            door.stop()
        raise
    return doors


def hosts_of(bind: str, options: WebOptions) -> Hosts:
    """What browsers may call this node."""
    from gluten.webui.auth.hosts import Hosts

    return Hosts([socket.gethostname(), host_name(), bind, *options.hosts])


def master_gate(keys: MasterKeys, master: Master, ended: Iterable[tuple[str, float]], options: MasterOptions) -> Gate:
    """`ended` are the sessions that an earlier process knew to be logged out."""
    from gluten.webui.auth.gate import Gate
    from gluten.webui.auth.sessions import EndedSessions, Sessions

    sessions = Sessions(keys.keyring, "master", EndedSessions(ended, master.end_session))
    return Gate(
        keys.keyring, sessions, time.time, time.monotonic, hosts_of(options.bind, options.web), keys.logins,
        master.note, open=options.key is None, open_metrics=options.web.open_metrics,
    )  # fmt: skip


def slave_gate(keyring: Keyring, options: SlaveOptions) -> Gate:
    """Its sessions end with the process."""
    from gluten.webui.auth.gate import Gate
    from gluten.webui.auth.sessions import Sessions

    sessions = Sessions(keyring, f"slave {uuid.uuid4().hex}")
    # A slave that knows no key yet lets nobody in.
    free = options.key is None and is_loopback(options.bind)
    return Gate(keyring, sessions, time.time, time.monotonic, hosts_of(options.bind, options.web), open=free)


def warn_of_clear(bind: str, options: WebOptions, what: str) -> None:
    """Where nothing but the bus is encrypted and others could listen, say once what they would hear."""
    if not options.tls and not is_loopback(bind):
        log.warning(
            "without --tls-cert and --tls-key these travel in clear to and from %s: %s (not the bus: it is encrypted)",
            bind, what,
        )  # fmt: skip
