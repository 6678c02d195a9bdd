"""The SLOs of a run that goes on: told once, with a value for what is so far."""

from __future__ import annotations

from gluten.slo.grammar import parse_all
from gluten.slo.judge import Seen
from gluten.slo.live import Judged, LiveSlos
from gluten.stats.delta import Delta
from tests.slo.test_judge import QUICK, SLOW, second, sum_of


class Story:
    """Seconds that come one after another."""

    def __init__(self, *texts: str) -> None:
        self.live = LiveSlos(parse_all(texts))
        self.seconds: list[Delta] = []
        self.sums = self.added = 0

    def next(self, times: dict[int, int], failed: int = 0, plan: int | None = None) -> Judged:
        delta = second(len(self.seconds), times, failed)
        self.seconds.append(delta)
        self.live.look(delta.second, delta)
        seen = Seen(sum_of(self.seconds), float(len(self.seconds)), None, False)
        return self.live.judge(seen, plan, self._sum)

    def _sum(self, first: int, last: int) -> Delta:
        self.sums += 1
        self.added += last - first + 1
        return sum_of(self.seconds, first, last)

    @property
    def states(self) -> list[str]:
        return [entry["state"] for entry in self.live.entries]


def test_a_missed_slo_is_told_once() -> None:
    story = Story("p50 < 50ms", "errors < 10%")
    assert story.next(QUICK) == Judged()
    assert story.next({90_000: 30}) == Judged((("SLO missed: p50 < 50ms (90.00ms)", 1),))
    assert story.states == ["missed", "holds"]
    assert story.next(SLOW) == Judged()


def test_one_that_holds_again_is_shown_so_and_is_not_told_twice() -> None:
    story = Story("p50 < 50ms")
    assert story.next(SLOW).missed
    assert not story.next({1000: 50}).missed
    assert story.states == ["holds"]
    assert not story.next({90_000: 500}).missed


def test_what_an_earlier_master_told_is_not_told_again() -> None:
    story = Story("errors < 5", "errors < 5%")
    story.live.recall(["SLO missed: errors < 5% (9%)", "stopped by ada"])
    assert [text for text, _ in story.next(QUICK, failed=9).missed] == ["SLO missed: errors < 5 (9)"]


def test_it_stops_with_the_slo_as_its_reason() -> None:
    story = Story("p50 < 1s", "errors < 20% for 2s, else stop")
    assert story.next(QUICK, failed=10).stop == ""
    assert story.next(QUICK, failed=30).stop == "SLO missed: errors < 20% for 2s, else stop (66.67%)"


def test_a_plan_tells_what_cannot_be_mended() -> None:
    assert Story("errors < 20%, else stop").next(QUICK, failed=3, plan=14).stop
    assert not Story("errors < 20%, else stop").next(QUICK, failed=3).stop


def test_the_sum_of_a_long_window_is_not_made_each_second() -> None:
    story = Story("p50 < 50ms over 60s")
    for _ in range(120):
        story.next(QUICK)
    assert story.live.entries[0]["value"] == 1000.0
    # Until the window is full, each second is added to its sum. Then one sum does for three seconds.
    assert story.sums == 60 + 60 // 3
    assert story.added == 60 + 20 * 60
