"""What a template may use: `Scope` when the file is read, `Values` when a request is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from gluten.workload.json_text import Json

Row = Mapping[str, Json]
"""One row of a feed: its columns by name. A value is a text, or from a `.jsonl` file any JSON value."""


@dataclass(frozen=True)
class Scope:
    """What the file and the command line define.

    `names`: feeds, vars and taken values; each outranks a function of its name.
    `constants`: vars that are the same text in every session. `env`: what the command line read.
    """

    names: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0


NOTHING = Scope()
"""No names, no environment, seed 0."""


@dataclass(frozen=True)
class Names:
    """What a template needs: columns of feeds, names (vars or taken values) and functions."""

    columns: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    @classmethod
    def of_all(cls, each: Collection[Names]) -> Names:
        return cls(
            frozenset().union(*(names.columns for names in each)),
            frozenset().union(*(names.words for names in each)),
            frozenset().union(*(names.functions for names in each)),
        )

    def __or__(self, other: Names) -> Names:
        return Names.of_all([self, other])

    @property
    def feeds(self) -> frozenset[str]:
        """The feeds of its columns."""
        return frozenset(feed for feed, _ in self.columns)


NO_NAMES = Names()


class Values:
    """What one session knows. `step` numbers its requests from 0, so that each request draws anew.

    `clock` is Unix time in seconds. `uuid` gives a text that it never gave before. `variables` has what makes the
    text of each var; a session makes it once, when it first needs it.
    """

    __slots__ = ("clock", "number", "rows", "run", "step", "taken", "uuid", "variables")

    def __init__(
        self,
        number: int,
        run: str,
        clock: Callable[[], float],
        uuid: Callable[[], str],
        variables: Mapping[str, Callable[[Values], str]],
    ) -> None:
        self.number = number
        self.run = run
        self.step = 0
        self.rows: dict[str, Row] = {}
        self.taken: dict[str, str] = {}
        self.clock = clock
        self.uuid = uuid
        self.variables = variables

    def begin(self, number: int) -> None:
        """The next session: nothing of the last one is left."""
        self.number = number
        self.step = 0
        self.rows.clear()
        self.taken.clear()

    def name(self, name: str) -> str:
        """The taken value, else the var, else empty."""
        taken = self.taken.get(name)
        if taken is None:
            maker = self.variables.get(name)
            taken = self.taken[name] = self._constant(maker) if maker else ""
        return taken

    def _constant(self, maker: Callable[[Values], str]) -> str:
        """The text of a var. It is drawn as if it was the session's first request, whenever it is first needed."""
        step, self.step = self.step, 0
        try:
            return maker(self)
        finally:
            self.step = step
