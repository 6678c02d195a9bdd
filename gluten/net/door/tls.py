"""TLS at the front door: the context of a certificate, and what is said to those who come without it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gevent import socket, ssl

from gluten.errors import ConfigError
from gluten.net.door.http1 import BARE

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# The order is ours: a browser offers both and must get HTTP/1.1, a gRPC client offers h2 alone.
PROTOCOLS = ("http/1.1", "h2")


_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def server_context(cert: str, key: str) -> ssl.SSLContext:
    """For the PEM files `--tls-cert` (the certificate, and what leads from it to its root) and `--tls-key`.

    Raises ConfigError.
    """
    for option, path in (("--tls-cert", cert), ("--tls-key", key)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise ConfigError(f"{option}: {path} cannot be read: {error.strerror}") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(list(PROTOCOLS))
    try:
        # Without `password`, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(cert, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise ConfigError(f"--tls-cert {cert}, --tls-key {key}: {_why(error)}") from None
    return context


def _why(error: Exception) -> str:
    reason = str(getattr(error, "reason", "") or "")
    known = {
        "KEY_VALUES_MISMATCH": "the key is not this certificate's",
        "NO_START_LINE": "not a PEM file",
        "PEM_LIB": "not PEM files of a certificate and its key, the key without a password",
        "EE_KEY_TOO_SMALL": "the key is too small: 2048 bits of RSA, or an elliptic curve",
        "CA_MD_TOO_WEAK": "the certificate is signed with a weak hash",
    }
    return known.get(reason.upper().replace(" ", "_"), f"not a certificate and its key: {reason.lower() or error}")


class Ending:
    """A TLS connection as `splice` takes it. A half of it cannot be ended alone: the end of one is the end of both."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock

    def recv(self, size: int) -> bytes:
        try:
            return self._sock.recv(size)
        except ssl.SSLEOFError:
            return b""

    def sendall(self, data: bytes) -> None:
        self._sock.sendall(data)

    def shutdown(self, how: int) -> None:
        # Not SSLSocket's: it forgets the TLS state, and who still receives would get what is encrypted.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


def insisting(app: App) -> App:
    """The application for who comes by TLS. A page that is asked for without is elsewhere (301); all else is refused:
    what it carried has been seen already, and a redirect would have it go on like that."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["wsgi.url_scheme"] == "https":
            return app(environ, start_response)
        return _elsewhere(environ, start_response)

    return serve


def _elsewhere(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "/")
    headers = list(BARE.items())
    page = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "HTTP_AUTHORIZATION" not in environ
    if page and _HOST.fullmatch(host):
        # Without the query, which may hold a token.
        start_response("301 Moved Permanently", [*headers, ("Location", f"https://{host}{_quoted(path)}")])
        return [b"This port speaks TLS: https://\n"]
    start_response("403 Forbidden", headers)
    return [b"This port speaks TLS: say https://. What was sent here was not encrypted.\n"]


def _quoted(path: str) -> str:
    return "/" + quote(path.lstrip("/"), safe="/")
