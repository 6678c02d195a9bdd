"""Settings: what a flag did not say, the environment may, else a file, else the default.

`--web-port` is `GLUTEN_WEB_PORT`, and `web-port` (or `web_port`) in `gluten.toml`.
"""

from __future__ import annotations

import os
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gluten.errors import ConfigError

FILE = "gluten.toml"
DEFAULT_MASTER = "127.0.0.1:9090"


@dataclass(frozen=True)
class Settings:
    """The environment and the file, asked by an option's long name."""

    environ: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | None, environ: Mapping[str, str]) -> Settings:
        """Read `path`, `$GLUTEN_CONFIG`, or `gluten.toml` here if there is one. Raises ConfigError."""
        named = path or environ.get("GLUTEN_CONFIG")
        file = Path(named or FILE)
        if not named and not file.is_file():
            return cls(environ)
        try:
            values = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"--config {file}: cannot be read: {error}") from None
        return cls(environ, {str(key).replace("_", "-"): value for key, value in values.items()})

    def get(self, name: str) -> str | None:
        """The setting as text, or None."""
        found = self.environ.get("GLUTEN_" + name.upper().replace("-", "_"))
        if found is not None:
            return found
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, (dict, list)):
            raise ConfigError(f"gluten.toml: {name}: a plain value is expected")
        return str(value)

    def get_list(self, name: str) -> list[str]:
        """The setting as texts: a list in the file, else split at commas and spaces. Raises ConfigError."""
        value = self.values.get(name)
        if "GLUTEN_" + name.upper().replace("-", "_") not in self.environ and isinstance(value, list):
            return [str(item) for item in value]
        return (self.get(name) or "").replace(",", " ").split()


def data_directory(given: str | None, environ: Mapping[str, str]) -> Path:
    """What a node keeps its things in: made if need be, and writable. Raises ConfigError."""
    if given:
        path = Path(given)
    elif environ.get("XDG_DATA_HOME"):
        path = Path(environ["XDG_DATA_HOME"]) / "gluten"
    else:
        path = Path(environ.get("HOME") or "~").expanduser() / ".local" / "share" / "gluten"
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = path / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"--data {path}: cannot be written: {reason}; name another directory") from None
    return path.absolute()


def address(text: str, option: str = "--master") -> tuple[str, int]:
    """`HOST:PORT` (`[v6]:PORT`) as a pair. Raises ConfigError."""
    host, colon, port = text.strip().rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"{option}: {text!r} is not HOST:PORT, such as 192.168.1.1:9090")
    return host, int(port)


def port(text: str, option: str) -> int:
    """A port number; 0 is any free one. Raises ConfigError."""
    if not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"{option}: {text!r} is not a port, a number from 0 to 65535")
    return int(text)


def host_name() -> str:
    """What this machine is called, without its domain, for people."""
    return socket.gethostname().partition(".")[0] or "localhost"
