"""What this program was started as: the file's own name, or the console script's."""

from __future__ import annotations

import sys
from pathlib import Path

GENERIC = "gluten.pyz"
"""As texts call it, and what it is called where its name says nothing (`python -m gluten`)."""
_SAYS_NOTHING = ("", "-", "-c", "-m", "__main__.py", "pytest", "py.test")


def program(started: str | None = None) -> str:
    """The name to type; `started` is what stands before the arguments."""
    name = Path(sys.argv[0] if started is None else started).name
    return GENERIC if name in _SAYS_NOTHING else name


def named(text: str, started: str | None = None) -> str:
    """The text with this program's name where it says `gluten.pyz`."""
    return text.replace(GENERIC, program(started))
