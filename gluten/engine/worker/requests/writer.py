"""Writes the bytes of a named request: a pattern with what is the same each time, filled in with what varies.

HTTP/1.1 (RFC 9112). Headers of the file win over ours, as those of a command line do (`http1/request`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gluten.engine.worker.http1.request import BODYLESS, own_headers
from gluten.engine.worker.requests.named import Write
from gluten.task.task import Task
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.reference import reference_writer
from gluten.workload.templates.template import Piece, Template, joined, merged
from gluten.workload.templates.values import Values
from gluten.workload.workload import Multipart, Part, Request, files_of

TRACEPARENT = "traceparent"
Trace = Callable[[Values], bytes]
"""The value of the header `traceparent` of W3C's Trace Context."""


def write_of(request: Request, task: Task, trace: Trace | None = None) -> Write:
    """What writes the request. `task` has what counts for all requests, with the URL of this one's host.

    Where nothing varies it gives the same bytes each time."""
    write_body = _body(request)
    head = _head(request, task, trace)
    if "content-length" in _given(request):
        return joined([*head, b"\r\n\r\n", *_pieces(write_body)])
    if isinstance(write_body, bytes):
        return joined([*head, _length(request, write_body), b"\r\n\r\n", write_body])
    write_head = joined([*head, b"\r\nContent-Length: "])

    def write(values: Values) -> bytes:
        body = write_body(values)
        return b"%b%d\r\n\r\n%b" % (write_head(values), len(body), body)

    return write


def _pieces(body: bytes | Write) -> list[Piece]:
    return [body]


def _body(request: Request) -> bytes | Write:
    body = request.body
    if isinstance(body, Template):
        return b"".join(_constants(body)) if body.constant else body.writer(Encoding.PLAIN)
    if isinstance(body, bytes):
        return body
    if isinstance(body, Multipart) and not files_of(body):
        pieces = merged(piece for part in body.parts for piece in _pieces_of(part))
        constants = [piece for piece in pieces if isinstance(piece, bytes)]
        return b"".join(constants) if len(constants) == len(pieces) else joined(pieces)
    raise ValueError(f"the body of {request.name} is a file that was not read")


def _pieces_of(part: Part) -> Sequence[Piece]:
    """Of a part of a body, whose file was read."""
    if isinstance(part, Template):
        return part.pieces(Encoding.PLAIN)
    assert isinstance(part, bytes)
    return [part]


def _constants(body: Template) -> list[bytes]:
    return [piece for piece in body.pieces(Encoding.PLAIN) if isinstance(piece, bytes)]


def _length(request: Request, body: bytes) -> bytes:
    return b"\r\nContent-Length: %d" % len(body) if body or request.method not in BODYLESS else b""


def _given(request: Request) -> set[str]:
    """The names of the file's headers. Where a body is coded as it is given, its length must not be sent (6.2)."""
    given = {name.lower() for name, _ in request.headers}
    return given | {"content-length"} if "transfer-encoding" in given else given


def _head(request: Request, task: Task, trace: Trace | None) -> list[Piece]:
    """The request line and the headers but for the length, without the last line break."""
    given = _given(request) | {"content-length"}
    ours = [(name, value) for name, value in own_headers(task) if name.lower() not in given]
    found: list[Piece] = [request.method.encode(), b" ", *_target(request, task), b" HTTP/1.1"]
    for name, value in ours:
        found.append(f"\r\n{name}: {value}".encode("utf-8", "surrogateescape"))
    for name, template in request.headers:
        found += [f"\r\n{name}: ".encode("utf-8", "surrogateescape"), *template.pieces(Encoding.HEADER)]
    return found if trace is None else [*found, f"\r\n{TRACEPARENT}: ".encode(), trace]


def _target(request: Request, task: Task) -> tuple[Piece, ...]:
    if not request.path.leads:
        return request.path.pieces(Encoding.PATH)
    parts = task.target
    return (reference_writer(request.path, parts.scheme, parts.netloc.rpartition("@")[2]),)


def host_task(request: Request, task: Task) -> Task:
    """The task with the URL of the request's host, and without what a single request has."""
    own = {"headers": (), "workload": "", "env": (), "files": (), "rows": (), "sessions": None, "redirects": None}
    return task._replace(url=f"{request.origin}/", **own)
