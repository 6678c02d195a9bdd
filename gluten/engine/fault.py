"""Why one request failed: its kind of error, and a message for people."""

from __future__ import annotations

import errno
import socket
import sys
from types import ModuleType
from typing import Any


class Fault(Exception):
    """One request's failure. `kind` is one of `gluten.stats.request_stats.ERROR_KINDS`. `quoted` is what the target
    said, which may hold a secret that it was sent."""

    def __init__(self, kind: str, text: str, quoted: bytes | None = None) -> None:
        super().__init__(text if quoted is None else f"{text}: {quoted!r}")
        self.kind = kind
        self._text = text

    def unquoted(self) -> Fault:
        """The same without what the target said."""
        return Fault(self.kind, self._text)


_HINTS = {
    errno.EMFILE: "no file descriptors left: raise the limit with `ulimit -n`",
    errno.ENFILE: "this host has no file descriptors left: raise fs.file-max",
    errno.EADDRNOTAVAIL: "no ephemeral ports left: keep connections alive, or widen net.ipv4.ip_local_port_range",
    errno.ENOBUFS: "no buffers left in the kernel",
}


def of_open(error: BaseException) -> Fault:
    """The fault of a connection that could not be opened."""
    if isinstance(error, socket.gaierror):
        return Fault("dns", f"the name cannot be resolved: {error.strerror or error}")
    if is_of_tls(error):
        return _of_tls(error)
    if isinstance(error, TimeoutError):
        return Fault("timeout", "no connection within the deadline")
    if isinstance(error, OSError):
        if error.errno in _HINTS:
            return Fault("connect", _HINTS[error.errno])
        return Fault("connect", f"cannot connect: {error.strerror or error}")
    return Fault("connect", f"cannot connect: {error}")


_UNCONNECTED = frozenset({errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT})
"""A connect that does not wait reports these errors only later, when the socket is used."""


def of_read(error: OSError) -> Fault:
    """The fault of a connection that broke while a response was awaited."""
    return _of_transfer(error, "read", "reading the response")


def of_write(error: OSError) -> Fault:
    """The fault of a connection that broke while a request was written."""
    return _of_transfer(error, "write", "writing the request")


def _of_transfer(error: OSError, kind: str, doing: str) -> Fault:
    if error.errno in _UNCONNECTED:
        return of_open(OSError(error.errno, error.strerror))
    if is_of_tls(error):
        return _of_tls(error)
    if isinstance(error, ConnectionResetError):
        return Fault("reset", "the target reset the connection")
    return Fault(kind, f"{doing}: {error.strerror or error}")


def is_of_tls(error: object) -> bool:
    """Whether OpenSSL reports the error."""
    ssl = _ssl()
    return ssl is not None and isinstance(error, ssl.SSLError)


def _ssl() -> ModuleType | None:
    """The module `ssl`, if a connection has needed it. Importing it takes 8 ms, which a run without TLS saves."""
    return sys.modules.get("ssl")


def _of_tls(error: Any) -> Fault:
    from gluten.engine.tls_words import describe  # imports ssl

    return Fault("tls", describe(error))


_ENDS = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


def _is_end(error: object) -> bool:
    """Whether the target ended the connection, in order or not."""
    ssl = _ssl()
    ends_of_tls = () if ssl is None else (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    return isinstance(error, (*_ENDS, *ends_of_tls))


def broken(what: object, where: str) -> Fault:
    """The fault of a read that ended in an error, or in the target's orderly end."""
    return of_read(what) if isinstance(what, OSError) else Fault("read", f"the target closed the connection {where}")


def unanswered(what: object, first: bool) -> Fault:
    """The fault of a request that got no byte of a response. `first`: it was the first request of its connection.

    If the connection had carried requests before, this is the keep-alive race, which is a kind of its own. The end
    comes as the target's FIN, or as the RST with which its host answers our request. Chance decides which.
    """
    if first or (isinstance(what, OSError) and not _is_end(what)):
        return broken(what, "without an answer")
    return Fault("closed", "the target closed a kept connection as a request was sent on it")


def unwritten(error: OSError, first: bool) -> Fault:
    """The fault of a request that could not be written. On a kept connection it is the keep-alive race, too."""
    return unanswered(error, first) if not first and _is_end(error) else of_write(error)
