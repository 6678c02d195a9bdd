"""Says on a terminal what is measured now."""

from __future__ import annotations

import sys


def show_progress(line: str) -> None:
    """Show progress, only on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
