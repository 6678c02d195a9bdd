"""A run's server-sent events. Each event holds one update. Its `id` is the version that the reader then has.

A reader that reconnects with its last id (`Last-Event-ID`, or `?after=`) gets exactly what it missed. A long history is
sent in pieces, and only the last one has an id. A reader that is cut off before it asks for everything again. A row
replaces the earlier row of the same second, so nothing counts twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from gluten.documents import UpdateDocument
from gluten.errors import GlutenError, Refused
from gluten.webui.api.web_facade import WebFacade

Check = Callable[[], bool]

HEARTBEAT = 10.0
PIECE = 500
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
) -> Iterator[bytes]:
    """The run's events, from the update `first` to the final one. It waits between them, so it needs a greenlet.

    It ends early when the reader is not `still_allowed`, for example after a logout. The first event must not wait,
    because bottle takes it before it sends the headers, and reads a thread-local while it does.
    """
    yield b"retry: 1000\n\n"
    yield from events_of(first)
    update = first
    while not update["final"]:
        seen = update["version"]
        try:
            update = master.wait(ref, seen, heartbeat)
            _check_allowed(still_allowed)
        except GlutenError as error:
            yield event("trouble", {"message": str(error)})
            return
        if update["version"] > seen or update["final"]:
            yield from events_of(update)
        else:
            yield b": still here\n\n"


def _check_allowed(still_allowed: Check) -> None:
    if not still_allowed():
        raise Refused("the session has ended")


def events_of(update: UpdateDocument) -> Iterator[bytes]:
    """The update in events of at most `PIECE` rows. All events but the last one have `more` set."""
    rows, partial = update["rows"], update | {"events": [], "final": False, "more": True}
    for start in range(0, len(rows) - PIECE, PIECE):
        yield event("update", partial | {"rows": rows[start : start + PIECE]})
    rest = rows[(len(rows) - 1) // PIECE * PIECE :] if rows else []
    yield event("update", update | {"rows": rest}, update["version"])


def event(kind: str, value: Any, version: int | None = None) -> bytes:
    """One event. JSON escapes line breaks, so the data is always one line."""
    name = "" if version is None else f"id: {version}\n"
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{name}event: {kind}\ndata: {data}\n\n".encode()
