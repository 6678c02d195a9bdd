"""In which order several processes of pytest get the files: those that wait beside those that compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

WAITING = "tests/e2e/"
"""Whole programs, which wait most of the time: for seconds of load, for a lease to end."""
_UNTIL = 0.85
"""They are spread over the first part of the others, so that no long file is left for the end."""


def mixed(files: Sequence[str]) -> list[str]:
    """In their own order the files of whole programs would come all at once and leave the cores idle. Those that
    compute would come together, too, and be late for each other."""
    waiting = [file for file in files if file.startswith(WAITING)]
    others = [file for file in files if not file.startswith(WAITING)]
    places = {file: _UNTIL * at / len(waiting) for at, file in enumerate(waiting)}
    places |= {file: at / len(others) for at, file in enumerate(others)}
    return sorted(places, key=places.__getitem__)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """A process that runs alone keeps the order of the files, which a person expects."""
    if hasattr(config, "workerinput"):
        order = {file: at for at, file in enumerate(mixed(list(dict.fromkeys(map(_file, items)))))}
        items.sort(key=lambda item: order[_file(item)])


def _file(item: Any) -> str:
    return str(item.nodeid.partition("::")[0])
