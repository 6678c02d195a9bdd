"""What is asked for after a redirect: as browsers do (RFC 9110, section 15.4; the Fetch standard, "HTTP-redirect").

301 and 302 change POST to GET, 303 changes all but GET and HEAD, 307 and 308 change nothing. `Authorization` and
`Cookie` do not go to another origin.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from gluten.engine.fault import Fault

STATUSES = frozenset({301, 302, 303, 307, 308})
_CONTENT = frozenset({b"content-length", b"content-type", b"content-encoding", b"content-language", b"content-location",
                      b"transfer-encoding", b"expect"})  # fmt: skip
_PRIVATE = frozenset({b"authorization", b"cookie", b"proxy-authorization"})


class Hop(NamedTuple):
    """`origin` is scheme and host, in lower case, without a default port. `request` are the bytes to send."""

    origin: str
    request: bytes


def origin_of(url: str) -> str:
    """Scheme and host, in one spelling. Raises `Fault` (protocol)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Fault("protocol", f"a redirect to {url[:80]!r}, which is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Fault("protocol", f"a redirect to {url[:80]!r}: neither http:// nor https://")
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}" + ("" if port in (None, default) else f":{port}")


def next_hop(request: bytes, origin: str, status: int, location: str) -> Hop:
    """`request` was sent to `origin`, and was answered with `status` and a `Location`. Raises `Fault` (protocol)."""
    head, blank, body = request.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    method, _, rest = line.partition(b" ")
    before = origin_of(origin)
    url = _joined(before + rest.rpartition(b" ")[0].decode("latin-1"), _ascii(location))
    after = origin_of(url)
    method, keeps_body = _method(method, status)
    dropped = (frozenset[bytes]() if keeps_body else _CONTENT) | (_PRIVATE if after != before else frozenset())
    kept = [one for one in headers if _name(one) not in dropped and _name(one) != b"host"]
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = b"Host: " + after.partition("://")[2].encode()
    lines = [method + b" " + target.encode("ascii") + b" HTTP/1.1", host, *kept]
    return Hop(after, b"\r\n".join(lines) + blank + (body if keeps_body else b""))


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Fault("protocol", f"a redirect to {location[:80]!r}, which is no URL") from None


def target_of(request: bytes) -> str:
    """What the request line asks for."""
    return request.partition(b"\r\n")[0].split(b" ")[1].decode("latin-1")


def _name(header: bytes) -> bytes:
    return header.partition(b":")[0].strip().lower()


def _method(method: bytes, status: int) -> tuple[bytes, bool]:
    """The next method, and whether the body goes with it."""
    if (status == 303 and method not in (b"GET", b"HEAD")) or (status in (301, 302) and method == b"POST"):
        return b"GET", False
    return method, True


def _ascii(location: str) -> str:
    """A reference that a request line can carry: what is not ASCII, a blank or a control character is encoded."""
    return "".join(
        letter if "!" <= letter <= "~" else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in location.strip()
    )
