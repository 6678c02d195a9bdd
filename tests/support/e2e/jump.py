"""GLuTEN with a wall clock that jumps an hour ahead as soon as its working directory holds the file `jump`.

No namespace has a wall clock of its own, and setting the machine's would hit everything on it: so the clock that a real
process reads is put in its place before it starts. Its monotonic clock is the machine's, as it is after a real jump.
"""

from __future__ import annotations

import runpy
import time
from pathlib import Path

HOUR = 3600.0
FILE = "jump"


def main() -> None:
    real, jumped = time.time, Path(FILE).absolute()
    time.time = lambda: real() + (HOUR if jumped.exists() else 0.0)
    runpy.run_module("gluten", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
