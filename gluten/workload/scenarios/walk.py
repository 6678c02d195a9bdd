"""The walk of a session: what it does, act by act, in the order of the file. Pure.

What is drawn follows from the run's seed, the step's place in the file, the session's number, and how often this
session has drawn at this place. So a pause in a repeat differs each time, and how often one repeat went round changes
nothing that is drawn elsewhere.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from math import log1p
from typing import NamedTuple, Protocol

from gluten.workload.checks.check import Check
from gluten.workload.draws import Draws
from gluten.workload.scenarios.steps import Ask, Chance, Group, If, OneOf, Repeat, Scenario, Step, Steps, Think

_FINE = 1 << 53
_SHORT = 32
"""Requests of a session whose acts are made once for all sessions."""


class Send(NamedTuple):
    """Send a request, known by its place. `step` numbers the session's requests from 0."""

    request: int
    step: int


class Pause(NamedTuple):
    seconds: float


class Enter(NamedTuple):
    group: str


class Leave(NamedTuple):
    group: str


Act = Send | Pause | Enter | Leave


class Facts(Protocol):
    """What a session has learnt. The walk asks it between two acts."""

    def holds(self, check: Check) -> bool:
        """Whether the check is true of the last answer."""

    def true(self, condition: If) -> bool:
        """Whether the condition is true of the session's values."""


