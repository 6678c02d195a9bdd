"""The meter counts all the CPU of a client, including that of its descendants."""

from __future__ import annotations

import os
import sys

from bench.meter import measure

CORE = min(os.sched_getaffinity(0))
BURN = "import time\nwhile time.process_time() < 0.2: pass\n"


def test_output_and_exit_code_come_back() -> None:
    usage = measure([sys.executable, "-c", "print('said'); raise SystemExit(3)"], CORE, 20.0)
    assert (usage.output, usage.code) == ("said\n", 3)


def test_the_cpu_of_children_counts() -> None:
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"
    assert measure([sys.executable, "-c", program], CORE, 20.0).cpu >= 0.2


def test_what_all_programs_used_is_at_least_what_the_client_used() -> None:
    usage = measure([sys.executable, "-c", BURN], CORE, 20.0)
    assert usage.machine >= usage.cpu - 0.05  # the kernel counts the machine's CPU in steps of 10 ms a core


def test_a_client_that_does_not_end_is_killed() -> None:
    usage = measure([sys.executable, "-c", "import time; time.sleep(60)"], CORE, 0.3)
    assert (usage.code, usage.wall < 20) == (-9, True)
