"""`gluten baseline`: pins the run that later runs of the same name are compared with, or lists the pinned runs."""

from __future__ import annotations

import json

from gluten.cli.arguments import Arguments
from gluten.cli.commands.show import PLAIN, table
from gluten.cli.connect import caller, connect
from gluten.cli.output import check_format

WORD = "baseline"
"""As the first run of `compare` this word means the run that is pinned for the name of the second run."""


def baseline(arguments: Arguments) -> int:
    """Pin or unpin a run, or list the pinned ones. Raises NotFound, WrongState, Unreachable."""
    wanted = check_format(arguments, PLAIN)
    with connect(arguments) as client:
        if arguments.words:
            remove = arguments.flag("remove")
            run = client.pin(arguments.words[0], not remove, caller())
            state = "is no longer a baseline" if remove else f"is the baseline of {called(run['name'])}"
            print(f"run {run['number']} {state}")
            return 0
        found = client.baselines()
    rows = [(str(known["number"]), known["run"][:8], known["name"]) for known in found]
    print(json.dumps({"baselines": found}, indent=2) if wanted == "json" else table(("RUN", "ID", "NAME"), rows))
    return 0


def called(name: str) -> str:
    return f"runs called {name!r}" if name else "runs without a name"
