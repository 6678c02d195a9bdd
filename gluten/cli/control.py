"""`gluten stop` and `gluten adjust`: change what runs."""

from __future__ import annotations

from gluten import units
from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect, who
from gluten.errors import UsageError


def stop(arguments: Arguments) -> int:
    """Raises NotFound, WrongState, Unreachable."""
    with connect(arguments) as client:
        run = client.stop(arguments.words[0], who())
    print(f"run {run['number']}: {run['state']}")
    return 0


def adjust(arguments: Arguments) -> int:
    """Raises UsageError, NotFound, WrongState, Unreachable."""
    if arguments.get("rate") is None:
        raise UsageError("adjust: --rate N is missing, such as `gluten.pyz adjust last --rate 2k`")
    try:
        rate = units.parse_rate(arguments.options["rate"])
    except units.UnitError as error:
        raise UsageError(f"--rate: {error}") from None
    with connect(arguments) as client:
        run = client.adjust(arguments.words[0], rate, who())
    print(f"run {run['number']}: {rate:g} requests/s from now on")
    return 0
