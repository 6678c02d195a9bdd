"""The idle streams of a thread at a rate: a request goes to the connection with the fewest in flight."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator

from gluten.engine.worker.thread import Sender


class IdleStreams:
    """See `Idle`. `popleft` gives a stream of the connection with the most idle ones; of several such connections, the
    one that came to that first. The first of them is the one that has been idle longest."""

    __slots__ = ("_by_count", "_of", "_senders", "_top")

    def __init__(self) -> None:
        # A dict finds its first key slowly when many keys before it were removed.
        self._senders: OrderedDict[Sender, None] = OrderedDict()
        self._of: dict[object, deque[Sender]] = {}
        # Connections by how many idle streams they have.
        self._by_count: list[OrderedDict[object, None]] = [OrderedDict()]
        self._top = 0

    def __len__(self) -> int:
        return len(self._senders)

    def __iter__(self) -> Iterator[Sender]:
        return iter(self._senders)

    def __getitem__(self, place: int) -> Sender:
        return next(iter(self._senders)) if place == 0 else [*self._senders][place]

    def append(self, sender: Sender) -> None:
        idle = self._of.setdefault(sender.group, deque())
        idle.append(sender)
        self._senders[sender] = None
        self._move(sender.group, len(idle) - 1, len(idle))

    def popleft(self) -> Sender:
        group = next(iter(self._by_count[self._top]))
        idle = self._of[group]
        sender = idle.popleft()
        self._forget(sender, len(idle))
        return sender

    def remove(self, sender: Sender) -> None:
        idle = self._of[sender.group]
        idle.remove(sender)
        self._forget(sender, len(idle))

    def _forget(self, sender: Sender, left: int) -> None:
        """It is idle no more, and so many others of its connection are."""
        del self._senders[sender]
        self._move(sender.group, left + 1, left)

    def _move(self, group: object, before: int, after: int) -> None:
        counts = self._by_count
        if after == len(counts):
            counts.append(OrderedDict())
        counts[before].pop(group, None)
        if after:
            counts[after][group] = None
        self._top = max(self._top, after)
        while self._top and not counts[self._top]:
            self._top -= 1
