"""One file on its way from the master to this node. Pure, but for the `Download` that is handed in.

The node asks for parts, in their order, and for few at once. So what the master sends for it never delays heartbeats
and deltas for long, however slow the line is. After a lost connection it asks again from where the file ends.
"""

from __future__ import annotations

from collections.abc import Callable

from gluten.cluster.ports import Download
from gluten.net.bus.messages import FILE_PART, FilePart

MOST = 8
"""Parts that are asked for at once, at most."""
QUICK, SLOW = 0.25, 1.0
"""A part that comes within so many seconds is a reason to ask for more at once; a slower one is a reason to ask for
fewer."""
AGAIN = 5.0
"""Parts that did not come within so many seconds are asked for again."""
UNWRITTEN = 16
"""Parts that wait for the disk. Beyond that none is asked for."""


class Fetch:
    """The file `sha`. `open_download` takes its size. `problem` says why it failed, `done` that it is here."""

    def __init__(self, sha: str, open_download: Callable[[int], Download]) -> None:
        self.sha, self._open = sha, open_download
        self._download: Download | None = None
        self._total: int | None = None
        self._asked: dict[int, float] = {}
        """When which parts were asked for, by offset, that have not come."""
        self._next = self._got = 0
        self._window = 1
        self._problem = ""

    @property
    def problem(self) -> str:
        return self._problem or (self._download.problem if self._download is not None else "")

    @property
    def done(self) -> bool:
        return self._download is not None and self._download.done

    def wanted(self, now: float) -> list[int]:
        """The offsets of the parts to ask for now."""
        if self._asked and now - max(self._asked.values()) > AGAIN:
            self.reset()
        found = []
        while self._may_ask():
            found.append(self._next)
            self._asked[self._next] = now
            self._next += FILE_PART
        return found

    def _may_ask(self) -> bool:
        if self.problem or len(self._asked) >= self._window:
            return False
        if self._download is None or self._total is None:
            return not self._asked  # the first part says how many there are
        return self._next < self._total and self._download.waiting < UNWRITTEN

    def reset(self) -> None:
        """What was asked for will not come."""
        self._asked.clear()
        self._next, self._window = self._got, 1

    def part(self, part: FilePart, now: float) -> None:
        """A part has come. They come in their order, so before one that is not the next, another was lost."""
        asked = self._asked.pop(part.offset, None)
        if asked is None or self.problem:
            return
        if part.offset != self._got:
            self.reset()
            return
        if part.total is None:
            self._problem = "the master does not have it any more"
            return
        self._adapt(now - asked)
        if self._download is None:
            self._total, self._download = part.total, self._open(part.total)
        self._take(part, self._download)

    def _take(self, part: FilePart, download: Download) -> None:
        if part.data:
            download.write(part.data)
            self._got += len(part.data)
        if self._got == self._total:
            download.finish()
        elif part.total != self._total or len(part.data) != FILE_PART:
            self._problem = "the master sent a part of another length than it has"

    def _adapt(self, took: float) -> None:
        if took > SLOW:
            self._window = max(1, self._window // 2)
        elif took < QUICK:
            self._window = min(MOST, self._window + 1)

    def drop(self) -> None:
        """Leave nothing of it."""
        if self._download is not None and not self.done:
            self._download.drop()
