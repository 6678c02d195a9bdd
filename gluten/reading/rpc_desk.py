"""The desk as the gRPC service needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gluten.net.rpc.readings import LongAnswer, ShortAnswer
from gluten.reading.desk import ReadingDesk
from gluten.reading.pieces import FilePieces
from gluten.webui.api.answers import Question
from gluten.webui.api.readings import Asker

T = TypeVar("T")


class RpcDesk:
    def __init__(self, desk: ReadingDesk) -> None:
        self._desk = desk

    def report(self, role: str, address: str, ref: str) -> LongAnswer:
        return self._asked(role, address, Question("plain_report", (ref,)))

    def updates(self, role: str, address: str, ref: str, after: int) -> LongAnswer | None:
        stored = self._desk.stored(ref)
        return None if stored is None else self._asked(role, address, Question("updates", (stored,), {"after": after}))

    def here(self, role: str, address: str, work: Callable[[], T]) -> T:
        return self._desk.here(Asker(role, address), work)

    def _asked(self, role: str, address: str, question: Question) -> LongAnswer:
        body = self._desk.ask(Asker(role, address), question).body
        if isinstance(body, FilePieces):
            return body
        assert isinstance(body, bytes)
        return ShortAnswer(body)
