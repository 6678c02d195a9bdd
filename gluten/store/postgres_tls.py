"""TLS to Postgres: to a remote host it is verified, unless the URL says otherwise.

libpq's own default (`prefer`) gives the password to whoever answers, and takes a connection without TLS.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping

ADVICE = (
    "TLS to a remote database is verified: in the URL, ?sslrootcert=FILE names who vouches for it, and "
    "?sslmode=disable or require does without"
)
_OWN_AUTHORITIES = "~/.postgresql/root.crt"
"""libpq looks there by itself."""


def settings(given: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The settings to add to those of the URL. Empty if the host is this one, or somebody chose a mode."""
    if "sslmode" in given or "PGSSLMODE" in environ or not _is_remote(given, environ):
        return {}
    return {"sslmode": "verify-full"} | _authorities(given, environ)


def advised(text: str) -> str:
    """The driver's message, with what to do if TLS is its subject."""
    return f"{text} ({ADVICE})" if "SSL" in text or "certificate" in text else text


def _authorities(given: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Who vouches for the database if nobody says so: those whom this system trusts."""
    if "sslrootcert" in given or "PGSSLROOTCERT" in environ or os.path.exists(os.path.expanduser(_OWN_AUTHORITIES)):
        return {}
    return {"sslrootcert": ssl.get_default_verify_paths().cafile or "system"}


def _is_remote(given: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    hosts = given.get("host", environ.get("PGHOST", "")).split(",")
    addresses = given.get("hostaddr", environ.get("PGHOSTADDR", "")).split(",")
    return not all(map(_is_local, (*hosts, *addresses)))


def _is_local(host: str) -> bool:
    """A directory of sockets (`@`: an abstract one), or this host's loopback."""
    if not host or host[0] in "/@" or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
