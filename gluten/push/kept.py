"""The file in which a master keeps how far its runs are pushed, so that the next one goes on from there."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

Kept = Mapping[str, tuple[int, int]]


class KeptFile:
    """`to` is the server, without secrets: what was pushed to another one does not count."""

    def __init__(self, path: Path, to: str) -> None:
        self._path, self._to = path, to

    def read(self) -> Kept:
        """Run -> second and number of events. A file that cannot be read counts as none."""
        try:
            plain = json.loads(self._path.read_text())
            if plain["to"] != self._to:
                return {}
            return {str(run): (int(second), int(events)) for run, (second, events) in plain["runs"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning(
                "%s cannot be read, so a run that was not pushed to its end may be pushed again, or not at all: %s",
                self._path,
                error,
            )
            return {}

    def write(self, kept: Kept) -> None:
        """Replace the file. Where that fails a later master pushes some seconds once more."""
        new = self._path.with_suffix(".new")
        try:
            new.write_text(json.dumps({"to": self._to, "runs": kept}))
            os.replace(new, self._path)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error)
