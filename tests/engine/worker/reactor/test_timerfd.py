"""A timer that is a descriptor is ready at its instant."""

from __future__ import annotations

import math
import select
import sys
import time
from typing import Any

import pytest

from gluten.engine.worker.reactor.timerfd import TimerFd

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="timerfd is Linux's")


def test_a_timer_is_ready_at_its_instant_and_quiet_once_it_is_set_anew() -> None:
    timer = TimerFd()
    timer.set(time.monotonic() - 1)
    assert _ready(timer.fd, 0.1)
    timer.set(time.monotonic() + 0.02)
    assert not _ready(timer.fd, 0.0)
    began = time.monotonic()
    assert _ready(timer.fd, 1.0)
    assert time.monotonic() - began >= 0.015
    timer.close()


def test_a_timer_for_the_end_of_time_is_quiet() -> None:
    timer = TimerFd()
    timer.set(time.monotonic() - 1)
    timer.set(math.inf)
    assert not _ready(timer.fd, 0.0)
    timer.close()


def _ready(fd: int, seconds: float) -> Any:
    return select.select([fd], [], [], seconds)[0]
