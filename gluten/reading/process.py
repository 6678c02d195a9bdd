"""The process that computes what takes long: reports, comparisons, windows, all seconds of a run.

It reads the database over a connection of its own, and writes nothing. It needs no key and no port. A keeper forks it
when it is needed, and again when it has died. It ends with its node.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from gluten.engine.host import keeper
from gluten.engine.host.process import fork
from gluten.reading import messages

if TYPE_CHECKING:
    from gluten.reading.answerer import Answerer

log = logging.getLogger(__name__)

NICE = 10
"""Load and the node come first."""
LARGEST = 512 << 10
"""KiB of memory. One that has needed more ends, and another one takes its place."""


class Place(NamedTuple):
    """Where the database is, and a folder for files without a name."""

    db: str
    data: Path


def spawn(place: Place) -> socket.socket:
    """Fork the keeper. Returns the node's end of its socket. Call before anything else is imported."""
    return keeper.spawn(lambda parent: _fork(place, parent), "gluten-forker")


def _fork(place: Place, of_parent: socket.socket) -> socket.socket:
    ours, theirs = messages.pair()

    def run() -> None:
        ours.close()
        of_parent.close()
        serve(theirs, place)

    fork("gluten-reader", run)
    theirs.close()
    return ours


def serve(channel: socket.socket, place: Place) -> None:
    """Answer one question after the other, until the node closes its end."""
    _stand_back()
    with contextlib.suppress(OSError):
        messages.send(channel, {"pid": os.getpid()})
        answerer = _answerer(place)
        while received := messages.receive(channel):
            message, file = received
            with contextlib.ExitStack() as stack:
                shipped = stack.enter_context(open(file, "rb")) if file is not None else None
                reply, made = _reply(answerer, message, shipped, place.data)
                if made is not None:
                    stack.enter_context(made)
                reply |= {"question": message["question"], "last": _has_grown()}
                messages.send(channel, reply, [made.fileno()] if made is not None else [])
            if reply["last"]:
                return


def _answerer(place: Place) -> Answerer:
    # Here, because a node that nobody asks needs none of it.
    from gluten.reading.answerer import Answerer
    from gluten.report.formats.export import FORMATS
    from gluten.store.store import to_read

    return Answerer(to_read(place.db, place.data), FORMATS)


def _reply(
    answerer: Answerer, message: Mapping[str, Any], shipped: IO[bytes] | None, folder: Path
) -> tuple[dict[str, Any], IO[bytes] | None]:
    from gluten.errors import GlutenError
    from gluten.reading.failures import to_plain

    try:
        return answerer.reply(message, shipped, folder)
    except GlutenError as error:
        return {"failure": to_plain(error)}, None
    except MemoryError:
        return {"failure": {"error": "StoreError", "text": "this needs more memory than there is: ask for less"}}, None
    except OSError as error:
        why = error.strerror or str(error)
        return {"failure": {"error": "StoreError", "text": f"{folder}: the answer cannot be written: {why}"}}, None
    except Exception:
        log.exception("the question %s failed", message["kind"])
        return {"failure": {"error": "", "text": "an error inside the master; its log has the details"}}, None


def _stand_back() -> None:
    """Others get the processor first, and the kernel ends this process first where memory is short."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
        Path("/proc/self/oom_score_adj").write_text("500")


def _has_grown() -> bool:
    """Python gives little of its memory back."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (most >> 10 if sys.platform == "darwin" else most) > LARGEST
