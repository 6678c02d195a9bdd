"""Makes a command's gRPC channel, with or without TLS. Hides grpc."""

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

_CONNECT_TIMEOUT = 2.0
_OTHER_NAME = ("Hostname Verification Check failed", "Peer name")
"""What different versions of gRPC report for a certificate of another host."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`roots` are the certificates (PEM) that sign the master's. Empty: the certificates that this system trusts."""

    roots: bytes = b""


def open_channel(address: str, tls: Tls | None, options: Sequence[tuple[str, Any]]) -> grpc.Channel:
    """A channel to `address` (HOST:PORT). It sends nothing yet."""
    target = f"dns:///{address}"
    if tls is None:
        return grpc.insecure_channel(target, options=options)
    roots = tls.roots or _system_roots()
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(roots or None), options=options)


def tls_error(address: str, tls: Tls | None, details: str) -> Unreachable | None:
    """The error if TLS is the reason why a master was not reached, or None. `details` is gRPC's text."""
    if tls is not None and any(sign in details for sign in _OTHER_NAME):
        name = address.rpartition(":")[0]
        return Unreachable(
            f"the master at {address}: its certificate is not for {name}: use a name that is in the certificate"
        )
    if tls is not None and "CERTIFICATE_VERIFY_FAILED" in details:
        why = "its certificate is not trusted here: name its signer's certificate with --master-cacert"
        return Unreachable(f"the master at {address}: {why}")
    uses_tls = _uses_tls(address)
    if tls is None and uses_tls:
        return Unreachable(f"the master at {address} uses TLS: use --master https://{address}")
    if tls is not None and uses_tls is False:
        return Unreachable(f"the master at {address} does not use TLS: use --master {address}")
    return None


def _uses_tls(address: str) -> bool | None:
    """Whether a TLS handshake succeeds, with any certificate. None if nothing listens. No data is sent."""
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _CONNECT_TIMEOUT) as sock:
            try:
                context.wrap_socket(sock).close()
            except OSError:
                return False
    except OSError:
        return None
    return True


def _system_roots() -> bytes:
    """The certificate bundle of this system. grpc does not read it by itself."""
    path = ssl.get_default_verify_paths().cafile
    with contextlib.suppress(OSError):
        return Path(path).read_bytes() if path else b""
    return b""
