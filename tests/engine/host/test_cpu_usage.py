"""How busy the machine was, by the counts of its kernel."""

from __future__ import annotations

from pathlib import Path

from gluten.engine.host.cpu_usage import LEAST, Usage


def test_busy_and_stolen_are_what_rose_between_two_readings(tmp_path: Path) -> None:
    stat, now = tmp_path / "stat", [10.0]
    # user nice system idle iowait irq softirq steal
    stat.write_text("cpu 100 0 100 800 0 0 0 0 0 0\n")
    usage = Usage(str(stat), lambda: now[0])
    stat.write_text("cpu 150 0 120 810 5 0 0 15 0 0\n")
    assert usage() == (0.0, 0.0)  # too soon to say
    now[0] += LEAST
    assert usage() == (0.7, 0.15)  # of 100 ticks 70 were busy, 15 stolen
    assert usage() == (0.7, 0.15)
    usage.begin()
    assert usage() == (0.0, 0.0)


def test_where_the_system_has_no_figures_both_shares_are_0(tmp_path: Path) -> None:
    now = [10.0]
    usage = Usage(str(tmp_path / "none"), lambda: now[0])
    now[0] += LEAST
    assert usage() == (0.0, 0.0)
