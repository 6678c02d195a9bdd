"""A target that keeps a ledger: every request that it has read whole, with its body, in the order in which they came.

    with Ledger() as target:
        ...  # load target.url
        assert target.by_path() == {"/a": 3, "/b": 1}

It is a `FaultServer`, so a connection has a thread. `answer` makes the response's bytes; None closes the connection.
"""

from __future__ import annotations

import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.support.engine.faults import OK, FaultServer, Visit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Seen(NamedTuple):
    """One request. The names of `headers` are in lower case. `connection` counts from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Answer = Callable[[Seen], bytes | None]


def response(body: bytes = b"", status: int = 200, *headers: str) -> bytes:
    """A response with a length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def chunked(body: bytes, size: int = 7) -> bytes:
    """A chunked response."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    data = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data + b"0\r\n\r\n"


def well(seen: Seen) -> bytes:
    return OK


class Ledger(FaultServer):
    """Serves while it is entered."""

    def __init__(self, answer: Answer = well, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._behave, tls)
        self.seen: list[Seen] = []
        self._answer, self._scheme = answer, "http" if tls is None else "https"
        self._guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def by_path(self) -> dict[str, int]:
        return dict(Counter(seen.path for seen in self.seen))

    def _behave(self, visit: Visit) -> None:
        while (head := visit.read_request()) is not None:
            length = _LENGTH.search(head)
            seen = _seen(head, visit.read(int(length[1]) if length else 0), visit.number)
            with self._guard:
                self.seen.append(seen)
            answer = self._answer(seen)
            if answer is None:
                return
            visit.send(answer)
            if b"\r\nConnection: close\r\n" in answer:
                return


def _seen(head: bytes, body: bytes, connection: int) -> Seen:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Seen(method, target, headers, body, connection)
