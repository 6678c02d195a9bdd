"""Settings: what a flag did not say, the environment may, else a file, else the default.

`--web-port` is `GLUTEN_WEB_PORT`, and `web-port` (or `web_port`) in `gluten.toml`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
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
    file: str = FILE

    @classmethod
    def load(cls, path: str | None, environ: Mapping[str, str]) -> Settings:
        """Read `path`, `$GLUTEN_CONFIG`, or `gluten.toml` here if there is one. Raises ConfigError."""
        named = path or environ.get("GLUTEN_CONFIG")
        file = Path(named or FILE)
        if not named and not file.is_file():
            return cls(environ)
        import tomllib  # most commands find no such file, and start sooner

        try:
            values = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            place = f"--config {file}" if path else f"GLUTEN_CONFIG: {file}" if named else str(file)
            why = getattr(error, "strerror", None) or error
            mend = "; name a file that is there, or leave it out" if isinstance(error, FileNotFoundError) else ""
            raise ConfigError(f"{place}: cannot be read: {why}{mend}") from None
        return cls(environ, {str(key).replace("_", "-"): value for key, value in values.items()}, str(file))

    def place(self, name: str) -> str:
        """Where a setting was found, for people."""
        return variable(name) if variable(name) in self.environ else f"{self.file}: {name}"

    def get(self, name: str) -> str | None:
        """The setting as text, or None."""
        found = self.said(name)
        return found if found is not None else self.filed(name)

    def said(self, name: str) -> str | None:
        """What the environment says."""
        return self.environ.get(variable(name))

    def filed(self, name: str) -> str | None:
        """What the file says. Raises ConfigError."""
        value = self.values.get(name.replace("_", "-"))
        if value is None:
            return None
        if isinstance(value, (dict, list)):
            raise ConfigError(f"{self.file}: {name}: a plain value is expected")
        return str(value)

    def get_list(self, name: str, between: str = r"[,\s]+") -> list[str]:
        """The setting as texts: a list in the file, else split at the pattern `between`. Raises ConfigError."""
        value = self.values.get(name)
        if variable(name) not in self.environ and isinstance(value, list):
            return [str(item) for item in value]
        return [part for part in re.split(between, (self.get(name) or "").strip()) if part]


def variable(name: str) -> str:
    """The environment's word for an option."""
    return "GLUTEN_" + name.upper().replace("-", "_")


def data_path(given: str | None, environ: Mapping[str, str]) -> Path:
    """Where a node keeps its things."""
    if given:
        return Path(given)
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "gluten"
    return Path(environ.get("HOME") or "~").expanduser() / ".local" / "share" / "gluten"


def data_directory(given: str | None, environ: Mapping[str, str]) -> Path:
    """What a node keeps its things in: made if need be, and writable. Raises ConfigError."""
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


def address(text: str, option: str = "--master") -> tuple[str, int]:
    """`HOST:PORT` (`[v6]:PORT`) as a pair, also out of a page's link. Raises ConfigError."""
    plain = re.sub(r"^https?://", "", text.strip(), flags=re.IGNORECASE).removesuffix("/")
    host, colon, port = plain.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"{option}: {text!r} is not HOST:PORT, such as 192.168.1.1:9090")
    return host, int(port)


def port(text: str, option: str) -> int:
    """A port number; 0 is any free one. Raises ConfigError."""
    if not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"{option}: {text!r} is not a port, a number from 0 to 65535")
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on, or a master's, is reached from this host alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_name() -> str:
    """What this machine is called, without its domain, for people."""
    return socket.gethostname().partition(".")[0] or "localhost"
