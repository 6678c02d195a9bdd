"""A run's server-sent events. Each event holds one update. Its `id` is the version that the reader then has.

A reader that reconnects with its last id (`Last-Event-ID`, or `?after=`) gets exactly what it missed. A long history is
sent in pieces of some `PIECE` bytes, and only the last one has an id. A reader that is cut off before it asks for
everything again. A row replaces the earlier row of the same second, so nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gluten.documents import UpdateDocument
from gluten.errors import GlutenError, Refused
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.http.answer import compact

Check = Callable[[], bool]

HEARTBEAT = 10.0
PIECE = 128 << 10
"""Bytes of rows in one event. To write and to compress them takes less than 5 ms."""
RETRY = b"retry: 1000\n\n"
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-store",
    "X-Accel-Buffering": "no",
}


def stream(
    master: WebFacade,
    ref: str,
    first: UpdateDocument,
    heartbeat: float = HEARTBEAT,
    still_allowed: Check = lambda: True,
    pause: Callable[[], None] = lambda: None,
    request: str | None = None,
) -> Iterator[bytes]:
    """The run's events, from the update `first` to the final one. It waits between them, so it needs a greenlet.

    It ends early when the reader is not `still_allowed`, for example after a logout. The first item must not wait,
    because bottle takes it before it sends the headers, and reads a thread-local while it does. `pause` is called after
    each other one. `request`: the rows have this named request alone; empty: none of them.
    """
    yield RETRY
    yield from _paced(first, pause)
    update = first
    while not update["final"]:
        seen = update["version"]
        try:
            update = master.wait(ref, seen, heartbeat, request)
            _check_allowed(still_allowed)
        except GlutenError as error:
            yield event("trouble", {"message": str(error)})
            return
        if update["version"] > seen or update["final"]:
            yield from _paced(update, pause)
        else:
            yield b": still here\n\n"


def _check_allowed(still_allowed: Check) -> None:
    if not still_allowed():
        raise Refused("the session has ended")


def _paced(update: UpdateDocument, pause: Callable[[], None]) -> Iterator[bytes]:
    for piece in events_of(update):
        yield piece
        pause()


def events_of(update: UpdateDocument) -> Iterator[bytes]:
    """The update in events of about `PIECE` bytes of rows. All events but the last one have `more` set."""
    partial = update | {"events": [], "final": False, "more": True}
    pieces = _rows_in_pieces(update)
    rows = next(pieces)
    for later in pieces:
        yield _event("update", _head(partial) + rows + b"]}")
        rows = later
    yield _event("update", _head(update) + rows + b"]}", update["version"])


def pieces_of(update: UpdateDocument) -> Iterator[bytes]:
    """The update as JSON, in such pieces."""
    yield _head(update)
    for count, rows in enumerate(_rows_in_pieces(update)):
        yield b"," + rows if count else rows
    yield b"]}\n"


def _head(update: Mapping[str, Any]) -> bytes:
    """The JSON of the update up to its first row."""
    return compact({name: value for name, value in update.items() if name != "rows"})[:-1] + b',"rows":['


def _rows_in_pieces(update: UpdateDocument) -> Iterator[bytes]:
    """Its rows as JSON with commas between them. If there are none, one empty piece."""
    texts, size = list[bytes](), 0
    for row in update["rows"]:
        text = compact(row)
        if texts and size + len(text) > PIECE:
            yield b",".join(texts)
            texts, size = [], 0
        texts.append(text)
        size += len(text)
    yield b",".join(texts)


def event(kind: str, value: Any) -> bytes:
    """One event. JSON escapes line breaks, so the data is always one line."""
    return _event(kind, compact(value))


def _event(kind: str, data: bytes, version: int | None = None) -> bytes:
    name = b"" if version is None else b"id: %d\n" % version
    return b"%sevent: %s\ndata: %s\n\n" % (name, kind.encode(), data)
