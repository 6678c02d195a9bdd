"""The master's end of the bus while it is sure that it is the active master. Else it sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluten.cluster.ports import Router


class SureRouter:
    """`router`, silent while `sure` says no. A master takes that for nodes that do not read."""

    def __init__(self, router: Router, sure: Callable[[], bool]) -> None:
        self._router, self._sure = router, sure

    def serve(self, on_frame: Callable[[bytes, bytes], None]) -> None:
        self._router.serve(on_frame)

    def send(self, peer: bytes, frame: bytes) -> bool:
        return self._sure() and self._router.send(peer, frame)

    def close(self) -> None:
        self._router.close()
