"""The cookies of one session, as browsers keep them (RFC 6265).

A cookie goes to the host that gave it, and with `Domain` to the hosts below that, too. There is no list of public
suffixes: a workload names its hosts, so a cookie for a whole `com` does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

MOST = 50
"""Cookies that a session keeps. Browsers keep at least so many for each host (RFC 6265, section 6.1)."""
LONGEST = 4096
"""Characters of a cookie's name and value together."""


class Place(NamedTuple):
    """Where a request goes: what decides which cookies it carries. `host` has no port."""

    host: str
    path: str
    secure: bool

    @classmethod
    def of(cls, origin: str, target: str) -> Place:
        """`origin` is scheme and host, `target` what the request line asks for."""
        parts = urlsplit(origin)
        return cls((parts.hostname or "").lower(), target.partition("?")[0] or "/", parts.scheme == "https")


class Cookie(NamedTuple):
    """`host_only`: it goes to `domain` itself and not to hosts below it. `ends`: Unix time; None: with the session."""

    name: str
    value: str
    domain: str
    path: str
    host_only: bool
    secure: bool
    ends: float | None


class CookieJar:
    """`clock` is Unix time in seconds. `cookies` by name, domain and path."""

    __slots__ = ("clock", "cookies")

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.cookies: dict[tuple[str, str, str], Cookie] = {}

    def __bool__(self) -> bool:
        return bool(self.cookies)

    def clear(self) -> None:
        self.cookies.clear()

    def copy_from(self, other: CookieJar) -> None:
        """Hold what the other one holds, and nothing else."""
        self.cookies = dict(other.cookies)

    def store(self, lines: Iterable[str], place: Place) -> None:
        """The values of a response's `Set-Cookie` headers. `place` is where the request went (section 5.3)."""
        for line in lines:
            cookie = parse(line, place, self.clock())
            if cookie is not None:
                self._keep(cookie)

    def _keep(self, cookie: Cookie) -> None:
        key = (cookie.name, cookie.domain, cookie.path)
        if cookie.ends is not None and cookie.ends <= self.clock():
            self.cookies.pop(key, None)
        elif key in self.cookies or len(self.cookies) < MOST:
            self.cookies[key] = cookie

    def header(self, place: Place) -> str:
        """The value of `Cookie` for a request; empty: there is none. Longer paths come first (section 5.4)."""
        now = self.clock()
        fit = [cookie for cookie in self.cookies.values() if _fits(cookie, place, now)]
        fit.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in fit)


def parse(line: str, place: Place, now: float) -> Cookie | None:
    """The cookie of a `Set-Cookie` (section 5.2). None: it is to be ignored."""
    pair, *attributes = line.split(";")
    name, equals, value = pair.partition("=")
    name, value = (name.strip(), value.strip()) if equals else ("", name.strip())
    if not (name or value) or len(name) + len(value) > LONGEST or not (name + value).isprintable():
        return None
    said = dict(_attribute(text) for text in attributes)
    domain = said.get("domain", "").lstrip(".").lower()
    if domain and not _is_below(place.host, domain):
        return None
    path = said.get("path", "")
    return Cookie(
        name,
        value,
        domain or place.host,
        path if path.startswith("/") else _default_path(place.path),
        not domain,
        "secure" in said,
        _end(said, now),
    )


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip()


def _end(said: dict[str, str], now: float) -> float | None:
    """`Max-Age` counts more than `Expires`."""
    age = said.get("max-age", "")
    if age and age.lstrip("-").isdecimal() and len(age) < 12:
        return now + int(age) if int(age) > 0 else 0.0
    try:
        return parsedate_to_datetime(said["expires"]).timestamp() if "expires" in said else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _default_path(path: str) -> str:
    """Section 5.1.4."""
    return path.rpartition("/")[0] or "/"


def _is_below(host: str, domain: str) -> bool:
    """Section 5.1.3. An address is below nothing but itself."""
    return host == domain or (host.endswith(f".{domain}") and not host.rpartition(".")[2].isdecimal())


def _fits(cookie: Cookie, place: Place, now: float) -> bool:
    if (cookie.secure and not place.secure) or (cookie.ends is not None and cookie.ends <= now):
        return False
    if place.host != cookie.domain and (cookie.host_only or not _is_below(place.host, cookie.domain)):
        return False
    path = cookie.path
    return place.path == path or place.path.startswith(path if path.endswith("/") else f"{path}/")


def with_cookies(request: bytes, cookies: str) -> bytes:
    """The request with the header `Cookie`, if there are any. It is the last one: `Host` stays the first (RFC 9110,
    7.2)."""
    if not cookies:
        return request
    head, _, body = request.partition(b"\r\n\r\n")
    return b"%b\r\nCookie: %b\r\n\r\n%b" % (head, cookies.encode("utf-8", "surrogateescape"), body)
