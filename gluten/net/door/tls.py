"""TLS at the front door: the context of a certificate, and the answer to requests that come without TLS."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gevent import socket, ssl

from gluten.errors import ConfigError
from gluten.net.door.http1 import ERROR_HEADERS

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# The server's order decides. A browser offers both and must get HTTP/1.1; a gRPC client offers only h2.
PROTOCOLS = ("http/1.1", "h2")


KnownHost = Callable[[str], bool]
"""Whether a Host header names this node. A redirect must not lead to another one."""

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def no_host(host: str) -> bool:
    """No host is known, so nothing is redirected."""
    return False


def server_context(cert: str, key: str) -> ssl.SSLContext:
    """The context for the PEM files `--tls-cert` (the certificate and its chain) and `--tls-key`.

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
        raise ConfigError(f"--tls-cert {cert}, --tls-key {key}: {_reason(error)}") from None
    return context


def _reason(error: Exception) -> str:
    reason = str(getattr(error, "reason", "") or "")
    known = {
        "KEY_VALUES_MISMATCH": "the key does not belong to this certificate",
        "NO_START_LINE": "this is not a PEM file",
        "PEM_LIB": "these are not PEM files of a certificate and of its key without a password",
        "EE_KEY_TOO_SMALL": "the key is too small: use 2048 bits of RSA, or an elliptic curve",
        "CA_MD_TOO_WEAK": "the certificate is signed with a weak hash",
    }
    return known.get(
        reason.upper().replace(" ", "_"), f"these are not a certificate and its key: {reason.lower() or error}"
    )


class TlsStream:
    """A TLS connection as a `splice.Stream`. TLS cannot end one direction alone, so `shutdown` ends both."""

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
        # Not SSLSocket's own shutdown: it drops the TLS state, and a pending `recv` would return encrypted bytes.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


def require_tls(app: App, is_known_host: KnownHost) -> App:
    """The application, for TLS connections only.

    Without TLS a page of a known host is redirected (301). All other requests are refused, because they were sent in
    clear text and a redirect would let the client go on with that.
    """

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["wsgi.url_scheme"] == "https":
            return app(environ, start_response)
        return _without_tls(environ, start_response, is_known_host)

    return serve


def _without_tls(
    environ: dict[str, Any], start_response: Callable[..., Any], is_known_host: KnownHost
) -> Iterable[bytes]:
    host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "/")
    headers = list(ERROR_HEADERS.items())
    page = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "HTTP_AUTHORIZATION" not in environ
    if page and _HOST.fullmatch(host) and is_known_host(host):
        # The query is left out, because it may hold a token.
        start_response("301 Moved Permanently", [*headers, ("Location", f"https://{host}{_quoted(path)}")])
        return [b"This port speaks TLS: https://\n"]
    start_response("403 Forbidden", headers)
    return [b"This port speaks TLS: use https://. This request was sent without encryption.\n"]


def _quoted(path: str) -> str:
    return "/" + quote(path.lstrip("/"), safe="/")
