"""A worker's share of a core, by clocks that the test sets."""

from __future__ import annotations

import pytest

from gluten.engine.worker.recording.cpu_share import CpuShare


class Clocks:
    def __init__(self) -> None:
        self.now = self.cpu = 100.0
        self.share = CpuShare(lambda: self.now, lambda: self.cpu)

    def after(self, seconds: float, cpu: float) -> float:
        """The share when so many more seconds have passed, with so much CPU time."""
        self.now += seconds
        self.cpu += cpu
        return self.share()


def test_each_second_has_its_own_share() -> None:
    clocks = Clocks()
    assert [clocks.after(1.0, cpu) for cpu in (0.2, 0.9, 0.1)] == pytest.approx([0.2, 0.9, 0.1])


def test_the_short_begin_of_a_second_is_measured_with_the_second_before() -> None:
    clocks = Clocks()
    clocks.after(1.0, 0.9)
    clocks.after(1.0, 0.02)
    assert clocks.after(0.06, 0.06) == pytest.approx(0.08 / 1.06)


def test_a_run_that_is_short_as_a_whole_is_measured_as_it_is() -> None:
    assert Clocks().after(0.1, 0.05) == pytest.approx(0.5)


def test_a_share_is_at_most_a_whole_core() -> None:
    assert Clocks().after(1.0, 1.1) == 1.0
    assert Clocks().after(0.0, 0.1) == 1.0
