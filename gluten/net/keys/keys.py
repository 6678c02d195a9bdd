"""The cluster's key and everything that is derived from it. Pure, but for `ClusterKey.make`, which asks for chance.

The key is 32 random bytes. It never travels: what travels, or is compared, is derived from it by HKDF with SHA-256
(RFC 5869; salt `gluten/1`, one `info` for each purpose), so that no derived secret tells the key or another one.
The key has the strength of its 256 random bits, so there is nothing to stretch, as a password would need.

    purpose (`info`)       what it is for
    token admin            bearer token of gRPC and of the HTTP API: everything
    token viewer           bearer token of those who may only look
    curve server           the bus's secret key, master's end (CURVE, RFC 26/CurveZMQ)
    curve client           the bus's secret key, slaves' end
    cookie                 signs the web page's sessions

In text the key is `gluten-key-` and 56 letters and digits: base32 (no 0, 1, 8, 9) of the 32 bytes and 3 bytes of
check, so that a slip of the pen is told from a wrong key. Tokens are `gluten-ROLE-` and base32 in the same way.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Literal

from gluten.errors import ConfigError

Role = Literal["admin", "viewer"]
End = Literal["server", "client"]

ROLES: tuple[Role, ...] = ("admin", "viewer")
SIZE = 32
PREFIX = "gluten-key-"
LONGEST = 500
"""Characters of a key's text that are looked at; a file of another kind must not be printed or decoded."""
_SALT = b"gluten/1"
_CHECK = 3


@dataclass(frozen=True, slots=True)
class ClusterKey:
    """The secret that a cluster's members share. It does not show itself in a traceback or a log."""

    secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> ClusterKey:
        """A new one."""
        return cls(secrets.token_bytes(SIZE))

    @classmethod
    def parse(cls, text: str, where: str = "--key") -> ClusterKey:
        """The key that `text` is. Raises `ConfigError`, which names `where` it was said and never shows it."""
        word = "".join(text[:LONGEST].split()).lower()
        advice = "see `gluten.pyz key show` on the master"
        if word.startswith(tuple(f"gluten-{role}-" for role in ROLES)):
            raise ConfigError(f"{where}: this is a token, not a cluster's key: {advice}")
        try:
            whole = base64.b32decode(word.removeprefix(PREFIX).upper())
        except (binascii.Error, ValueError):
            whole = b""
        if len(whole) != SIZE + _CHECK:
            raise ConfigError(f"{where}: this is not a cluster's key ({PREFIX}…): {advice}")
        if not hmac.compare_digest(_check(whole[:SIZE]), whole[SIZE:]):
            raise ConfigError(f"{where}: a character of this key is wrong or missing: copy it once more")
        return cls(whole[:SIZE])

    @property
    def text(self) -> str:
        """What `parse` reads."""
        return PREFIX + _base32(self.secret + _check(self.secret))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose alone (HKDF-SHA-256 with one block of output)."""
        pseudorandom = hmac.digest(_SALT, self.secret, "sha256")
        return hmac.digest(pseudorandom, purpose.encode() + b"\x01", "sha256")

    def token(self, role: Role) -> str:
        """The bearer token of a role."""
        return f"gluten-{role}-{_base32(self.derive(f'token {role}'))}"

    def curve_secret(self, end: End) -> bytes:
        """The secret key of one end of the bus, 32 bytes; the public one follows from it."""
        return self.derive(f"curve {end}")

    def cookie_secret(self) -> bytes:
        return self.derive("cookie")

    def role_of(self, token: str) -> Role | None:
        """Whose token this is, in a time that does not depend on how much of it is right."""
        said = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        found: Role | None = None
        for role in ROLES:
            if hmac.compare_digest(said, hashlib.sha256(self.token(role).encode()).digest()):
                found = role
        return found


class Keyring:
    """The key of a running node, which may be rotated. Reading is safe from any thread.

    Without a key (`--no-auth`) whoever comes is an admin.
    """

    def __init__(self, key: ClusterKey | None) -> None:
        self.key = key
        self.version = 0
        """Grows with each rotation: what was given out under another version is void."""

    @property
    def open(self) -> bool:
        """No key is asked for."""
        return self.key is None

    def role_of(self, token: str) -> Role | None:
        key = self.key
        return "admin" if key is None else key.role_of(token)

    def replace(self, key: ClusterKey) -> None:
        """Rotate; the same key changes nothing."""
        if key != self.key:
            self.key = key
            self.version += 1


def bearer(header: str) -> str:
    """The token of an `Authorization: Bearer …` header, empty where it is none (RFC 6750)."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(b"gluten key check " + secret).digest()[:_CHECK]
