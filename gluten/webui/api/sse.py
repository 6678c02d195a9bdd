"""A run's server-sent events: each carries one update, and its `id` is the version the reader then has.

A reader that comes back with the last id it saw (`Last-Event-ID`, or `?after=`) gets exactly what it missed.
A long history travels in pieces; only the last of them has an id, so a reader that is cut off in between
asks for all of it again. Rows are keyed by second and replace earlier ones: nothing counts twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from gluten.errors import GlutenError
from gluten.webui.api.web_facade import Map, WebFacade

HEARTBEAT = 10.0
PIECE = 500
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-store",
    "X-Accel-Buffering": "no",
}


def stream(
    master: WebFacade, ref: str, first: Map, heartbeat: float = HEARTBEAT, stays: Callable[[], bool] = lambda: True
) -> Iterator[bytes]:
    """The run's events from the update `first` on, until the final one, or until its reader no longer `stays`, having
    logged out. Blocks the greenlet between them.

    What comes first must not wait: bottle takes it before the headers are sent, from a thread-local.
    """
    yield b"retry: 1000\n\n"
    yield from frames(first)
    update = first
    while not update["final"]:
        seen = update["version"]
        try:
            update = master.wait(ref, seen, heartbeat)
        except GlutenError as error:
            yield frame("trouble", {"message": str(error)})
            return
        if not stays():
            yield frame("trouble", {"message": "the session has ended"})
            return
        if update["version"] > seen or update["final"]:
            yield from frames(update)
        else:
            yield b": still here\n\n"


def frames(update: Map) -> Iterator[bytes]:
    """The update in pieces of at most `PIECE` rows; all but the last say that there is `more` of it to come."""
    rows, partial = update["rows"], update | {"events": [], "final": False, "more": True}
    for start in range(0, len(rows) - PIECE, PIECE):
        yield frame("update", partial | {"rows": rows[start : start + PIECE]})
    rest = rows[(len(rows) - 1) // PIECE * PIECE :] if rows else []
    yield frame("update", update | {"rows": rest}, update["version"])


def frame(kind: str, value: Any, version: int | None = None) -> bytes:
    """One event. JSON has no raw line breaks, so the data is always one line."""
    name = "" if version is None else f"id: {version}\n"
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{name}event: {kind}\ndata: {data}\n\n".encode()
