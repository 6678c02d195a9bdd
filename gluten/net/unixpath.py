"""What a unix socket may be called."""

from __future__ import annotations

import os

from gluten.errors import ConfigError

MAX_BYTES = 107
"""Bytes that fit into Linux' sockaddr_un beside the closing zero; macOS takes 103."""


def check(path: str) -> str:
    """The path itself. Raises `ConfigError` where the kernel would refuse it."""
    size = len(os.fsencode(path))
    if size > MAX_BYTES:
        raise ConfigError(
            f"{path}: a unix socket's path has at most {MAX_BYTES} bytes, not {size}: choose a shorter directory"
        )
    return path
