"""A slave's key: what a host that only makes load needs of the cluster's key. Pure.

It opens the bus and nothing else: it is no token for gRPC or the HTTP API, and neither the cluster's key nor another
secret can be computed from it. It has two parts of 32 bytes: the public key of the bus's master, which a slave has to
know before it can say anything there, and the secret key of the slaves' end. So a slave cannot play the master.

As text it is `gluten-slave-` and base32 of both parts and of a checksum. It follows from the cluster's key, and dies
with it. `net/bus/curve` derives it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from gluten.errors import ConfigError, Refused
from gluten.net.keys.keys import MAX_TEXT, SLAVE_PREFIX, ClusterKey, End, Role

ADVICE = "give it with --key-file FILE or GLUTEN_KEY; `gluten.pyz key show --slave` on the master's host prints it"
_PART, _CHECKSUM = 32, 3


@dataclass(frozen=True, slots=True)
class SlaveKey:
    """It has the methods of a `ClusterKey` that a slave's own parts use."""

    server_public: bytes
    client_secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str, where: str) -> SlaveKey:
        """Read a key from `text`. Raises `ConfigError`, which names `where` it comes from and never shows it."""
        word = "".join(text[:MAX_TEXT].split()).lower().removeprefix(SLAVE_PREFIX).upper()
        try:
            whole = base64.b32decode(word + "=" * (-len(word) % 8))
        except (binascii.Error, ValueError):
            whole = b""
        parts = whole[: 2 * _PART]
        if len(whole) != 2 * _PART + _CHECKSUM or not hmac.compare_digest(_checksum(parts), whole[2 * _PART :]):
            raise ConfigError(f"{where}: a character of this slave's key is wrong or missing: copy it again")
        return cls(parts[:_PART], parts[_PART:])

    @property
    def text(self) -> str:
        """The key as text, as `parse` reads it."""
        parts = self.server_public + self.client_secret
        return SLAVE_PREFIX + base64.b32encode(parts + _checksum(parts)).decode().rstrip("=").lower()

    def token(self, _role: Role) -> str:
        """There is none. Raises `Refused`."""
        raise Refused("this is a slave's key: it adds slaves and does nothing else: commands need the cluster's key")

    def role_of(self, token: str) -> Role | None:
        """The slave's own page shows its state to who has this key."""
        given, own = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (token, self.text))
        return "viewer" if hmac.compare_digest(given, own) else None

    def curve_secret(self, end: End) -> bytes:
        """The secret key of the slaves' end of the bus. Raises `Refused` for the master's."""
        if end != "client":
            raise Refused("this is a slave's key: a master needs the cluster's key")
        return self.client_secret

    def cookie_secret(self) -> bytes:
        return hmac.digest(self.client_secret, b"gluten/1 cookie", "sha256")


AnyKey = ClusterKey | SlaveKey


def parse(text: str, where: str) -> AnyKey:
    """A slave's key, or the cluster's. Raises `ConfigError`."""
    if "".join(text[:MAX_TEXT].split()).lower().startswith(SLAVE_PREFIX):
        return SlaveKey.parse(text, where)
    return ClusterKey.parse(text, where)


def _checksum(parts: bytes) -> bytes:
    return hashlib.sha256(b"gluten slave key check " + parts).digest()[:_CHECKSUM]
