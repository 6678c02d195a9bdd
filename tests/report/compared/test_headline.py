"""A comparison comes to a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.report.compared.headline import headline
from gluten.report.compared.named import numbered
from gluten.task.task import Task
from tests.support.capacity.found import searched
from tests.support.reports import URL, build, head, node, second

SAME = "run 7 does not differ from run 6 by more than noise."
SLOWER = "+20.0% (1.00ms to 1.20ms)"


def run(number: int, micros: int = 1000, count: int = 100, seconds: int = 20, bad: int = 0, **more: Any) -> Any:
    """A little more in every other second, and likewise for the times; of each second `bad` requests time out."""
    deltas = [second(at, {micros + at % 2: count + at % 2}) for at in range(seconds)]
    for delta in deltas:
        for at in range(bad):
            delta.of().fail("timeout", f"no answer {at}")
        delta.of().sent += bad
    task = Task(URL, threads=1, connections=10, duration=float(seconds), **more)
    return build(task, head(number=number), [node("alpha", deltas)])


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (run(6), run(7), SAME),
        (
            run(6),
            run(7, 1200),
            f"run 7 is worse than run 6: p99 {SLOWER}, p95 {SLOWER}, p50 {SLOWER} and 3 more.",
        ),
        (run(6), run(7, count=150), "run 7 is better than run 6: requests/s +49.8% (100.50 to 150.50)."),
        (
            run(6),
            run(7, count=80, bad=20),
            "run 7 is worse than run 6: errors +19.90 points (0.00% to 19.90%), requests/s -19.9% (100.50 to 80.50).",
        ),
        (
            run(6, seconds=4),
            run(7, 1200, seconds=4),
            (
                "run 6 and run 7 are too short to tell a difference from noise: 8 whole seconds after the first are "
                "needed."
            ),
        ),
        (
            run(6, seconds=9),
            run(7, 1200, seconds=8),
            (
                "run 7 is too short to tell a difference from noise: 8 whole seconds after the first are needed. But "
                "they are not alike (duration: 9s and 8s)."
            ),
        ),
        (
            run(6),
            run(7, rate=100.0),
            f"{SAME} But they are not alike (rate: none and 100).",
        ),
        (
            run(6),
            run(7, rate=100.0, method="POST"),
            f"{SAME} But they are not alike (rate: none and 100; 1 more).",
        ),
    ],
)
def test_a_comparison_in_a_sentence(first: Any, other: Any, said: str) -> None:
    assert headline(*numbered([first, other])) == said


def test_what_is_worse_is_said_before_what_is_better() -> None:
    text = headline(*numbered([run(6), run(7, 1200, 150)]))
    assert text.startswith("run 7 is worse than run 6 in p99 +20.0%")
    assert text.endswith("and better in requests/s +49.8% (100.50 to 150.50).")


def test_searches_come_to_their_capacity() -> None:
    first, less, same = searched(), searched(holds=11_000.0, misses=11_200.0), searched(holds=12_300.0, misses=12_500.0)
    assert "is worse than" in headline(*numbered([first, less]))
    assert "capacity -" in headline(*numbered([first, less]))
    assert "may carry the same: " in headline(*numbered([first, same]))
    assert "their intervals overlap" in headline(*numbered([first, same]))
