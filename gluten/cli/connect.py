"""How a client command reaches its master."""

from __future__ import annotations

import getpass
import os
from urllib.parse import urlsplit

from gluten.cli.arguments import Arguments
from gluten.cli.clusterkey import token
from gluten.config import DEFAULT_MASTER, address
from gluten.net.client import Client


def master_address(arguments: Arguments) -> str:
    """`--master`, `$GLUTEN_MASTER`, the file, else the default; HOST:PORT. Raises ConfigError."""
    text: str = arguments.get("master", DEFAULT_MASTER)
    host, port = address(text)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def connect(arguments: Arguments) -> Client:
    """A client of the master, with its key where one is known; nothing is sent yet. Raises UsageError, ConfigError."""
    master = master_address(arguments)
    return Client(master, token=token(arguments, address(master)))


def who() -> str:
    """Who asks, for the run's history: user@host."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    return f"{user}@{os.uname().nodename}"


def link_for(link: str, arguments: Arguments) -> str:
    """The run's link by the host that reached the master from here: the master may know itself by another."""
    host = master_address(arguments).rpartition(":")[0]
    parts = urlsplit(link)
    if not parts.port:
        return link
    return parts._replace(netloc=f"{host}:{parts.port}").geturl()
