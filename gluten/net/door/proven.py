"""Tells the door which of its connections have shown that their client has the key.

The door cannot see it, because it does not read what it passes on. The servers behind it can. They know a connection by
the name that the door has given it (`peername`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

import gevent

from gluten.net.door import peername


class ProvenPeers:
    """The connections whose client has not shown the key yet. Only `prove` may be called on another thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, Callable[[], object]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @contextlib.contextmanager
    def awaited(self, name: bytes | None, on_proven: Callable[[], None]) -> Iterator[None]:
        """Within the block, `prove` of this connection calls `on_proven` once, in the hub.

        Without a name nobody could tell, so the connection counts as proven.
        """
        if name is None:
            on_proven()
            yield
            return
        text = name.decode().lstrip("\0")
        self._waiting[text] = partial(gevent.get_hub().loop.run_callback_threadsafe, on_proven)
        try:
            yield
        finally:
            self._waiting.pop(text, None)

    def prove(self, peer: str) -> None:
        """The client of gRPC's connection `peer` has shown the key."""
        call = self._waiting.pop(peername.name_in(peer), None)
        if call is not None:
            with contextlib.suppress(ValueError):  # the hub has gone
                call()
