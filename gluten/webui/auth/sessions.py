"""The web page's sessions: signed cookies, and a list of those that were ended before their time.

A cookie is `ROLE.ID.END.SIGNATURE`, signed (HMAC-SHA-256) with a secret that is derived from the cluster's key: it
outlives a restart of the node and ends when the key is rotated. What was logged out is on the list until it would have
ended by itself, so a copy of it is worth nothing. Time comes in as `now`, Unix seconds.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from gluten.net.keys.keys import ROLES, Keyring, Role

LIFE = 7 * 86400.0
LONGEST = 300


class EndedSessions:
    """Sessions that were logged out. `keep` is told each, to remember it beyond this process."""

    def __init__(
        self, known: Iterable[tuple[str, float]] = (), keep: Callable[[str, float], None] | None = None
    ) -> None:
        self._until = dict(known)
        self._keep = keep

    def add(self, session: str, until: float, now: float) -> None:
        self._until = {name: end for name, end in self._until.items() if end > now}
        self._until[_hash(session)] = until
        if self._keep is not None:
            self._keep(_hash(session), until)

    def __contains__(self, session: str) -> bool:
        return _hash(session) in self._until


@dataclass(frozen=True, slots=True)
class Session:
    role: Role
    id: str
    until: float


class Sessions:
    """Of one audience: a cookie that another node gave out means nothing here."""

    def __init__(self, keyring: Keyring, audience: str, ended: EndedSessions | None = None) -> None:
        self._keyring, self._audience = keyring, audience
        self._ended = ended if ended is not None else EndedSessions()

    @property
    def cookie(self) -> str:
        """The cookie's name. A browser keeps cookies by host, whatever the port: each master's has its own."""
        return "gluten-" + self._sign("name")[:10]

    def begin(self, role: Role, now: float) -> str:
        """A new session's cookie."""
        plain = f"{role}.{secrets.token_urlsafe(24)}.{int(now + LIFE)}"
        return f"{plain}.{self._sign(f'session {plain}')}"

    def find(self, cookie: str, now: float) -> Session | None:
        """The session, if it was given out here, with the key that now holds, and goes on."""
        plain, _, signature = cookie.rpartition(".")
        if self._keyring.key is None or len(cookie) > LONGEST:
            return None
        if not hmac.compare_digest(signature.encode(), self._sign(f"session {plain}").encode()):
            return None
        role, name, until = plain.split(".")
        found = Session("viewer" if role == "viewer" else "admin", name, float(until))
        return found if role in ROLES and now < found.until and name not in self._ended else None

    def goes_on(self, session: str) -> bool:
        return session not in self._ended

    def end(self, session: Session, now: float) -> None:
        self._ended.add(session.id, session.until, now)

    def csrf(self, session: str) -> str:
        """What a page of the session has to say to change something; another site's page cannot read it."""
        return self._sign(f"csrf {session}")

    def _sign(self, text: str) -> str:
        key = self._keyring.key
        secret = key.cookie_secret() if key is not None else b""
        digest = hmac.digest(secret, f"{self._audience}|{text}".encode("utf-8", "surrogateescape"), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(session: str) -> str:
    return sha256(session.encode()).hexdigest()
