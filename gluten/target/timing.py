"""An event loop with exact timers.

epoll sleeps for whole milliseconds, rounded up, so asyncio's timers are up to a millisecond late. select() has a
resolution of microseconds, and it can wait for the epoll descriptor itself. That costs one more system call in each
turn of the loop.
"""

import asyncio
import select
import selectors
import sys

_FD_SETSIZE = 1024


def exact_event_loop() -> asyncio.SelectorEventLoop:
    """An event loop whose timers are late by about a tenth of a millisecond at most."""
    return asyncio.SelectorEventLoop(_exact_selector())


if sys.platform == "linux":

    class ExactSelector(selectors.EpollSelector):
        """epoll, with timeouts in microseconds."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """See selectors.BaseSelector.select."""
            if timeout is not None and timeout > 0 and self.fileno() < _FD_SETSIZE:
                select.select([self.fileno()], [], [], timeout)
                timeout = 0
            return super().select(timeout)

    def _exact_selector() -> selectors.BaseSelector:
        return ExactSelector()

else:  # kqueue itself has a resolution of nanoseconds

    def _exact_selector() -> selectors.BaseSelector:
        return selectors.DefaultSelector()
