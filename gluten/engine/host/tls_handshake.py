"""The TLS handshake before a run. It finds errors that would fail every request. It sends no request.

A slow target is not refused: the run begins, and requests fail by their own deadlines.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping

from gluten.engine.certificates import furnish
from gluten.engine.fault import Fault, of_open
from gluten.engine.tls_words import ended
from gluten.task.address import server_name
from gluten.task.http2_rules import ALPN, NOT_SPOKEN
from gluten.task.task import Task

MOST = 2.0
"""Seconds that all handshakes may take."""
_PAUSES = (0.1, 0.3)
"""Seconds to wait before the handshake is tried again with a target that closed the connection."""
_GOODBYE = 0.4
"""A target that was silent has so many of these seconds to close the connection."""
_ALERT = 0.1
"""An alert is awaited for so many seconds after the handshake, plus twice the time of the handshake."""

Dial = Callable[[], socket.socket]


def refusals(task: Task, dials: Mapping[str, Dial], seconds: float) -> dict[str, Fault]:
    """The addresses with which TLS cannot work, and why, as far as that is known within so many seconds.

    `dials` give a blocking connection to each address. Raises `TaskError` if the certificates cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    furnish(context, task)
    if task.http2:
        context.set_alpn_protocols([ALPN])
    deadline = time.monotonic() + min(seconds, MOST)
    found: dict[str, Fault] = {}

    def greet(address: str, dial: Dial) -> None:
        if fault := _refusal(task, context, dial, deadline):
            found[address] = fault

    # OpenSSL's handshake blocks here, so each has a thread. Threads that wait too long end with this process.
    threads = [threading.Thread(target=greet, args=item, daemon=True) for item in dials.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(found)


def _refusal(task: Task, context: ssl.SSLContext, dial: Dial, deadline: float) -> Fault | None:
    """The fault that ends the handshake. None if it succeeds or is not over by the deadline."""
    for pause in (*_PAUSES, None):
        try:
            with dial() as sock:
                return _greet(task, context, sock, deadline)
        except TimeoutError:
            return None
        except OSError as error:
            if pause is None or not ended(error) or time.monotonic() + pause > deadline:
                return of_open(error) if isinstance(error, ssl.SSLError) else _of_hang_up(error)
            time.sleep(pause)
    return None


def _of_hang_up(error: OSError) -> Fault:
    """The fault of a connection that ended in the handshake. A reset counts as an end of it."""
    return of_open(ssl.SSLEOFError() if isinstance(error, ConnectionResetError) else error)


def _greet(task: Task, context: ssl.SSLContext, sock: socket.socket, deadline: float) -> Fault | None:
    """Do the handshake. The fault of a target that does not choose HTTP/2, where the task has it (RFC 7301). Raises
    OSError: TimeoutError, or the error of the connection."""
    began = time.monotonic()
    rest = max(0.001, deadline - began)
    name = server_name(task.target.hostname or "")
    with context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False) as secured:
        secured.settimeout(rest - min(_GOODBYE, rest / 4))
        try:
            secured.do_handshake()
        except TimeoutError:
            _say_goodbye(secured, deadline - time.monotonic())
            return None
        now = time.monotonic()
        if secured.version() == "TLSv1.3":
            _await_alert(secured, min(_ALERT + 2 * (now - began), deadline - now))
        chosen = secured.selected_alpn_protocol()
    return Fault("protocol", NOT_SPOKEN) if task.http2 and chosen != ALPN else None


def _say_goodbye(secured: ssl.SSLSocket, seconds: float) -> None:
    """Tell a silent target that nothing more comes.

    A server without TLS waits for the rest of a request, and closes the connection when it knows that none comes. A
    slow server stays silent, or answers at last. Raises SSLError if it closed the connection, else TimeoutError.
    """
    secured.shutdown(socket.SHUT_WR)  # from here on it reads and writes without TLS
    secured.settimeout(max(0.001, seconds))
    said = secured.recv(5)
    if said in (b"", b"HTTP/"):
        raise ssl.SSLEOFError


def _await_alert(secured: ssl.SSLSocket, seconds: float) -> None:
    """Wait for the target's judgement of the client certificate.

    In TLS 1.3 the client's handshake is over before the target has seen its certificate (RFC 8446, 4.4.2.4). Then the
    target sends an alert, or session tickets if it accepts the certificate. Raises SSLError (the alert).
    """
    with selectors.DefaultSelector() as selector:
        selector.register(secured, selectors.EVENT_READ)
        selector.select(max(0.0, seconds))
    secured.setblocking(False)
    try:
        secured.recv(1)
    except (BlockingIOError, ConnectionResetError, ssl.SSLWantReadError, ssl.SSLEOFError):
        return
