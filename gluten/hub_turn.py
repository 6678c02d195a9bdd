"""Gives the hub a turn, in which it looks at its sockets. What computes much calls it after each piece."""

from __future__ import annotations

import gevent


def turn() -> None:
    # A timer, because `sleep(0)` lets 50 such pieces pass before the hub looks at sockets again.
    hub = gevent.get_hub()
    hub.wait(hub.loop.timer(0.0))
