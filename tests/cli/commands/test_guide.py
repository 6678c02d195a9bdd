"""How `gluten run` goes on: a search sets the rate and ends the load, and an SLO ends it."""

from __future__ import annotations

from typing import Any

from gluten.cli.commands.alone.figures import Sums
from gluten.cli.commands.alone.guide import Guide
from gluten.stats.delta import Delta
from gluten.stats.seconds import Seconds
from gluten.task.task import Task

URL = "http://127.0.0.1:1/"
CAPACITY = 300.0


class Run:
    """A run against a target that is slow above its capacity. Orders take effect as they are given."""

    def __init__(self, most: int | None = None, **fields: Any) -> None:
        self.task = Task(URL, threads=1, **fields)
        self.now = 0.0
        self.rates: list[tuple[float, float]] = []
        self.stopped = 0
        self.events: list[tuple[Any, ...]] = []
        self.guide = Guide(
            self.task, None, "local", most, lambda: self.now, self._adjust, self._stop, lambda *event: self._add(event)
        )
        self.seconds, self.sums = Seconds(), Sums(self.task)

    def _adjust(self, rate: float, second: float) -> None:
        self.rates.append((second, rate))

    def _stop(self) -> None:
        self.stopped += 1

    def _add(self, event: tuple[Any, ...]) -> None:
        self.events.append(event)

    def second(self, number: int, waiting: int = 0) -> None:
        """A second passes, and is reported a little later."""
        assert self.guide.schedule is not None
        count, rate = round(self.guide.schedule.asked(number, number + 1)), self.guide.schedule.rate(number)
        delta = Delta(number)
        delta.of().sent = delta.of().completed = count
        delta.of().status = {200: count}
        delta.of().response.record(5_000 if rate <= CAPACITY else 80_000, count)
        delta.backlog, delta.connections = waiting, 20
        self.now = number + 1.1
        self.seconds.add(delta)
        self.sums.add(delta)
        self.guide.take(delta, self.seconds, self.sums)

    def go(self, seconds: int, **more: Any) -> None:
        for number in range(seconds):
            if not self.stopped:
                self.second(number, **more)


def search(**fields: Any) -> dict[str, Any]:
    asked = {"find_capacity": True, "search_from": 100.0, "precision": 0.1, "hold": 4.0, "duration": 120.0}
    return asked | {"slo": ("p99 < 50ms",)} | fields


def test_a_search_sets_the_rate_from_the_next_whole_second_on_and_ends_with_its_answer() -> None:
    run = Run(**search())
    run.go(120)
    found = run.guide.found("finished", "")
    assert found is not None
    assert 0.8 * CAPACITY <= (found.document["holds"] or 0) <= CAPACITY <= (found.document["misses"] or 0)
    assert (run.stopped, run.guide.reason, run.guide.state) == (1, found.document["text"], "finished")
    assert run.guide.adjustments == run.rates
    assert run.rates[0][1] == 200.0
    assert all(second == int(second) for second, _ in run.rates)
    assert [event[0] for event in run.events] == ["adjusted"] * len(run.rates)
    assert run.guide.shown()["capacity"] == found.document


def test_no_rate_is_set_when_the_load_has_ended() -> None:
    run = Run(**search())
    run.guide._elapsed = lambda: 0.0
    run.go(30)
    assert run.rates == run.guide.adjustments == []


def test_a_search_that_a_person_stops_says_so() -> None:
    run = Run(**search())
    run.go(8)
    assert "; the search goes on" in run.guide.shown()["capacity"]["text"]
    found = run.guide.found("stopped", "")
    assert found is not None
    assert found.document["limit"] == "asked"
    assert found.document["text"].endswith("the run was stopped")


def test_a_generator_with_all_of_its_connections_is_the_limit() -> None:
    run = Run(most=20, **search())
    run.go(120, waiting=5)
    found = run.guide.found("finished", "")
    assert found is not None
    assert (found.document["limit"], found.document["node"]) == ("generator", "local")


def test_an_slo_ends_the_run_as_stopped() -> None:
    run = Run(rate=400.0, duration=60.0, slo=("p99 < 50ms, else stop",))
    run.go(60)
    assert (run.stopped, run.guide.state) == (1, "stopped")
    assert run.guide.reason.startswith("SLO missed: p99 < 50ms, else stop (")
    assert run.guide.found("stopped", "") is None
    assert run.guide.shown()["slo"][0]["state"] == "missed"
