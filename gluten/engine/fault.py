"""Why one request failed: its kind of error, and a message for people."""

from __future__ import annotations

import errno
import socket
import ssl

from gluten.engine.tls_words import describe


class Fault(Exception):
    """One request's failure. `kind` is one of `gluten.stats.request_stats.ERROR_KINDS`."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


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
    if isinstance(error, ssl.SSLError):
        return Fault("tls", describe(error))
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
    if isinstance(error, ssl.SSLError):
        return Fault("tls", describe(error))
    if isinstance(error, ConnectionResetError):
        return Fault("reset", "the target reset the connection")
    return Fault(kind, f"{doing}: {error.strerror or error}")


_ENDS = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


def broken(what: object, where: str) -> Fault:
    """The fault of a read that ended in an error, or in the target's orderly end."""
    return of_read(what) if isinstance(what, OSError) else Fault("read", f"the target closed the connection {where}")


def unanswered(what: object, first: bool) -> Fault:
    """The fault of a request that got no byte of a response. `first`: it was the first request of its connection.

    If the connection had carried requests before, this is the keep-alive race, which is a kind of its own. The end
    comes as the target's FIN, or as the RST with which its host answers our request. Chance decides which.
    """
    if first or (isinstance(what, OSError) and not isinstance(what, _ENDS)):
        return broken(what, "without an answer")
    return Fault("closed", "the target closed a kept connection as a request was sent on it")


def unwritten(error: OSError, first: bool) -> Fault:
    """The fault of a request that could not be written. On a kept connection it is the keep-alive race, too."""
    return unanswered(error, first) if not first and isinstance(error, _ENDS) else of_write(error)
