"""Where answers that take long are computed: here, or in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, Self, TypeVar

from gluten.webui.api.answers import Question, Reads, Renderer, answer
from gluten.webui.http.answer import Answer
from gluten.webui.http.web_request import Request

T = TypeVar("T")


class Asker(NamedTuple):
    """Whose questions wait for one another: a session, or an address with a token."""

    role: str
    name: str

    @classmethod
    def of(cls, request: Request) -> Self:
        principal = request.principal
        role = principal.role if principal is not None else ""
        return cls(role, (principal.session if principal is not None else "") or request.remote)


class Readings(Protocol):
    """Its methods raise `Busy` where too much is asked, and `StoreError`."""

    def stored(self, ref: str) -> str | None:
        """The id of a run that is over and stored, so that `ask` can answer all of it. Raises NotFound."""

    def ask(self, asker: Asker, question: Question, gzip: bool = False) -> Answer:
        """The answer. With `gzip` it may be compressed. Only the calling greenlet waits."""

    def expect(self, asker: Asker) -> None:
        """Somebody looks at the pages, and may ask soon: what starts slowly starts now. Nobody waits for it."""

    def here(self, asker: Asker, work: Callable[[], T]) -> T:
        """Do `work`, which computes long and gives way. One such work is done at a time."""


class ReadHere:
    """Computes everything in the calling greenlet."""

    def __init__(self, runs: Reads, formats: Mapping[str, Renderer]) -> None:
        self._runs, self._formats = runs, formats

    def stored(self, ref: str) -> str | None:
        return None

    def ask(self, asker: Asker, question: Question, gzip: bool = False) -> Answer:
        return answer(self._runs, self._formats, question)

    def expect(self, asker: Asker) -> None:
        pass

    def here(self, asker: Asker, work: Callable[[], T]) -> T:
        return work()
