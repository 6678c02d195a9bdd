"""The gate decides who may request what.

Everything needs a session or a token, except health, the login page and the files of the pages.
"""

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
LOGIN_ADVICE = "log in at /login, or send Authorization: Bearer with a token of `gluten.pyz key show`"


class LoginLinks(Protocol):
    """Tokens of login links, which work once (`net/keys/onetime`)."""

    def take(self, token: str, now: float) -> bool: ...


class NoLinks:
    """For a node that makes no login links."""

    def take(self, token: str, now: float) -> bool:
        return False


def _no_audit(entry: AuditEntry) -> None:
    """For a node that keeps no audit log."""


@dataclass(frozen=True)
class Gate:
    """`wall` is Unix time and `now` is monotonic, both in seconds. `note` records logins and failed logins.

    `open`: no login is needed. If it is false and the keyring has no key, nobody can log in.
    """

    keyring: Keyring
    sessions: Sessions
    wall: Callable[[], float]
    now: Callable[[], float]
    hosts: Hosts = field(default_factory=Hosts)
    links: LoginLinks = field(default_factory=NoLinks)
    note: Callable[[AuditEntry], None] = _no_audit
    open: bool = False
    open_metrics: bool = False
    throttle: Throttle = field(default_factory=Throttle)

    def identify(self, request: Request) -> Principal | None:
        """Who makes the request. None: somebody without a session and without a token."""
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
        """Who makes the request. Raises `Failure` (401) without a session and without a token."""
        principal = self.identify(request)
        if principal is None:
            has_token = "authorization" in request.headers
            reason = "the token is not one of this cluster" if has_token else "not logged in"
            raise Failure(401, f"{reason}: {LOGIN_ADVICE}")
        return principal

    def check(self, request: Request, principal: Principal) -> None:
        """Raises `Failure` (403) for a change that the principal may not make, or that our own pages did not send."""
        if request.method in SAFE:
            return
        if principal.proof == "session":
            sent = request.headers.get(CSRF, "")
            if not hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), principal.csrf.encode()):
                raise Failure(403, f"{CSRF}: the token of this session's pages is missing; load the page again", CSRF)
        if not principal.may_change and request.path != "/logout":
            raise Failure(403, "a viewer may look but may not change anything: log in with the cluster's key")

    def still_allowed(self, principal: Principal, version: int) -> bool:
        """Whether a long answer to the principal may go on. It ends after a rotation of the key, or after a logout."""
        if self.keyring.version != version:
            return False
        return principal.proof != "session" or self.sessions.is_active(principal.session)

    # Logging in and out

    def try_key(self, request: Request, text: str) -> Role:
        """Log in with a key or a token. Raises `Failure`: 429 after too many failures, 403 for a wrong key."""
        self._check_throttle(request)
        role = self._role(_as_token(text))
        if role is None:
            self._login_failed(request, "by key")
            raise Failure(403, "this is not this cluster's key and not one of its tokens", "key")
        self._logged_in(request, role, "by key" if text.strip().startswith("gluten-key-") else "by token")
        return role

    def try_link(self, request: Request, token: str) -> Role:
        """Log in with the token of a login link. Raises `Failure` like `try_key`."""
        self._check_throttle(request)
        if not self.links.take(token, self.now()):
            self._login_failed(request, "by link")
            raise Failure(403, "this link was used before, or it is too old: enter the cluster's key", "key")
        self._logged_in(request, "admin", "by link")
        return "admin"

    def start_session(self, request: Request, role: Role) -> str:
        """Start a session. Returns its `Set-Cookie` header."""
        return self._cookie(request, self.sessions.start(role, self.wall()), int(LIFE))

    def session(self, request: Request) -> Session | None:
        """The session of the request's cookie."""
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return None
        found = cookies.get(self._cookie_name(request))
        return self.sessions.find(found.value, self.wall()) if found is not None else None

    def log_out(self, request: Request, principal: Principal) -> str:
        """End the session, if there is one. Returns the `Set-Cookie` header that deletes the cookie."""
        session = self.session(request)
        if session is not None:
            self.sessions.end(session, self.wall())
            self.note(AuditEntry("logout", "web", principal.role, request.remote))
        return self._cookie(request, "", 0)

    def _role(self, token: str) -> Role | None:
        return self.keyring.role_of(token) if self.keyring.key is not None else None

    def _check_throttle(self, request: Request) -> None:
        wait = self.throttle.wait(request.remote, self.now())
        if wait > 0:
            raise Failure(429, f"too many logins failed: try again in {int(wait) + 1} s", "key", retry=int(wait) + 1)

    def _login_failed(self, request: Request, how: str) -> None:
        self.throttle.failed(request.remote, self.now())
        self.note(AuditEntry("failed login", "web", "", request.remote, detail=how))

    def _logged_in(self, request: Request, role: Role, how: str) -> None:
        self.throttle.succeeded(request.remote)
        self.note(AuditEntry("login", "web", role, request.remote, detail=how))

    def _cookie_name(self, request: Request) -> str:
        # With this prefix, a browser accepts the cookie only over TLS, and only for this host.
        return ("__Host-" if request.secure else "") + self.sessions.cookie_name

    def _cookie(self, request: Request, value: str, age: int) -> str:
        secure = "; Secure" if request.secure else ""
        return f"{self._cookie_name(request)}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"


def _as_token(text: str) -> str:
    """The token that `text` is. For the cluster's key, it is the admin's token."""
    word = "".join(text.split())
    try:
        return ClusterKey.parse(word, "key").token("admin")
    except ConfigError:
        return word
