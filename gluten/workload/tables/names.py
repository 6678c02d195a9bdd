"""What requests, feeds and vars may be called."""

from __future__ import annotations

import re

from gluten.task.toml_scan import Path
from gluten.workload.keys import CONTROLS, MAX_NAME
from gluten.workload.tables.source import Source

_NAME = re.compile("[A-Za-z0-9_]{1,64}")
_TITLE = re.compile(f"[^{CONTROLS}]{{1,{MAX_NAME}}}")


def check_name(source: Source, path: Path, name: str) -> None:
    """Of feeds, vars and taken values: templates name them. Raises `WorkloadError`."""
    if not _NAME.fullmatch(name):
        raise source.error(path, f"{name[:MAX_NAME]!r} is no name: up to {MAX_NAME} letters, digits and _")


def check_title(source: Source, path: Path, name: str) -> None:
    """Of requests, scenarios and groups: reports show them. Raises `WorkloadError`."""
    if not _TITLE.fullmatch(name):
        raise source.error(path, f"a name has 1 to {MAX_NAME} characters and no control character")
