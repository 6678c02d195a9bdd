"""Forked processes that end with their parent and ignore signals for it.

Ctrl-C, timeout(1) and systemd send signals to the whole process group. The parent alone acts on them, because the
children must still report what they measured. POSIX, with prctl(2) on Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from gluten.interrupts import blocked, ignore

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


def fork(name: str, main: Callable[[], None]) -> int:
    """Run `main` in a child process. Returns its pid. In the child this function never returns."""
    parent = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    with blocked():
        pid = os.fork()
        if not pid:
            ignore()
    return pid or _live(name, parent, main)


def _live(name: str, parent: int, main: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        _settle(name, parent)
        main()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _settle(name: str, parent: int) -> None:
    """The child's first steps: it will die with its parent, has a name in `ps`, and keeps its memory shared."""
    gc.freeze()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(_PR_SET_NAME, name.encode()[:15])
    # The parent may have ended before the signal was requested.
    if os.getppid() != parent:
        os._exit(1)
