"""A timer that is a file descriptor, exact within tens of microseconds (Linux, timerfd_create(2)).

libev's timers sleep in whole milliseconds. `os.timerfd_create` came with Python 3.13 only, so the calls go through
ctypes.
"""

from __future__ import annotations

import ctypes
import os
from array import array
from time import monotonic

_FAR = 3600.0
"""Seconds: the kernel's fields are bounded, and whoever is woken sets the timer anew."""
_CLOCK_MONOTONIC = 1
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE = 1


class TimerFd:
    """`fd` is readable from an instant of the monotonic clock on. Raises OSError."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        # struct itimerspec: interval (s, ns), then the instant (s, ns); an array is filled quicker than a struct.
        self._spec = array("l", [0, 0, 0, 0])
        self._address = ctypes.c_void_p(self._spec.buffer_info()[0])
        self._settime = self._libc.timerfd_settime

    def set(self, instant: float) -> None:
        """Readable at `instant` (monotonic s), or in an hour if that is sooner. It also clears a past expiry."""
        if instant == float("inf"):
            instant = monotonic() + _FAR
        whole = int(instant)
        self._spec[2] = whole
        # All zeros would disarm it.
        self._spec[3] = int((instant - whole) * 1e9) or 1
        self._settime(self.fd, _ABSOLUTE, self._address, None)

    def close(self) -> None:
        os.close(self.fd)
