"""What requests, feeds and vars may be called."""

from __future__ import annotations

import re

from gluten.task.toml_scan import Path
from gluten.workload.keys import MAX_NAME
from gluten.workload.tables.source import Source

_NAME = re.compile("[A-Za-z0-9_]{1,64}")


def check_name(source: Source, path: Path, name: str) -> None:
    """Of feeds, vars and taken values: templates name them. Raises `WorkloadError`."""
    if not _NAME.fullmatch(name):
        raise source.error(path, f"{name[:MAX_NAME]!r} is no name: up to {MAX_NAME} letters, digits and _")


def check_title(source: Source, path: Path, name: str) -> None:
    """Of requests: reports show them. Raises `WorkloadError`."""
    if not 0 < len(name) <= MAX_NAME or any(letter < " " or letter == "\x7f" for letter in name):
        raise source.error(path, f"a name has 1 to {MAX_NAME} characters and no control character")
