"""Sends files to nodes, part by part. Each node gets a part in its turn, and waits for few at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from gluten.cluster.master.membership import ClusterNode
from gluten.cluster.ports import MasterFiles
from gluten.errors import StoreError
from gluten.net.bus import messages as wire
from gluten.net.bus.messages import FILE_PART

WAITING = 16
"""Parts that one node may wait for. It asks for fewer; more are not sent, and it asks again."""
BATCH = 8
"""Parts that are sent before others get a turn."""


class FileServer:
    """`send` sends a message to a node. `wake` is called when `serve` has something to do."""

    def __init__(
        self, files: MasterFiles, send: Callable[[ClusterNode, wire.Message], bool], wake: Callable[[], None]
    ) -> None:
        self._files, self._send, self._wake = files, send, wake
        self._wanted: dict[str, tuple[ClusterNode, deque[tuple[str, int]]]] = {}
        """What each node waits for, by its name; the node whose turn it is comes first."""

    def want(self, node: ClusterNode, sha: str, offset: int) -> None:
        """The node wants the part of a file that begins at `offset`."""
        _, parts = self._wanted.get(node.name, (node, deque()))
        self._wanted[node.name] = (node, parts)  # its place in the order stays
        if len(parts) < WAITING and (sha, offset) not in parts:
            parts.append((sha, offset))
        self._wake()

    def serve(self) -> bool:
        """Send some parts. The calling greenlet waits for the disk. False: there was nothing to send."""
        served = False
        for _ in range(BATCH):
            if not self._wanted:
                break
            self._serve_one()
            served = True
        return served

    def _serve_one(self) -> None:
        name, (node, parts) = next(iter(self._wanted.items()))
        sha, offset = parts.popleft()
        del self._wanted[name]
        if parts:
            self._wanted[name] = (node, parts)  # behind the others
        self._send(node, self._part(sha, offset))

    def _part(self, sha: str, offset: int) -> wire.FilePart:
        total = self._files.size(sha)
        try:
            data = b"" if total is None else self._files.read(sha, offset, FILE_PART)
        except StoreError:  # it was removed just now, or the disk is broken
            total, data = None, b""
        return wire.FilePart(sha, offset, total, data)
