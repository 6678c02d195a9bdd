"""In which order several processes of pytest get the files: those that wait beside those that compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

WAITING = "tests/e2e/"
"""Whole programs, which wait most of the time: for seconds of load, for a lease to end."""
DRAWING = "tests/webui/browser/"
"""Pages in a browser, which takes a core while it draws: beside each other they wait for each other."""
LONG = (
    "tests/e2e/sessions/test_cluster.py",
    "tests/e2e/cluster/test_masters.py",
    "tests/e2e/test_workloads.py",
    "tests/e2e/faults/test_node_faults.py",
    "tests/e2e/faults/test_page_faults.py",
    "tests/e2e/faults/test_master_faults.py",
    "tests/e2e/cluster/test_ends.py",
)
"""Those that take more than a minute begin first, so that no process is busy with one when the others have ended."""
_UNTIL = 0.7
"""Both kinds are spread over the first part of the others, which are short."""


def mixed(files: Sequence[str]) -> list[str]:
    """In their own order the files of whole programs would come all at once and leave the cores idle, and then those of
    the browser, for which two cores are too few."""
    waiting = sorted((file for file in files if file.startswith(WAITING)), key=_rank)
    drawing = [file for file in files if file.startswith(DRAWING)]
    others = [file for file in files if not file.startswith((WAITING, DRAWING))]
    places = {file: _UNTIL * at / len(waiting) for at, file in enumerate(waiting)}
    places |= {file: _UNTIL * (at + 0.5) / len(drawing) for at, file in enumerate(drawing)}
    places |= {file: at / len(others) for at, file in enumerate(others)}
    return sorted(places, key=places.__getitem__)


def _rank(file: str) -> int:
    return LONG.index(file) if file in LONG else len(LONG)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """A process that runs alone keeps the order of the files, which a person expects."""
    if hasattr(config, "workerinput"):
        order = {file: at for at, file in enumerate(mixed(list(dict.fromkeys(map(_file, items)))))}
        items.sort(key=lambda item: order[_file(item)])


def _file(item: Any) -> str:
    return str(item.nodeid.partition("::")[0])
