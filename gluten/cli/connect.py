"""Connects a command to its master."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from urllib.parse import urlsplit

from gluten.cli.arguments import Arguments
from gluten.cli.clusterkey import token
from gluten.config import DEFAULT_MASTER, addresses
from gluten.errors import UsageError
from gluten.net.rpc.grpc_channel import Tls
from gluten.net.rpc.rpc_client import Client
from gluten.task.host_names import bracketed


def masters(arguments: Arguments) -> list[tuple[str, int]]:
    """The masters, of which one is active: `--master`, `$GLUTEN_MASTER`, the file, or the default. Raises
    ConfigError."""
    return addresses(arguments.get("master", DEFAULT_MASTER))


def master_addresses(arguments: Arguments) -> list[str]:
    """The same, each as HOST:PORT. Raises ConfigError."""
    return [f"{bracketed(host)}:{port}" for host, port in masters(arguments)]


def connect(arguments: Arguments) -> Client:
    """A client of the master, with the key if one is known. It sends nothing yet. Raises UsageError, ConfigError."""
    first, *others = master_addresses(arguments)
    return Client(first, token=token(arguments, masters(arguments)), tls=tls_of(arguments), others=others)


def tls_of(arguments: Arguments) -> Tls | None:
    """TLS, if `--master https://…` or `--master-cacert FILE` asks for it. Raises UsageError."""
    about_master = arguments.command != "submit"  # --cacert of `submit` is about the target
    path = arguments.setting("master-cacert") or (arguments.options.get("cacert") if about_master else None)
    if path is None:
        text: str = arguments.get("master", DEFAULT_MASTER)
        schemes = {part.strip().startswith("https://") for part in text.lower().split(",")}
        if len(schemes) > 1:
            raise UsageError(f"--master: {text!r}: all masters use TLS, or none: write https:// before each or none")
        return Tls() if True in schemes else None
    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"--master-cacert: {path!r} cannot be read: {error.strerror}") from None
    if b"-----BEGIN CERTIFICATE" not in pem:
        raise UsageError(f"--master-cacert: {path!r} is not a PEM file of certificates")
    return Tls(pem)


def caller() -> str:
    """user@host of the caller, for the run's history."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    return f"{user}@{os.uname().nodename}"


def link_for(link: str, arguments: Arguments, address: str) -> str:
    """The run's link, with the host of `address`, by which this command reaches the master. The master may know itself
    by another.

    The link stays as it is if the page has TLS but this command does not use TLS: the certificate is for the
    master's name.
    """
    host = address.rpartition(":")[0]
    parts = urlsplit(link)
    if not parts.port or (parts.scheme == "https" and tls_of(arguments) is None):
        return link
    return parts._replace(netloc=f"{host}:{parts.port}").geturl()
