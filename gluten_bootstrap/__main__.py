"""The first code of the zipapp: it hands over to the bootstrap. Every Python there is can read this module."""

import os
import sys

if sys.version_info < (3, 6):
    running = ".".join(str(number) for number in sys.version_info[:3])
    archive = os.path.basename(os.path.dirname(__file__))
    sys.exit(archive + ": this file is for CPython 3.11 or newer; this is Python " + running)

TYPE_CHECKING = False  # typing's own word for it: what checks types takes it for true
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # built in, so it is here at once

masks = hasattr(signal, "pthread_sigmask")
before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM}) if masks else ()

from gluten_bootstrap.interrupts import Ending  # noqa: E402 -- no signal shall come before

Ending().__enter__()  # for good: the program takes its place
if masks:
    signal.pthread_sigmask(signal.SIG_SETMASK, before)

from gluten_bootstrap.start import start  # noqa: E402 -- no signal shall come before

sys.exit(start(os.path.dirname(__file__)))
