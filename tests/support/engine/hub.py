"""Runs things in the hub of a test, as the loop of a worker does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult


def turn() -> None:
    """What is ready to run runs."""
    for _ in range(4):
        gevent.sleep(0)


def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """The hub runs until the condition is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        gevent.sleep(0.001)


def in_hub(call: Callable[[], Any]) -> None:
    """Call it as the loop does."""
    done: AsyncResult[None] = AsyncResult()

    def run() -> None:
        try:
            call()
            done.set(None)
        except BaseException as error:
            done.set_exception(error)

    gevent.get_hub().loop.run_callback(run)
    done.get(timeout=5)
    turn()
