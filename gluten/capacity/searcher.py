"""Searches for the highest rate at which all SLOs hold. Pure: a function of the adjustments and the seconds.

It is told what each run-second measured, and says after each whether the rate stays, changes, or the answer is there.
A master that was restarted replays adjustments and seconds, and goes on. What comes next is in `method`, the reasons
are in docs/decisions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gluten.capacity.answer import Findings, document
from gluten.capacity.decision import Decision, Generator, Over, SearchPlan, SetRate, Stay
from gluten.capacity.facts import Knowledge, Known
from gluten.capacity.known import Memory, judged, promising
from gluten.capacity.look import Look, look_of
from gluten.capacity.method import STARE, ends, enough, last_rate, next_rate, sure_gap
from gluten.capacity.near import Near
from gluten.capacity.recovery import MOST_WAITING, Recovery, calm
from gluten.capacity.standing import State
from gluten.capacity.trial import Trial, session_length
from gluten.capacity.words import NOTHING
from gluten.document_parts import CapacityDocument
from gluten.stats.delta import Delta

_ENOUGH_TIME, _ROUGH = 0.4, 3
"""After the part `_ENOUGH_TIME` of the time, an interval may be `_ROUGH` times wider than was asked for."""
_LAST_TIME = 0.7
"""After this part of the time the interval is not narrowed any more."""
_WIDE = 1.12
"""An interval wider than this factor is narrowed even after `_ENOUGH_TIME`."""
_EXPECTED = 0.9
"""If a rate was this sure to hold and then misses, the capacity has moved."""
_WARM = 10
"""After this many seconds the first rate counts as steady, even if the answers still get faster."""
_LONGER = 2
"""A hold that is likely to succeed, but not sure, may take this many times longer."""
_SPARE = 5
"""Seconds until a decision has an effect."""
_DRAIN = 8
"""Seconds in which a few requests of the rate before should be answered."""
_QUICK = 2.0
"""The target has to recover if its waiting requests would take longer than these seconds to answer."""
_PATIENCE = 0.2
"""The part of the time in which a target has to recover, but at least `_LEAST_PATIENCE` seconds."""
_LEAST_PATIENCE = 60


_FALLEN = 1.05
"""If a rate held, and one that is lower by this factor misses, this is not by chance."""


def _has_fallen(trial: Trial, known: Knowledge) -> bool:
    """A higher rate held before, and this one misses."""
    one = known.get(trial.rate)
    held = max((each.rate for each in known.values() if each.holds), default=0.0)
    return one is not None and one.misses and held >= one.rate * _FALLEN


class Searcher:
    """`last_hold`: the run-seconds [from, to) of the last hold at the answer; None: nothing holds so far. `changes`:
    from which second on which rate holds."""

    def __init__(self, plan: SearchPlan) -> None:
        self.plan = plan
        self._looks: dict[int, Look] = {}
        self._lost: set[int] = set()
        self.changes: list[tuple[float, float]] = []
        self._next_change = 0
        self._trials = [Trial(plan.start, 0.0)]
        self._memory = Memory(plan)
        self._findings = Findings()
        self._recovery: Recovery | None = None
        self._proven = False
        """The target has recovered from an overload once, so the next recovery need not be proven."""
        self._holding: float | None = None
        self._asked = False
        self._expected = 0.0
        """How sure it was that the rate holds, when it was set."""
        self._second = -1

    # What happens

    def adjusted(self, second: float, rate: float) -> None:
        """A rate holds from this run-second on. Call it for the adjustments before a restart of the master, too."""
        self.changes.append((second, rate))

    def look(self, second: int, delta: Delta, generators: Sequence[Generator]) -> None:
        """A settled second, over all nodes. A later call for the same second replaces it."""
        known = second in self._looks
        found = self._looks[second] = look_of(second, delta, self.plan.slos, generators)
        if known:
            self._memory.forget()
            for trial in self._trials:
                trial.replace(found)

    def lost(self, second: int, node: str) -> None:
        """A node, or a worker of it, was lost: a window with this second does not count."""
        self._lost.add(second)
        trial = next((one for one in reversed(self._trials) if one.since <= second), self._trials[0])
        trial.lost(second)

    def ended(self, reason: str) -> None:
        """The load has ended, and not by `Over`: by a person, at the end of a feed or of the time."""
        self._findings.over = self._findings.over or reason

    # What follows

    def decide(self, second: int) -> Decision:
        """What to do after `second`, the newest that is settled."""
        for each in range(self._second + 1, second + 1):
            self._take(each)
        self._second = max(self._second, second)
        if self._findings.over:
            return Over(self.document()["text"])
        if second + 1 >= self.plan.seconds:
            return self._over("the time is over")
        if self._asked or (self._trials[-1].settled is None and self._recovery is None):
            return Stay()
        return self._recover(second) if self._recovery else self._decided()

    def document(self) -> CapacityDocument:
        """The report's `capacity`, as far as the search has come."""
        return document(self.plan, self._trials, self._known(), self._findings, self._memory.confidence)

    @property
    def last_hold(self) -> tuple[int, int] | None:
        holds = self.document()["holds"]
        held = [trial for trial in self._trials if trial.rate == holds and trial.looks]
        return (held[-1].looks[0].second, held[-1].looks[-1].second + 1) if held else None

    # A second

    def _take(self, second: int) -> None:
        while self._next_change < len(self.changes) and self.changes[self._next_change][0] <= second:
            at, rate = self.changes[self._next_change]
            self._next_change += 1
            self._trials.append(Trial(rate, at))
            self._asked = False
        if second not in self._looks:
            return
        trial, look = self._trials[-1], self._looks[second]
        if second in self._lost:
            trial.lost(second)
        if trial.settled is None and self._settles(trial, second):
            trial.settled = second
        trial.take(look, self.plan.slos)

    def _settles(self, trial: Trial, second: int) -> bool:
        """Whether all sessions were begun at the new rate, and the target has warmed up."""
        if self._recovery and not self._recovery.proving:
            return False
        since = second - trial.first
        if len(self._trials) == 1:
            return since >= _WARM or (since >= 4 and self._steady(second))
        settle = self._settle()
        return since >= settle + _DRAIN or (since >= settle and self._drained(trial))

    def _drained(self, trial: Trial) -> bool:
        """No more requests wait than at rates that hold, where the rate fell."""
        if self._trials[-2].rate <= trial.rate or trial.newest is None:
            return True
        return trial.newest.waiting <= self._most_waiting(self._known())

    def _steady(self, second: int) -> bool:
        """The answers do not get faster any more."""
        newer, older = self._mean(second, second - 1), self._mean(second - 2, second - 3)
        return newer >= 0.7 * older

    def _mean(self, *seconds: int) -> float:
        some = [self._looks[each].response for each in seconds if each in self._looks]
        count = sum(len(one) for one in some)
        return sum(one.total for one in some) / count if count else 0.0

    def _settle(self) -> int:
        """Seconds after a change until all sessions are of the new rate."""
        looks = next((trial.looks for trial in reversed(self._trials) if trial.looks), [])
        return math.ceil(max(self.plan.session, session_length(looks)))

    # A decision

    def _decided(self) -> Decision:
        trial, known = self._trials[-1], self._known()
        if self._has_moved(trial) or _has_fallen(trial, known):
            self._move()
            known = self._known()
        if self._holding is not None:
            if not self._hold_is_over(trial, known):
                return Stay()
            self._holding = None
            if known[trial.rate].holds and len(trial.looks) >= self._hold and not self._is_worth_more(known):
                return self._over("no more was asked for")
        without = {rate: one for rate, one in known.items() if rate != trial.rate}
        if trial.rate not in known or not enough(
            known[trial.rate], len(trial.looks), ends(without), self._hold, self._near
        ):
            return Stay()
        rate = None if self._late else next_rate(known, self.plan, self._tolerance, self._near)
        return self._finish(known) if rate is None else self._go(rate, known)

    def _is_worth_more(self, known: dict[float, Known]) -> bool:
        """The interval is wide, and there is time to narrow it and for another hold."""
        near = self._near
        if near is None or self._late or near.used > _LAST_TIME:
            return False
        width = _WIDE if near.used > _ENOUGH_TIME else near.width
        return sure_gap(known, ends(known)) > max(width, 1 + self._tolerance)

    def _has_moved(self, trial: Trial) -> bool:
        """The rate held before, or was sure to hold, and does not."""
        if len(trial.looks) < STARE:
            return False
        before = [look for one in self._trials[:-1] if one.rate == trial.rate and not one.known for look in one.looks]
        if judged(self.plan, trial.looks, self._hold).state is not State.MISSES:
            return False
        if self._expected >= _EXPECTED:
            return True
        return judged(self.plan, before, self._hold).state is State.HOLDS

    def _move(self) -> None:
        """What was known before the trial does not count any more."""
        known = self._known()
        for trial in self._trials[:-1]:
            trial.known = trial.known or known.get(trial.rate)
        self._memory.forget()
        self._findings.moved, self._holding = True, None

    def _finish(self, known: dict[float, Known]) -> Decision:
        """End the search with a hold at the best rate, which repeats what was seen of it."""
        low = last_rate(known, self.plan, self._near)
        if low is None:
            return self._over(NOTHING)
        self._holding = low
        return self._go(low, known)

    def _hold_is_over(self, trial: Trial, known: dict[float, Known]) -> bool:
        if trial.rate not in known:
            return False
        one, length = known[trial.rate], len(trial.looks)
        if one.bounds or (length >= self._hold and one.holds):
            return True
        return length >= self._hold * (_LONGER if promising(one) else 1)

    def _go(self, rate: float, known: dict[float, Known]) -> Decision:
        """Set the rate. An overloaded target has to recover first."""
        trial = self._trials[-1]
        if self._overloaded(trial, known, rate):
            low = ends(known).low
            self._recovery = Recovery(self._second, trial.rate, rate if low is None else low, unknown=low is None)
            self._findings.recovers = True
            return self._set(self._recovery.wanted)
        return Stay() if rate == trial.rate else self._set(rate)

    def _set(self, rate: float) -> Decision:
        near, self._asked = self._near, True
        self._expected = near.crossing.above(rate) if near else 0.0
        return SetRate(rate)

    def _over(self, reason: str) -> Over:
        self._findings.over = self._findings.over or reason
        return Over(self.document()["text"])

    # Recovery

    def _overloaded(self, trial: Trial, known: dict[float, Known], rate: float) -> bool:
        """Whether so many requests wait that the lower `rate` would need more than `_QUICK` seconds to answer them."""
        if trial.newest is None or rate >= trial.rate:
            return False
        return trial.newest.waiting - self._most_waiting(known) > _QUICK * (trial.rate - rate)

    def _most_waiting(self, known: dict[float, Known]) -> float:
        """How many requests wait at most at rates that hold, with `MOST_WAITING` more; infinity if that is unknown."""
        most = 0
        for trial in self._trials:
            one = trial.known or known.get(trial.rate)
            if one is not None and (one.holds or (one.standing.likely and not one.bounds)) and trial.looks:
                most = max(most, *(look.waiting for look in trial.looks))
        return most + MOST_WAITING if most else math.inf

    def _recover(self, second: int) -> Decision:
        assert self._recovery is not None
        recovery, trial = self._recovery, self._trials[-1]
        seen = [self._looks[each] for each in range(trial.first, second + 1) if each in self._looks]
        if calm(seen[self._settle() :], recovery.patience, self._most_waiting(self._known()), self.plan):
            if recovery.proving or self._proven or recovery.unknown:
                return self._recovered(second)
            recovery.proving = True
            return self._set(recovery.rate)
        patient = second - recovery.since <= max(_LEAST_PATIENCE, _PATIENCE * self.plan.seconds)
        if recovery.proving and judged(self.plan, trial.looks, self._hold).state is State.MISSES:
            if not patient:
                return self._weaker()
            trial.looks, trial.settled, recovery.proving = [], None, False
            recovery.failures += 1
            return self._set(recovery.wanted)
        if not patient and not recovery.proving:
            return self._given_up()
        return Stay()

    def _recovered(self, second: int) -> Decision:
        assert self._recovery is not None
        took = second - self._recovery.since
        if took > self._findings.recovery:
            self._findings.recovery, self._findings.overload = took, self._recovery.after
        self._recovery, self._proven = None, True
        rate = next_rate(self._known(), self.plan, self._tolerance, self._near)
        return self._finish(self._known()) if rate is None or self._late else self._set(rate)

    def _weaker(self) -> Decision:
        """It is calm at half of a rate that held, and that rate does not hold any more."""
        self._recovery = None
        self._move()
        return self._decided()

    def _given_up(self) -> Decision:
        self._findings.recovers = False
        if self._recovery:
            self._findings.recovery = self._second - self._recovery.since
            self._findings.overload = self._recovery.after
        return self._over("it does not recover")

    # What is known

    def _known(self) -> dict[float, Known]:
        return self._memory.recall(self._trials, self._hold)

    @property
    def _near(self) -> Near | None:
        """What all rates together say of where the answer is."""
        found = self._memory.crossing
        return found and Near(found, self.plan.precision, self._hold, self._second / self.plan.seconds)

    @property
    def _hold(self) -> float:
        """Seconds of a hold: at least two sessions long."""
        return max(self.plan.hold, 2.0 * self._settle())

    @property
    def _late(self) -> bool:
        """Whether only the time for one hold is left."""
        return self._second + self._hold + self._settle() + _SPARE >= self.plan.seconds

    @property
    def _tolerance(self) -> float:
        used = self._second / self.plan.seconds
        if used > _LAST_TIME:
            return math.inf
        return self.plan.precision * (_ROUGH if used > _ENOUGH_TIME else 1)
