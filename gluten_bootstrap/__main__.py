"""The first code of the zipapp. It calls the bootstrap. Every version of Python can read this module."""

import gc
import os
import sys

gc.disable()  # until the command is imported: see gluten/__main__.py

if sys.version_info < (3, 6):
    running = ".".join(str(number) for number in sys.version_info[:3])
    archive = os.path.basename(os.path.dirname(__file__))
    sys.exit(archive + ": this file is for CPython 3.11 or newer; this is Python " + running)

TYPE_CHECKING = False  # type checkers take this name as true, as they do with typing.TYPE_CHECKING
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # built in, so importing it takes no time

masks = hasattr(signal, "pthread_sigmask")
before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM}) if masks else ()

from gluten_bootstrap.interrupts import ExitOnSignal  # noqa: E402 -- signals are blocked first

ExitOnSignal().__enter__()  # never exited: the program installs its own handlers later
if masks:
    signal.pthread_sigmask(signal.SIG_SETMASK, before)

from gluten_bootstrap.start import start  # noqa: E402 -- the handlers come first

sys.exit(start(os.path.dirname(__file__)))
