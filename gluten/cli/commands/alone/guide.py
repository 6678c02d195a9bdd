"""What decides how `gluten run` goes on: its SLOs, or a search for the capacity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gluten.cli.commands.alone.figures import Sums
from gluten.plan.lead import next_second
from gluten.plan.run_state import FINISHED, STOPPED
from gluten.plan.schedule import schedule_of
from gluten.report.capacity import why_over
from gluten.stats.delta import Delta
from gluten.stats.seconds import Seconds
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.cli.commands.alone.search import Search
    from gluten.report.capacity import Found
    from gluten.slo.live import LiveSlos
    from gluten.workload.workload import Workload


class Guide:
    """`schedule` is the asked one with its adjustments; None in a closed loop. `reason` is why this ended the load;
    empty: it did not."""

    def __init__(
        self,
        task: Task,
        workload: Workload | None,
        node: str,
        most: int | None,
        elapsed: Callable[[], float],
        adjust: Callable[[float, float], None],
        stop: Callable[[], None],
        add_event: Callable[..., None],
    ) -> None:
        """`most`: how many connections policy and host allow. `elapsed` tells the run-second now, `adjust` gets a rate
        and the run-second from which it holds, `stop` ends the load. `add_event` gets kind, text and second."""
        self._task, self._elapsed, self._adjust, self._stop = task, elapsed, adjust, stop
        self._add_event = add_event
        self.schedule = schedule_of(task, ())
        self._search = _search_of(task, workload, node, most) if task.find_capacity else None
        self._slos = _live_slos(task) if task.slo and self._search is None else None
        self.reason = ""

    @property
    def judges(self) -> bool:
        """It needs the sums of all seconds."""
        return self._slos is not None

    @property
    def state(self) -> str:
        """In which state the run ends that this ends."""
        return STOPPED if self._search is None else FINISHED

    @property
    def adjustments(self) -> list[tuple[float, float]]:
        """Changes of the rate: (run-second, rate)."""
        return [] if self._search is None else self._search.adjustments

    def shown(self) -> dict[str, Any]:
        """What the run map has of it."""
        slo = [] if self._slos is None else self._slos.entries
        return {"slo": slo, "capacity": None if self._search is None else self._search.document()}

    def found(self, state: str, kind: str) -> Found | None:
        """What a search has found. The run ended in this state, with an ending of this kind."""
        return None if self._search is None else self._search.found(why_over(state, kind))

    def worker_lost(self) -> None:
        """A worker has died, and another takes its place."""
        if self._search is not None:
            self._search.lost_worker(int(self._elapsed()))

    def take(self, delta: Delta, seconds: Seconds, sums: Sums) -> None:
        """Go on, or end the load, by what is new of a second. `seconds` and `sums` have it already."""
        if self._slos is not None:
            self._judge(self._slos, delta, seconds, sums)
        elif self._search is not None:
            self._go_on(self._search, delta, seconds)

    def _judge(self, slos: LiveSlos, delta: Delta, seconds: Seconds, sums: Sums) -> None:
        """Judge the run so far. An SLO with `else stop` ends it."""
        from gluten.report.slos import plan_of, so_far, sum_of  # here, because most runs have none
        from gluten.slo.slo import MISSED_EVENT

        slos.look(delta.second, seconds[delta.second])
        seen = so_far(self._task, self.schedule, sums.total, sums.last_sent, sums.measured)
        judged = slos.judge(seen, plan_of(self._task, self.schedule), partial(sum_of, seconds))
        for text, second in judged.missed:
            self._add_event(MISSED_EVENT, text, second)
        if judged.stop and not self.reason:
            self._end(judged.stop)

    def _go_on(self, search: Search, delta: Delta, seconds: Seconds) -> None:
        """Look for the capacity: another rate, or the end of the load."""
        from gluten.capacity.decision import Over, SetRate  # here, because most runs look for nothing

        decision = search.look(delta, seconds[delta.second])
        if isinstance(decision, SetRate) and not self.reason:
            self._set_rate(search, decision.rate)
        elif isinstance(decision, Over) and not self.reason:
            self._end(decision.reason)

    def _set_rate(self, search: Search, rate: float) -> None:
        second = next_second(self._elapsed())
        self._adjust(rate, second)
        search.adjusted(second, rate)
        self.schedule = schedule_of(self._task, search.adjustments)
        self._add_event("adjusted", f"rate set to {rate:g}/s, from second {second:.0f}", int(second))

    def _end(self, reason: str) -> None:
        self.reason = reason
        self._stop()


def _live_slos(task: Task) -> LiveSlos | None:
    from gluten.report.slos import live_slos  # here, because most runs have none

    return live_slos(task)


def _search_of(task: Task, workload: Workload | None, node: str, most: int | None) -> Search:
    from gluten.cli.commands.alone.search import Search  # as above

    return Search(task, workload, node, most)
