"""`python -m tests.support.e2e.broken_bus`: GLuTEN whose ZeroMQ fails once a certain file is there.

The file is `broken-recv` or `broken-send`. The call of that name then raises an error that nobody expects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq

FILE = "broken-{}"


def breaking(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def broken(*arguments: Any, **options: Any) -> Any:
        result = call(*arguments, **options)
        if Path(FILE.format(name)).exists():
            raise zmq.ZMQError(zmq.EFAULT)
        return result

    return broken


def main() -> int:
    from gluten.__main__ import main as command_line

    made = zmq.Context.socket

    def socket(self: Any, *arguments: Any, **options: Any) -> Any:
        one = made(self, *arguments, **options)
        for name in ("recv", "send"):
            object.__setattr__(one, f"{name}_multipart", breaking(name, getattr(one, f"{name}_multipart")))
        return one

    zmq.Context.socket = socket  # type: ignore[method-assign]
    return command_line()


if __name__ == "__main__":
    sys.exit(main())
