"""Settings. A flag comes first, then the environment, then the file, then the default.

`--web-port` is `GLUTEN_WEB_PORT` in the environment, and `web-port` (or `web_port`) in `gluten.toml`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import stat
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from gluten.errors import ConfigError

FILE = "gluten.toml"
DEFAULT_MASTER = "127.0.0.1:9090"


class Settings(NamedTuple):
    """The settings of the environment and of the file, by an option's long name.

    `named`: a person named the file. Otherwise it was found in this directory, and is trusted with less.
    """

    environ: Mapping[str, str]
    values: Mapping[str, Any] = MappingProxyType({})
    file: str = FILE
    named: bool = True

    @classmethod
    def load(cls, path: str | None, environ: Mapping[str, str]) -> Settings:
        """Read `path`, else `$GLUTEN_CONFIG`, else `gluten.toml` in this directory if it exists. Raises ConfigError."""
        named = path or environ.get("GLUTEN_CONFIG")
        file = named or FILE
        if not named and not os.path.isfile(file):
            return cls(environ)
        import tomllib  # here, because most commands find no file and start faster without it

        try:
            with open(file, encoding="utf-8") as opened:
                if not named:
                    _refuse_of_others(os.fstat(opened.fileno()))
                values = tomllib.loads(opened.read())
        except (OSError, ValueError) as error:
            place = f"--config {file}" if path else f"GLUTEN_CONFIG: {file}" if named else file
            why = getattr(error, "strerror", None) or error
            remedy = "; name a file that exists, or leave it out" if isinstance(error, FileNotFoundError) else ""
            raise ConfigError(f"{place}: cannot be read: {why}{remedy}") from None
        return cls(environ, {str(key).replace("_", "-"): value for key, value in values.items()}, file, bool(named))

    def place(self, name: str) -> str:
        """Where the setting was found, as a text for people."""
        return variable(name) if variable(name) in self.environ else f"{self.file}: {name}"

    def get(self, name: str) -> str | None:
        """The setting as text, or None."""
        found = self.from_environment(name)
        return found if found is not None else self.from_file(name)

    def from_environment(self, name: str) -> str | None:
        """The setting in the environment, or None."""
        return self.environ.get(variable(name))

    def from_file(self, name: str) -> str | None:
        """The setting in the file, or None. Raises ConfigError."""
        value = self.values.get(name.replace("_", "-"))
        if value is None:
            return None
        if isinstance(value, (dict, list)):
            raise ConfigError(f"{self.file}: {name}: must be a single value, not a list or a table")
        return str(value)

    def get_list(self, name: str, separator: str = r"[,\s]+") -> list[str]:
        """The setting as a list: a list in the file, or a text split at the pattern `separator`. Raises ConfigError."""
        value = self.values.get(name)
        if variable(name) not in self.environ and isinstance(value, list):
            return [str(item) for item in value]
        return [part for part in re.split(separator, (self.get(name) or "").strip()) if part]


def _refuse_of_others(about: os.stat_result) -> None:
    """Raises ConfigError for a found file that another user has written, or may write."""
    why = ""
    if about.st_uid not in (os.geteuid(), 0):
        why = "it belongs to another user"
    elif about.st_mode & stat.S_IWOTH:
        why = "every user may change it"
    if why:
        raise ConfigError(f"{FILE} of this directory is not used, because {why}: to trust it, name it: --config {FILE}")


def is_inside(path: str) -> bool:
    """Whether a file is in this directory or below it. Links are followed."""
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath("."), ""))


def variable(name: str) -> str:
    """The environment variable of an option."""
    return "GLUTEN_" + name.upper().replace("-", "_")


def address(text: str, option: str = "--master") -> tuple[str, int]:
    """`HOST:PORT` or `[IPV6]:PORT` as a pair. The link of a page is read too. Raises ConfigError."""
    plain = re.sub(r"^https?://", "", text.strip(), flags=re.IGNORECASE).removesuffix("/")
    host, colon, port = plain.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"{option}: {text!r} is not HOST:PORT, such as 192.168.1.1:9090")
    return host, int(port)


def addresses(text: str, option: str = "--master") -> list[tuple[str, int]]:
    """One or more addresses with commas in between, each as `address` reads it. Raises ConfigError."""
    return [address(part, option) for part in text.split(",")]


def port(text: str, option: str) -> int:
    """A port number. 0 means any free port. Raises ConfigError."""
    if not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"{option}: {text!r} is not a port, a number from 0 to 65535")
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether only this host can reach the address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_name() -> str:
    """This machine's name, without its domain."""
    return socket.gethostname().partition(".")[0] or "localhost"
