"""The cluster's key and everything that is derived from it. Pure, except `ClusterKey.make`, which needs random bytes.

The key is 32 random bytes. It is never sent. What is sent or compared is derived from it by HKDF with SHA-256
(RFC 5869; salt `gluten/1`, one `info` for each purpose). So nobody can compute the key, or another derived secret, from
a derived secret. The key has 256 random bits. Unlike a password, it needs no stretching.

    purpose (`info`)       use
    token admin            bearer token for gRPC and the HTTP API: everything
    token viewer           bearer token for reading only
    curve server           the bus's secret key at the master's end (CURVE, RFC 26/CurveZMQ)
    curve client           the bus's secret key at the slaves' end
    cookie                 signs the web page's sessions

As text the key is `gluten-key-` and 56 letters and digits: base32 (no 0, 1, 8, 9) of the 32 bytes and of a checksum of
3 bytes. The checksum tells a typing error from a wrong key. Tokens are `gluten-ROLE-` and base32. A slave's key is made
of the two keys of the bus that a slave needs (`slavekey`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gluten.errors import ConfigError

Role = Literal["admin", "viewer"]
End = Literal["server", "client"]

ROLES: tuple[Role, ...] = ("admin", "viewer")
SIZE = 32
PREFIX = "gluten-key-"
SLAVE_PREFIX = "gluten-slave-"
"""Before a slave's key (`slavekey`)."""
MAX_TEXT = 500
"""Characters of a text that are read as a key. A large file of another kind must not be decoded or printed."""
_SALT = b"gluten/1"
_CHECKSUM = 3


@dataclass(frozen=True, slots=True)
class ClusterKey:
    """The secret that all nodes of a cluster share. It is not shown in a traceback or a log."""

    secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> ClusterKey:
        """Make a new key."""
        return cls(secrets.token_bytes(SIZE))

    @classmethod
    def parse(cls, text: str, where: str = "--key") -> ClusterKey:
        """Read a key from `text`. Raises `ConfigError`, which names `where` it comes from and never shows it."""
        word = "".join(text[:MAX_TEXT].split()).lower()
        advice = "see `gluten.pyz key show` on the master"
        if word.startswith(tuple(f"gluten-{role}-" for role in ROLES)):
            raise ConfigError(f"{where}: this is a token, not a cluster's key: {advice}")
        if word.startswith(SLAVE_PREFIX):
            raise ConfigError(f"{where}: this is a slave's key, not the cluster's, and only adds slaves: {advice}")
        try:
            whole = base64.b32decode(word.removeprefix(PREFIX).upper())
        except (binascii.Error, ValueError):
            whole = b""
        if len(whole) != SIZE + _CHECKSUM:
            raise ConfigError(f"{where}: this is not a cluster's key ({PREFIX}…): {advice}")
        if not hmac.compare_digest(_checksum(whole[:SIZE]), whole[SIZE:]):
            raise ConfigError(f"{where}: a character of this key is wrong or missing: copy it again")
        return cls(whole[:SIZE])

    @property
    def text(self) -> str:
        """The key as text, as `parse` reads it."""
        return PREFIX + _base32(self.secret + _checksum(self.secret))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF-SHA-256 with one block of output)."""
        pseudorandom = hmac.digest(_SALT, self.secret, "sha256")
        return hmac.digest(pseudorandom, purpose.encode() + b"\x01", "sha256")

    def token(self, role: Role) -> str:
        """The bearer token of a role."""
        return f"gluten-{role}-{_base32(self.derive(f'token {role}'))}"

    def curve_secret(self, end: End) -> bytes:
        """The secret key of one end of the bus, 32 bytes. Its public key is computed from it."""
        return self.derive(f"curve {end}")

    def cookie_secret(self) -> bytes:
        return self.derive("cookie")

    def role_of(self, token: str) -> Role | None:
        """The role that `token` belongs to, or None. Its time does not depend on how much of the token is right."""
        given = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        found: Role | None = None
        for role in ROLES:
            if hmac.compare_digest(given, hashlib.sha256(self.token(role).encode()).digest()):
                found = role
        return found


class Key(Protocol):
    """What a node needs of its key, be it the cluster's or a slave's."""

    def curve_secret(self, end: End) -> bytes: ...
    def cookie_secret(self) -> bytes: ...
    def role_of(self, token: str) -> Role | None: ...


class Keyring:
    """The key of a running node. It may be rotated. It may be read from any thread.

    Without a key (`--no-auth`) everyone is an admin.
    """

    def __init__(self, key: Key | None) -> None:
        self.key = key
        self.version = 0
        """Rises with each rotation. What was issued under an older version is not valid."""

    @property
    def open(self) -> bool:
        """Whether no key is needed."""
        return self.key is None

    def role_of(self, token: str) -> Role | None:
        key = self.key
        return "admin" if key is None else key.role_of(token)

    def replace(self, key: Key) -> None:
        """Rotate to `key`. The same key changes nothing."""
        if key != self.key:
            self.key = key
            self.version += 1


def bearer(header: str) -> str:
    """The token of an `Authorization: Bearer …` header (RFC 6750), or an empty text."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _checksum(secret: bytes) -> bytes:
    return hashlib.sha256(b"gluten key check " + secret).digest()[:_CHECKSUM]
