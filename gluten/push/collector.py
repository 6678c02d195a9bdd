"""Posts bodies to one server over one connection that is kept. It blocks, so it has a process of its own."""

from __future__ import annotations

import gzip
import http.client
import ssl
from typing import NamedTuple

from gluten.push.address import Destination
from gluten.version import __version__

TIMEOUT = 10.0
"""Seconds that the server may take for a connection, and for each piece of its answer."""
_MOST_ANSWER = 64 << 10
_LEVEL = 1


class Answer(NamedTuple):
    """`status` is 0 where no answer came; then `text` says why. `wait`: seconds that the server asks for."""

    status: int
    text: str = ""
    body: bytes = b""
    wait: float = 0.0


class Collector:
    def __init__(self, destination: Destination, timeout: float = TIMEOUT) -> None:
        self._to, self._timeout = destination, timeout
        self._open: http.client.HTTPConnection | None = None

    def post(self, path: str, kind: str, body: bytes) -> Answer:
        """Send a body, compressed, with this media type. Never raises. A kept connection that the server has closed
        meanwhile is replaced by a new one."""
        packed = gzip.compress(body, _LEVEL, mtime=0)
        kept = self._open is not None
        answer = self._try(path, kind, packed)
        return self._try(path, kind, packed) if kept and not answer.status else answer

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _try(self, path: str, kind: str, packed: bytes) -> Answer:
        try:
            if self._open is None:
                self._open = self._connection()
            return self._ask(self._open, path, kind, packed)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return Answer(0, _reason(error))

    def _ask(self, connection: http.client.HTTPConnection, path: str, kind: str, packed: bytes) -> Answer:
        query = f"?{self._to.query}" if self._to.query else ""
        headers = {
            "Content-Type": kind,
            "Content-Encoding": "gzip",
            "User-Agent": f"gluten/{__version__}",
            **dict(self._to.headers),
        }
        connection.request("POST", f"{self._to.path}{path}{query}" or "/", packed, headers)
        response = connection.getresponse()
        body = response.read(_MOST_ANSWER)
        answer = Answer(response.status, response.reason, body, _seconds(response.headers.get("Retry-After")))
        if response.will_close or not response.isclosed():
            self.close()
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        if not self._to.secure:
            return http.client.HTTPConnection(self._to.host, self._to.port, timeout=self._timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self._to.host, self._to.port, timeout=self._timeout, context=context)


def _seconds(text: str | None) -> float:
    """The number in a Retry-After. A date is not heeded."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0.0


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
