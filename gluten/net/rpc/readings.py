"""What takes long to compute, as the service needs it. `gluten.reading` implements it and is handed in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from gluten.documents import ReportDocument

T = TypeVar("T")


class LongAnswer(Protocol):
    """Bytes that a native thread takes, a part after the other. It has to be closed."""

    def parts(self, size: int) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class ShortAnswer:
    """One that is in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def parts(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self._data), size):
            yield self._data[start : start + size]

    def close(self) -> None:
        """Nothing is open."""


class RpcReadings(Protocol):
    """Its methods are called in the hub, by somebody of this role at this address. They raise `Busy` where too much is
    asked, and `NotFound`, `WrongState`, `StoreError`."""

    def report(self, role: str, address: str, ref: str) -> LongAnswer:
        """The report as JSON in ASCII."""

    def updates(self, role: str, address: str, ref: str, after: int) -> LongAnswer | None:
        """What `Watch` sends of a run that is over: messages, each behind its length. None: it is not over."""

    def here(self, role: str, address: str, work: Callable[[], T]) -> T:
        """Do `work`, which computes long and gives way. One such work is done at a time."""


class ReadHere:
    """Computes everything where it is called. `report` is the master's."""

    def __init__(self, report: Callable[[str], ReportDocument]) -> None:
        self._report = report

    def report(self, role: str, address: str, ref: str) -> LongAnswer:
        return ShortAnswer(json.dumps(self._report(ref)).encode())

    def updates(self, role: str, address: str, ref: str, after: int) -> LongAnswer | None:
        return None

    def here(self, role: str, address: str, work: Callable[[], T]) -> T:
        return work()
