"""How a client command reaches its master."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from urllib.parse import urlsplit

from gluten.cli.arguments import Arguments
from gluten.cli.clusterkey import token
from gluten.config import DEFAULT_MASTER, address
from gluten.errors import UsageError
from gluten.net.rpc.grpc_channel import Tls
from gluten.net.rpc.rpc_client import Client


def master_address(arguments: Arguments) -> str:
    """`--master`, `$GLUTEN_MASTER`, the file, else the default; HOST:PORT. Raises ConfigError."""
    text: str = arguments.get("master", DEFAULT_MASTER)
    host, port = address(text)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def connect(arguments: Arguments) -> Client:
    """A client of the master, with its key where one is known; nothing is sent yet. Raises UsageError, ConfigError."""
    master = master_address(arguments)
    return Client(master, token=token(arguments, address(master)), tls=tls_of(arguments))


def tls_of(arguments: Arguments) -> Tls | None:
    """By `--master https://…` or `--master-cacert FILE`. Raises UsageError."""
    own = arguments.command != "submit"  # there, --cacert is about the target
    path = arguments.setting("master-cacert") or (arguments.options.get("cacert") if own else None)
    if path is None:
        text: str = arguments.get("master", DEFAULT_MASTER)
        return Tls() if text.lower().startswith("https://") else None
    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"--master-cacert: {path!r} cannot be read: {error.strerror}") from None
    if b"-----BEGIN CERTIFICATE" not in pem:
        raise UsageError(f"--master-cacert: {path!r} is not a PEM file of certificates")
    return Tls(pem)


def who() -> str:
    """Who asks, for the run's history: user@host."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    return f"{user}@{os.uname().nodename}"


def link_for(link: str, arguments: Arguments) -> str:
    """The run's link by the host that reached the master from here: the master may know itself by another.

    Not where the master's page has TLS and its host's own command came without: the certificate is for the other name.
    """
    host = master_address(arguments).rpartition(":")[0]
    parts = urlsplit(link)
    if not parts.port or (parts.scheme == "https" and tls_of(arguments) is None):
        return link
    return parts._replace(netloc=f"{host}:{parts.port}").geturl()
