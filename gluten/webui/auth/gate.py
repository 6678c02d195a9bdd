"""The gate: who may ask what. All but health and the login page with its files is for who has a session or a token."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Protocol

from gluten.audit import AuditEntry
from gluten.errors import ConfigError
from gluten.net.keys.keys import ClusterKey, Keyring, Role, bearer
from gluten.webui.auth.guard import SAFE
from gluten.webui.auth.hosts import Hosts
from gluten.webui.auth.sessions import LIFE, Session, Sessions
from gluten.webui.auth.throttle import Throttle
from gluten.webui.http.failure import Failure
from gluten.webui.http.principal import Principal
from gluten.webui.http.web_request import Request

CSRF = "x-gluten-csrf"
ASK = "log in at /login, or send Authorization: Bearer with a token of `gluten.pyz key show`"


class Links(Protocol):
    """Logins that work once (`net/keys/onetime`)."""

    def take(self, token: str, now: float) -> bool: ...


class NoLinks:
    """Where nobody gives such links out."""

    def take(self, token: str, now: float) -> bool:
        return False


def _silent(deed: AuditEntry) -> None:
    """Where nothing is kept of what was done."""


@dataclass(frozen=True)
class Gate:
    """`wall` is Unix time, `now` monotonic; both in seconds. `note` keeps who logged in and who could not. `open`:
    nobody is asked; without it, and without a key, nobody comes in."""

    keyring: Keyring
    sessions: Sessions
    wall: Callable[[], float]
    now: Callable[[], float]
    hosts: Hosts = field(default_factory=Hosts)
    links: Links = field(default_factory=NoLinks)
    note: Callable[[AuditEntry], None] = _silent
    open: bool = False
    open_metrics: bool = False
    throttle: Throttle = field(default_factory=Throttle)

    def visitor(self, request: Request) -> Principal | None:
        """Who asks; None: a stranger."""
        if self.open:
            return Principal("admin", "open")
        header = request.headers.get("authorization", "")
        if header:
            role = self._role(bearer(header))
            return Principal(role, "token") if role is not None else None
        session = self.session(request)
        if session is None:
            return None
        return Principal(session.role, "session", session.id, self.sessions.csrf(session.id))

    def admit(self, request: Request) -> Principal:
        """Raises `Failure` (401)."""
        visitor = self.visitor(request)
        if visitor is None:
            wrong = "authorization" in request.headers
            raise Failure(401, f"the token is not one of this cluster: {ASK}" if wrong else f"not logged in: {ASK}")
        return visitor

    def check(self, request: Request, visitor: Principal) -> None:
        """Raises `Failure` (403) for a state change that the visitor may not make, or that was not said by our page."""
        if request.method in SAFE:
            return
        if visitor.way == "session":
            said = request.headers.get(CSRF, "")
            if not hmac.compare_digest(said.encode("utf-8", "surrogateescape"), visitor.csrf.encode()):
                raise Failure(403, f"{CSRF}: what this session's pages send is missing; load the page anew", CSRF)
        if not visitor.may_change and request.path != "/logout":
            raise Failure(403, "a viewer may look, but change nothing: log in with the cluster's key")

    def stays(self, visitor: Principal, version: int) -> bool:
        """Whether what the visitor began may go on: the key is the same, and nobody logged out."""
        if self.keyring.version != version:
            return False
        return visitor.way != "session" or self.sessions.goes_on(visitor.session)

    # Logging in and out

    def try_key(self, request: Request, text: str) -> Role:
        """Whose key or token this is. Raises `Failure`: 429 too often, 403 nobody's."""
        self._slow(request)
        role = self._role(_as_token(text))
        if role is None:
            self._failed(request, "by key")
            raise Failure(403, "this is not this cluster's key, nor one of its tokens", "key")
        self._entered(request, role, "by key" if text.strip().startswith("gluten-key-") else "by token")
        return role

    def try_link(self, request: Request, token: str) -> Role:
        """The same for the token of a link."""
        self._slow(request)
        if not self.links.take(token, self.now()):
            self._failed(request, "by link")
            raise Failure(403, "this link was used before, or is too old: paste the cluster's key", "key")
        self._entered(request, "admin", "by link")
        return "admin"

    def begin(self, request: Request, role: Role) -> str:
        """The `Set-Cookie` of a new session."""
        return self._cookie(request, self.sessions.begin(role, self.wall()), int(LIFE))

    def session(self, request: Request) -> Session | None:
        """The session of the request's cookie."""
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return None
        found = cookies.get(self._name(request))
        return self.sessions.find(found.value, self.wall()) if found is not None else None

    def leave(self, request: Request, visitor: Principal) -> str:
        """End the session, if there is one; the `Set-Cookie` that takes its cookie away."""
        session = self.session(request)
        if session is not None:
            self.sessions.end(session, self.wall())
            self.note(AuditEntry("logout", "web", visitor.role, request.remote))
        return self._cookie(request, "", 0)

    def _role(self, token: str) -> Role | None:
        return self.keyring.role_of(token) if self.keyring.key is not None else None

    def _slow(self, request: Request) -> None:
        wait = self.throttle.wait(request.remote, self.now())
        if wait > 0:
            raise Failure(429, f"too many logins failed: try again in {int(wait) + 1} s", "key", retry=int(wait) + 1)

    def _failed(self, request: Request, how: str) -> None:
        self.throttle.failed(request.remote, self.now())
        self.note(AuditEntry("failed login", "web", "", request.remote, detail=how))

    def _entered(self, request: Request, role: Role, how: str) -> None:
        self.throttle.succeeded(request.remote)
        self.note(AuditEntry("login", "web", role, request.remote, detail=how))

    def _name(self, request: Request) -> str:
        # With the prefix, a browser takes it over TLS and for this host alone.
        return ("__Host-" if request.secure else "") + self.sessions.cookie

    def _cookie(self, request: Request, value: str, age: int) -> str:
        secure = "; Secure" if request.secure else ""
        return f"{self._name(request)}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"


def _as_token(text: str) -> str:
    """The cluster's key is as good as the admin's token."""
    word = "".join(text.split())
    try:
        return ClusterKey.parse(word, "key").token("admin")
    except ConfigError:
        return word
