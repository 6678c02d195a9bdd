"""A queue for greenlets: one works, the others wait for their turn."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gevent.event import Event

from gluten.errors import Busy
from gluten.reading.turns import Turns
from gluten.webui.api.readings import Asker


class Queue:
    """`each` and `most` limit the questions of an asker and of a role. Nobody waits longer than `patience` s."""

    def __init__(self, each: int, most: int, patience: float) -> None:
        self._turns: Turns[Event] = Turns(each, most)
        self._patience = patience
        self._taken = False

    @contextlib.contextmanager
    def turn(self, asker: Asker) -> Iterator[None]:
        """Wait for the asker's turn, and hold it within the block. Raises `Busy`."""
        mine = Event()
        self._turns.add(asker, mine)
        try:
            if not self._taken:
                self._pass_on()
            try:
                if not mine.wait(self._patience):
                    raise Busy(f"no answer within {self._patience:g} s, because others ask much: ask again", retry=10)
                yield
            finally:
                self._leave(asker, mine)
        finally:
            self._turns.end(asker)

    def _leave(self, asker: Asker, mine: Event) -> None:
        if mine.is_set():
            self._pass_on()
        else:
            self._turns.forget(asker, mine)

    def _pass_on(self) -> None:
        following = self._turns.next()
        self._taken = following is not None
        if following is not None:
            following.set()
