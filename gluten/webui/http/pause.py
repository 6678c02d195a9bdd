"""Gives the other greenlets of the hub a turn. What sends much calls it after each piece."""

from __future__ import annotations

import gevent


def pause() -> None:
    gevent.sleep(0)
