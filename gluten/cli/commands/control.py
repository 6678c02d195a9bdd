"""`gluten stop`, `adjust` and `delete`: change a running task, or remove runs from the history."""

from __future__ import annotations

from gluten import units
from gluten.cli.arguments import Arguments
from gluten.cli.connect import caller, connect
from gluten.errors import UsageError


def stop(arguments: Arguments) -> int:
    """End a run. Raises NotFound, WrongState, Unreachable."""
    with connect(arguments) as client:
        run = client.stop(arguments.words[0], caller())
    print(f"run {run['number']}: {run['state']}")
    return 0


def adjust(arguments: Arguments) -> int:
    """Change the rate of a run. Raises UsageError, NotFound, WrongState, Unreachable."""
    rate = arguments.read("rate", units.parse_rate, None)
    if rate is None:
        raise UsageError("adjust: --rate N is missing, such as `gluten.pyz adjust last --rate 2k`")
    with connect(arguments) as client:
        run = client.adjust(arguments.words[0], rate, caller())
    print(f"run {run['number']}: {rate:g} requests/s from now on")
    return 0


def delete(arguments: Arguments) -> int:
    """Delete runs. If one of them is unknown, delete none. Raises NotFound, WrongState, Unreachable."""
    with connect(arguments) as client:
        found = {run["id"]: run["number"] for run in map(client.run, arguments.words)}
        for run, number in found.items():
            client.delete(run, caller())
            print(f"run {number}: deleted", flush=True)
    return 0
