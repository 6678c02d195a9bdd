"""Checks the path of a unix socket."""

from __future__ import annotations

import os

from gluten.errors import ConfigError

MAX_BYTES = 107
"""Bytes that fit into Linux's sockaddr_un before the closing zero. macOS allows 103."""


def check(path: str) -> str:
    """Return `path`. Raises `ConfigError` if the kernel would refuse it."""
    size = len(os.fsencode(path))
    if size > MAX_BYTES:
        raise ConfigError(
            f"{path}: a unix socket's path has at most {MAX_BYTES} bytes, not {size}: choose a shorter directory"
        )
    return path
