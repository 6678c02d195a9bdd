"""Where to push to, as somebody wrote it: a URL and headers. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from gluten.errors import ConfigError, UsageError

OTLP, INFLUX = "otlp", "influx"
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff]*)")
_REFUSED = frozenset({"content-length", "content-type", "content-encoding", "transfer-encoding", "host", "connection"})


class Destination(NamedTuple):
    """`kind` is `OTLP` or `INFLUX`. `path` has no slash at its end. `headers` may hold secrets."""

    kind: str
    secure: bool
    host: str
    port: int
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> str:
        """For messages: without secrets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"--{self.kind} {'https' if self.secure else 'http'}://{host}:{self.port}{self.path}"


def destinations(get: Callable[[str], Any]) -> tuple[Destination, ...]:
    """Where the options say that figures are pushed to; `get` has their values. Raises ConfigError, UsageError."""
    return tuple(found for kind in (OTLP, INFLUX) if (found := _destination(get, kind)) is not None)


def _destination(get: Callable[[str], Any], kind: str) -> Destination | None:
    url, headers = get(kind), get(f"{kind}-header") or ()
    if headers and not url:
        raise UsageError(f"--{kind}-header: --{kind} is missing: it says where to push to")
    return destination(kind, url, headers) if url else None


def destination(kind: str, url: str, headers: Iterable[str] = ()) -> Destination:
    """Read a URL and lines of headers. User-info of the URL becomes a header. Raises ConfigError."""
    try:
        split = urlsplit(url.strip())
        host, port = split.hostname, split.port
    except ValueError as error:
        raise _wrong(kind, url, str(error)) from None
    if split.scheme not in ("http", "https") or not host or split.fragment:
        raise _wrong(kind, url, "")
    if re.search(r"[\x00-\x20\x7f-\uffff]", split.path + split.query):
        raise _wrong(kind, url, "it has a character that a URL may not have")
    if kind == INFLUX and not split.path.strip("/"):
        raise _wrong(kind, url, "the path is missing")
    secure = split.scheme == "https"
    pairs = (*_user(split.username, split.password), *(_header(kind, line) for line in headers))
    path = split.path.rstrip("/")
    return Destination(kind, secure, host, port or (443 if secure else 80), path, split.query, pairs)


def _wrong(kind: str, url: str, why: str) -> ConfigError:
    shown = re.sub(r"//[^/]*@", "//", url.partition("?")[0])
    example = "http://collector:4318" if kind == OTLP else "http://influx:8086/api/v2/write?org=me&bucket=load"
    return ConfigError(f"--{kind}: {shown!r} is not a URL such as {example}{f': {why}' if why else ''}")


def _user(name: str | None, password: str | None) -> tuple[tuple[str, str], ...]:
    if not name:
        return ()
    import base64  # here, because most URLs have none

    plain = f"{unquote(name)}:{unquote(password or '')}"
    return (("Authorization", "Basic " + base64.b64encode(plain.encode()).decode()),)


def _header(kind: str, line: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(line.strip())
    if found is None:
        name = line.partition(":")[0][:40]
        raise ConfigError(f"--{kind}-header: {name!r} is not a header: write it as 'NAME: VALUE'")
    if found[1].lower() in _REFUSED:
        raise ConfigError(f"--{kind}-header: {found[1]}: this header is set by the program")
    return found[1], found[2]
