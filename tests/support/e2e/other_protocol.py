"""`python -m tests.support.e2e.other_protocol`: GLuTEN of a day when the bus speaks another protocol."""

from __future__ import annotations

import sys

from gluten import version


def main() -> int:
    version.__version__ = "9.9.9"  # before anything reads it
    from gluten.__main__ import main as command_line
    from gluten.net.bus import messages

    messages.PROTOCOL += 1
    return command_line()


if __name__ == "__main__":
    sys.exit(main())
