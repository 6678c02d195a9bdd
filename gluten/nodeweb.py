"""What a node's ports need beside their application: the certificate, the names, the warning where there is none."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from gluten.config import is_loopback
from gluten.nodeoptions import WebOptions

if TYPE_CHECKING:
    from gluten.net.frontdoor import FrontDoor, Routes

log = logging.getLogger(__name__)


def open_doors(bind: str, ports: dict[str, int], app: Any, routes: Routes, options: WebOptions) -> list[FrontDoor]:
    """A door on each port, in their order; `ports` by the option that sets them. Raises ConfigError."""
    from gluten.net.frontdoor import FrontDoor
    from gluten.net.tls import server_context

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


def warn_of_clear(bind: str, options: WebOptions, what: str) -> None:
    """Where nothing but the bus is encrypted and others could listen, say once what they would hear."""
    if not options.tls and not is_loopback(bind):
        log.warning(
            "without --tls-cert and --tls-key these travel in clear to and from %s: %s (not the bus: it is encrypted)",
            bind, what,
        )  # fmt: skip
