"""The web page's sessions: signed cookies, and a list of the sessions that were logged out.

A cookie is `ROLE.ID.END.SIGNATURE`, signed (HMAC-SHA-256) with a secret that is derived from the cluster's key. It
stays valid after a restart of the node and becomes invalid when the key is rotated. A session that was logged out stays
on the list until its normal end, so a copy of its cookie is useless. Time comes in as `now`, Unix seconds.
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
MAX_COOKIE = 300


class EndedSessions:
    """Sessions that were logged out. `keep` stores each of them beyond the end of this process."""

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
    """The sessions of one audience. A cookie of another audience is not valid here."""

    def __init__(self, keyring: Keyring, audience: str, ended: EndedSessions | None = None) -> None:
        self._keyring, self._audience = keyring, audience
        self._ended = ended if ended is not None else EndedSessions()

    @property
    def cookie_name(self) -> str:
        """The cookie's name. It differs for each master, because browsers ignore the port of a cookie."""
        return "gluten-" + self._sign("name")[:10]

    def start(self, role: Role, now: float) -> str:
        """Start a session. Returns the value of its cookie."""
        plain = f"{role}.{secrets.token_urlsafe(24)}.{int(now + LIFE)}"
        return f"{plain}.{self._sign(f'session {plain}')}"

    def find(self, cookie: str, now: float) -> Session | None:
        """The session of a cookie. None if it has ended, or if it was not signed here with the current key."""
        plain, _, signature = cookie.rpartition(".")
        if self._keyring.key is None or len(cookie) > MAX_COOKIE:
            return None
        if not hmac.compare_digest(signature.encode(), self._sign(f"session {plain}").encode()):
            return None
        role, name, until = plain.split(".")
        found = Session("viewer" if role == "viewer" else "admin", name, float(until))
        return found if role in ROLES and now < found.until and name not in self._ended else None

    def is_active(self, session: str) -> bool:
        return session not in self._ended

    def end(self, session: Session, now: float) -> None:
        self._ended.add(session.id, session.until, now)

    def csrf(self, session: str) -> str:
        """The token that a page of the session sends with each change. Another site's page cannot read it."""
        return self._sign(f"csrf {session}")

    def _sign(self, text: str) -> str:
        key = self._keyring.key
        secret = key.cookie_secret() if key is not None else b""
        digest = hmac.digest(secret, f"{self._audience}|{text}".encode("utf-8", "surrogateescape"), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(session: str) -> str:
    return sha256(session.encode()).hexdigest()