class Walk:
    """The walks of one scenario, with one seed."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        places = _Places(seed, f"scenario.{scenario.name}")
        self._do = _several(scenario.do, places, "do")
        self._places = places.count

    def acts(self, number: int, facts: Facts) -> Iterator[Act]:
        """Of the session with this number. A caller that ends the session early asks for no further act."""
        return _walk(self._do, _Session(number, facts, [0] * self._places))


class _Session:
    """Where one session is: how many requests it has sent, and how often it has drawn at each place."""

    __slots__ = ("drawn", "facts", "number", "sent")

    def __init__(self, number: int, facts: Facts, drawn: list[int]) -> None:
        self.number, self.facts, self.drawn, self.sent = number, facts, drawn, 0


class _Dice:
    """The draws of one place."""

    __slots__ = ("_at", "_draws")

    def __init__(self, draws: Draws, at: int) -> None:
        self._draws, self._at = draws, at

    def below(self, limit: int, session: _Session) -> int:
        if limit == 1:
            return 0
        turn = session.drawn[self._at]
        session.drawn[self._at] = turn + 1
        return self._draws.below(limit, session.number, turn)

    def share(self, session: _Session) -> float:
        """From 0 to below 1."""
        return self.below(_FINE, session) / _FINE


class _Places:
    """Hands out the dice. `count` is how many places draw."""

    def __init__(self, seed: int, scenario: str) -> None:
        self._seed, self._scenario, self.count = seed, scenario, 0

    def dice(self, place: str) -> _Dice:
        self.count += 1
        return _Dice(Draws(self._seed, f"{self._scenario}.{place}"), self.count - 1)


class _One(Protocol):
    """A step that is one act."""

    def act(self, session: _Session) -> Act: ...


class _Many(Protocol):
    """A step that is any number of acts."""

    def acts(self, session: _Session) -> Iterator[Act]: ...


_Node = tuple[_One, None] | tuple[None, _Many]
_Nodes = tuple[_Node, ...]


def _walk(nodes: _Nodes, session: _Session) -> Iterator[Act]:
    for one, many in nodes:
        if one is not None:
            yield one.act(session)
        elif many is not None:
            yield from many.acts(session)


def _several(steps: Steps, places: _Places, place: str) -> _Nodes:
    return tuple(_node(step, places, f"{place}/{index}") for index, step in enumerate(steps))


def _node(step: Step, places: _Places, place: str) -> _Node:
    match step:
        case Ask(request):
            return _Send(request), None
        case Think():
            return _pause(step, places, place), None
        case Repeat():
            return None, _Repeat(step, places.dice(place), _several(step.do, places, place))
        case OneOf(branches):
            dos = [_several(branch.do, places, f"{place}/{index}") for index, branch in enumerate(branches)]
            return None, _OneOf([branch.weight for branch in branches], places.dice(place), dos)
        case Chance(share, do):
            return None, _Chance(share, places.dice(place), _several(do, places, place))
        case Group(name, do):
            return None, _Group(name, _several(do, places, place))
        case If():
            return None, _If(step, _several(step.do, places, place))


def _pause(think: Think, places: _Places, place: str) -> _One:
    is_fixed = think.low == think.high and not think.exponential
    return _Rest(Pause(think.low)) if is_fixed else _Think(think, places.dice(place))


class _Send:
    __slots__ = ("_first", "_request")

    def __init__(self, request: int) -> None:
        self._request = request
        self._first = [Send(request, step) for step in range(_SHORT)]

    def act(self, session: _Session) -> Act:
        step = session.sent
        session.sent = step + 1
        return self._first[step] if step < _SHORT else Send(self._request, step)


class _Rest:
    """A pause that is always as long."""

    __slots__ = ("_pause",)

    def __init__(self, pause: Pause) -> None:
        self._pause = pause

    def act(self, _: _Session) -> Act:
        return self._pause


class _Think:
    __slots__ = ("_dice", "_seconds")

    def __init__(self, think: Think, dice: _Dice) -> None:
        self._seconds, self._dice = _spread(think), dice

    def act(self, session: _Session) -> Act:
        return Pause(self._seconds(self._dice.share(session)))


def _spread(think: Think) -> Callable[[float], float]:
    """From a share (0 to 1) to the pause."""
    low, high = think.low, think.high
    if think.exponential:
        return lambda share: min(high, -low * log1p(-share))
    return lambda share: low + (high - low) * share


class _Repeat:
    __slots__ = ("_dice", "_do", "_repeat")

    def __init__(self, repeat: Repeat, dice: _Dice, do: _Nodes) -> None:
        self._repeat, self._dice, self._do = repeat, dice, do

    def acts(self, session: _Session) -> Iterator[Act]:
        until = self._repeat.until
        for _ in range(self._most(session)):
            yield from _walk(self._do, session)
            if until is not None and session.facts.holds(until):
                return

    def _most(self, session: _Session) -> int:
        """How many rounds to do, at most. A repeat with `until` draws no number: it goes on until that is true, or for
        the most rounds."""
        low, high = self._repeat.low, self._repeat.high
        return high if self._repeat.until is not None else low + self._dice.below(high - low + 1, session)


class _OneOf:
    __slots__ = ("_dice", "_dos", "_ends")

    def __init__(self, weights: Iterable[int], dice: _Dice, dos: Sequence[_Nodes]) -> None:
        self._ends, self._dice, self._dos = tuple(accumulate(weights)), dice, dos

    def acts(self, session: _Session) -> Iterator[Act]:
        drawn = self._dice.below(self._ends[-1], session)
        return _walk(self._dos[bisect_right(self._ends, drawn)], session)


class _Chance:
    __slots__ = ("_dice", "_do", "_share")

    def __init__(self, share: float, dice: _Dice, do: _Nodes) -> None:
        self._share, self._dice, self._do = share, dice, do

    def acts(self, session: _Session) -> Iterator[Act]:
        return _walk(self._do if self._dice.share(session) < self._share else (), session)


class _Group:
    __slots__ = ("_do", "_name")

    def __init__(self, name: str, do: _Nodes) -> None:
        self._name, self._do = name, do

    def acts(self, session: _Session) -> Iterator[Act]:
        yield Enter(self._name)
        yield from _walk(self._do, session)
        yield Leave(self._name)


class _If:
    __slots__ = ("_do", "_if")

    def __init__(self, condition: If, do: _Nodes) -> None:
        self._if, self._do = condition, do

    def acts(self, session: _Session) -> Iterator[Act]:
        return _walk(self._do if session.facts.true(self._if) else (), session)
