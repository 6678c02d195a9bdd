"""How a command's gRPC channel is made: without TLS, or with it. Hides grpc."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from gluten.errors import Unreachable

_PATIENCE = 2.0
_OTHER_NAME = ("Hostname Verification Check failed", "Peer name")
"""What versions of gRPC say of a certificate that is another host's."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`roots` are the certificates (PEM) that vouch for the master's; empty: those that this system trusts."""

    roots: bytes = b""


def open_channel(address: str, tls: Tls | None, options: Sequence[tuple[str, Any]]) -> grpc.Channel:
    """To HOST:PORT; nothing is sent yet."""
    target = f"dns:///{address}"
    if tls is None:
        return grpc.insecure_channel(target, options=options)
    roots = tls.roots or _system_roots()
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(roots or None), options=options)


def explained(address: str, tls: Tls | None, details: str) -> Unreachable | None:
    """What TLS has to do with a master that was not reached; `details` is what gRPC says."""
    if tls is not None and any(sign in details for sign in _OTHER_NAME):
        name = address.rpartition(":")[0]
        return Unreachable(f"the master at {address}: its certificate is not for {name}: reach it by a name in it")
    if tls is not None and "CERTIFICATE_VERIFY_FAILED" in details:
        why = "its certificate is not trusted here: name what signed it with --master-cacert"
        return Unreachable(f"the master at {address}: {why}")
    speaks = _speaks_tls(address)
    if tls is None and speaks:
        return Unreachable(f"the master at {address} speaks TLS: say --master https://{address}")
    if tls is not None and speaks is False:
        return Unreachable(f"the master at {address} does not speak TLS: say --master {address}")
    return None


def _speaks_tls(address: str) -> bool | None:
    """Whether a handshake comes about, whoever it is with; None where nobody listens. Nothing is sent over it."""
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _PATIENCE) as sock:
            try:
                context.wrap_socket(sock).close()
            except OSError:
                return False
    except OSError:
        return None
    return True


def _system_roots() -> bytes:
    """The bundle of this system, which grpc does not look at by itself."""
    path = ssl.get_default_verify_paths().cafile
    with contextlib.suppress(OSError):
        return Path(path).read_bytes() if path else b""
    return b""
