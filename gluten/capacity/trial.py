"""A trial: the run-seconds at one rate, from when the target has settled to the next change of the rate. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from gluten.capacity.ceiling import behind
from gluten.capacity.decision import Generator
from gluten.capacity.facts import Known
from gluten.capacity.look import Look
from gluten.slo.slo import Slo
from gluten.stats.histogram import Histogram

_MOSTLY, _LEAST = 0.4, 3
"""The generators are the limit if they fell behind in `_MOSTLY` of the seconds, and in at least `_LEAST` of them."""


@dataclass(slots=True)
class Trial:
    """`since`: the run-second from which its rate holds. `settled`: the first run-second that counts; None: the target
    has not settled. `looks` are the seconds that count, `behind` the nodes that fell behind in one that does not."""

    rate: float
    since: float
    settled: int | None = None
    looks: list[Look] = field(default_factory=list)
    behind: list[Generator] = field(default_factory=list)
    newest: Look | None = None
    known: Known | None = None
    """What was known of its rate before the capacity moved; None: it still counts."""
    after: int = -1
    """The seconds up to this one do not count."""

    def take(self, look: Look, slos: Sequence[Slo]) -> None:
        """Add a second that was measured."""
        self.newest = look
        if self.settled is None or look.second <= self.after:
            return
        if late := behind(look, self.rate, slos):
            self.behind.append(late)
        else:
            self.looks.append(look)

    def replace(self, look: Look) -> None:
        """Replace a second by what is known of it now."""
        self.looks = [look if each.second == look.second else each for each in self.looks]

    def lost(self, second: int) -> None:
        """A node was lost in a second of it: what was seen so far does not count."""
        self.looks, self.behind, self.after = [], [], max(self.after, second + 1)

    @property
    def first(self) -> int:
        """The first run-second in which its rate holds from the beginning on."""
        return math.ceil(self.since)

    @property
    def limited(self) -> Generator | None:
        """The node that was the limit, if the generators were."""
        late = len(self.behind)
        if late < _LEAST or late < _MOSTLY * (late + len(self.looks)):
            return None
        name = Counter(one.name for one in self.behind).most_common(1)[0][0]
        return next(one for one in self.behind if one.name == name)


def response_of(looks: Sequence[Look]) -> Histogram:
    """The response times of a window."""
    whole = Histogram()
    for look in looks:
        whole.add(look.response)
    return whole


def session_length(looks: Sequence[Look]) -> float:
    """Seconds that most sessions, or without scenarios requests, take. 0: not known."""
    return median([look.session for look in looks]) if looks else 0.0
