"""The name by which this program was started: the file's name, or the console script's."""

from __future__ import annotations

import os
import sys

GENERIC = "gluten.pyz"
"""The name in texts, and the name of a program that was started without one of its own (`python -m gluten`)."""
_NO_NAME = ("", "-", "-c", "-m", "__main__.py", "pytest", "py.test")


def program(started: str | None = None) -> str:
    """The name that a user types. `started` is the first word of the command line."""
    name = os.path.basename(sys.argv[0] if started is None else started)
    return GENERIC if name in _NO_NAME else name


def with_program_name(text: str, started: str | None = None) -> str:
    """The text with this program's name in place of `gluten.pyz`."""
    return text.replace(GENERIC, program(started))
