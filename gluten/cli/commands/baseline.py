"""`gluten baseline`: the run that later runs of the same name are compared with."""

from __future__ import annotations

import json

from gluten.cli.arguments import Arguments
from gluten.cli.commands.show import PLAIN, table
from gluten.cli.connect import connect, who
from gluten.cli.output import check_format

WORD = "baseline"
"""Among the runs of `compare`: the one that is pinned for the next run's name."""


def baseline(arguments: Arguments) -> int:
    """Raises NotFound, WrongState, Unreachable."""
    wanted = check_format(arguments, PLAIN)
    with connect(arguments) as client:
        if arguments.words:
            remove = arguments.flag("remove")
            run = client.pin(arguments.words[0], not remove, who())
            said = "is no baseline any more" if remove else f"is the baseline of {called(run['name'])}"
            print(f"run {run['number']} {said}")
            return 0
        found = client.baselines()
    rows = [(str(known["number"]), known["run"][:8], known["name"]) for known in found]
    print(json.dumps({"baselines": found}, indent=2) if wanted == "json" else table(("RUN", "ID", "NAME"), rows))
    return 0


def called(name: str) -> str:
    return f"runs called {name!r}" if name else "runs without a name"
