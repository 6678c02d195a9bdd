"""The directory in which a node keeps its data. Commands on the same host find the cluster's key in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gluten.errors import ConfigError


def data_path(given: str | None, environ: Mapping[str, str]) -> Path:
    """The directory in which a node keeps its data."""
    if given:
        return Path(given)
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "gluten"
    return Path(environ.get("HOME") or "~").expanduser() / ".local" / "share" / "gluten"


def data_directory(given: str | None, environ: Mapping[str, str]) -> Path:
    """A node's data directory. It is created if it does not exist. Raises ConfigError if it cannot be written."""
    path = data_path(given, environ)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = path / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"--data {path}: cannot be written: {reason}; name another directory") from None
    return path.absolute()
