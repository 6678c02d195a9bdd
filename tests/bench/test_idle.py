"""Rules for the measurement of idle nodes: the whole process tree counts."""

from __future__ import annotations

import subprocess
import sys

from bench.idle import cpu

CHILD = "import time\nwhile time.process_time() < 0.2: pass\nprint(1, flush=True)\ninput()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


def test_the_cpu_of_living_children_counts() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        used = cpu(process.pid)
        process.stdin.write(b"\n")
        process.stdin.close()
    assert 0.2 <= used < 20.0
