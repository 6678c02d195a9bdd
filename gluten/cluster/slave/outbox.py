"""A slave's deltas and endings on their way to the master. They are kept until the master has acknowledged them.

They are written to the spool on disk before they are sent, so that they outlive this process. What the spool does not
take waits in memory. Both are bounded.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.plan.job import LEASE

log = logging.getLogger(__name__)

MEMORY = 64 << 20
"""How many bytes may wait in memory."""
AGAIN = 5.0
"""A delta without an acknowledgement is sent again after so many seconds, an ending after `ENDING_AGAIN`."""
ENDING_AGAIN = 2.0
PROBE = 16
"""How many deltas are sent again at a time, at most. The answers show whether more is of use."""
WINDOW = 2_000
"""How many deltas may be on the way at once. More would fill the queues of both sides."""
RESTARTED = "the slave was restarted"

Key = tuple[str, int]
"""(run, epoch)."""
Place = tuple[str, int, int]
"""(run, epoch, number). Number 0 is the ending; it is empty while there is none."""


class Spool(Protocol):
    """Such as `store.spool.Spool`. What it cannot do raises OSError."""

    def put(self, key: Place, blob: bytes) -> None: ...
    def get(self, key: Place) -> bytes: ...
    def drop(self, keys: Iterable[Place]) -> None: ...
    def __iter__(self) -> Iterator[Place]: ...


class NoSpool:
    """Nothing is kept on disk."""

    def put(self, key: Place, blob: bytes) -> None:
        raise OSError("there is none")

    def get(self, key: Place) -> bytes:
        raise KeyError(key)

    def drop(self, keys: Iterable[Place]) -> None:
        pass

    def __iter__(self) -> Iterator[Place]:
        return iter(())


@dataclass(slots=True)
class Kept:
    """`frame` is None where the spool has it. `sent` is when it was sent last; None: never, or on another connection.
    It is not sent before the instant `not_before`."""

    place: Place
    frame: bytes | None
    sent: float | None = None
    not_before: float = 0.0


class Outbox:
    """Deltas are numbered from 1 in each (run, epoch), in the order in which they come. `spool` None: memory alone."""

    def __init__(self, spool: Spool | None = None, memory: int = MEMORY) -> None:
        self._spool: Spool = spool if spool is not None else NoSpool()
        self._memory, self._held = memory, 0
        self._trouble = "" if spool is not None else "none"
        self._deltas: OrderedDict[Place, Kept] = OrderedDict()
        self._endings: dict[Key, Kept] = {}
        self._last: dict[Key, int] = {}
        self.known: list[Key] = []
        """What an earlier process was given. This process makes no load of it again."""
        self._recover()

    def __len__(self) -> int:
        return len(self._deltas)

    @property
    def empty(self) -> bool:
        return not self._deltas and not self._endings

    @property
    def full(self) -> bool:
        """Load must end, since its counts cannot be kept."""
        return self._held >= self._memory

    def begin(self, run: str, epoch: int) -> None:
        """Load of this assignment begins. If this process dies, the next one reports its end."""
        self._last[(run, epoch)] = 0
        self._put((run, epoch, 0), b"")

    def add(self, run: str, epoch: int, body: bytes, not_before: float = 0.0) -> None:
        """Keep a packed delta, and send it from the instant `not_before` on."""
        number = self._last[(run, epoch)] = self._last.get((run, epoch), 0) + 1
        place = (run, epoch, number)
        kept = self._deltas[place] = self._keep(place, frames.encode(wire.Delta(run, epoch, number, body)))
        kept.not_before = not_before

    def end(self, run: str, epoch: int, state: str, reason: str, ended: float, kind: str) -> None:
        """No delta follows."""
        last = self._last.pop((run, epoch), 0)
        frame = frames.encode(wire.Ended(run, epoch, last, state, reason, max(0.0, ended), kind))
        self._endings[(run, epoch)] = self._keep((run, epoch, 0), frame)

    def acknowledged(self, run: str, epoch: int, numbers: list[int]) -> None:
        places = [(run, epoch, number) for number in numbers]
        gone = [self._deltas.pop(place) for place in places if place in self._deltas]
        self._forget(gone)

    def closed(self, run: str, epoch: int) -> None:
        if (kept := self._endings.pop((run, epoch), None)) is not None:
            self._forget([kept])

    def reconnected(self) -> None:
        """What was sent may not have arrived."""
        for kept in (*self._deltas.values(), *self._endings.values()):
            kept.sent = None

    def due(self, now: float) -> Iterator[Kept]:
        """What is to be sent: everything new, and the oldest deltas without an answer."""
        probes, held = 0, set[Key]()
        room = WINDOW - sum(kept.sent is not None for kept in self._deltas.values())
        for kept in list(self._deltas.values()):
            if kept.not_before > now:
                held.add(kept.place[:2])
                continue
            if kept.sent is None:
                if room <= 0:
                    continue
                room -= 1
            elif now - kept.sent < AGAIN or probes >= PROBE:
                continue
            else:
                probes += 1
            yield kept
        # Endings come last: then the master has received every number up to the highest.
        for kept in list(self._endings.values()):
            waited = kept.sent is None or now - kept.sent >= ENDING_AGAIN
            if waited and kept.place[:2] not in held:
                yield kept

    def frame(self, kept: Kept) -> bytes | None:
        """The bytes to send; None where the disk has lost them. They are then given up."""
        if kept.frame is not None:
            return kept.frame
        try:
            return self._spool.get(kept.place)
        except OSError as error:
            log.error("spool: %s; one second of counts is lost", error)
        run, epoch, number = kept.place
        self._deltas.pop(kept.place, None)
        if not number:
            self._endings.pop((run, epoch), None)
        self._forget([kept])
        return None

    # The spool

    def _recover(self) -> None:
        begun: list[Key] = []
        for place in sorted(self._spool):
            run, epoch, number = place
            if number:
                self._deltas[place] = Kept(place, None)
                self._last[(run, epoch)] = max(number, self._last.get((run, epoch), 0))
            else:
                begun.append((run, epoch))
        self.known = sorted({*begun, *self._last})
        for key in self.known:
            if key in begun and self._ending_there(key):
                self._endings[key] = Kept((*key, 0), None)
            else:
                # The run treats it as a lease that has ended: the node is lost, and the run goes on as its task says.
                self.end(*key, "failed", RESTARTED, 0.0, LEASE)
        self._last.clear()

    def _ending_there(self, key: Key) -> bool:
        try:
            return bool(self._spool.get((*key, 0)))
        except OSError:
            return False

    def _keep(self, place: Place, frame: bytes) -> Kept:
        if self._put(place, frame):
            return Kept(place, None)
        self._held += len(frame)
        return Kept(place, frame)

    def _put(self, place: Place, blob: bytes) -> bool:
        try:
            self._spool.put(place, blob)
        except OSError as error:
            self._complain(error)
            return False
        if self._trouble:
            self._relieve()
        return True

    def _complain(self, error: OSError) -> None:
        if not self._trouble:
            self._trouble = str(error)
            log.warning("spool: %s; what the master has not acknowledged waits in memory only: make room", error)

    def _relieve(self) -> None:
        """The spool can be written again: what waits in memory moves there."""
        for kept in [*self._deltas.values(), *self._endings.values()]:
            if kept.frame is not None:
                try:
                    self._spool.put(kept.place, kept.frame)
                except OSError:
                    return
                self._held -= len(kept.frame)
                kept.frame = None
        self._trouble = ""
        log.warning("spool: it can be written again")

    def _forget(self, gone: list[Kept]) -> None:
        self._held -= sum(len(kept.frame) for kept in gone if kept.frame is not None)
        try:
            self._spool.drop(kept.place for kept in gone)
        except OSError as error:
            self._complain(error)
