"""The options of `gluten.pyz target`, read from text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeVar, Unpack

from gluten.errors import UsageError
from gluten.target.delays import Delay, parse_delays
from gluten.target.weighted import MAX_BLOCK, Weighted, parse_weighted
from gluten.units import parse_size

T = TypeVar("T")

MAX_BODY = 256 * 1024 * 1024
MAX_SERVERS = 100_000
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def always(value: T) -> Weighted[T]:
    """The spec that gives `value` each time."""
    return Weighted(((1, value),))


_AT_ONCE: Weighted[Delay] = always(0.0)
_OK = always(200)
_ELEVEN = always(11)
NEVER = always(False)


@dataclass(frozen=True)
class TargetOptions:
    """The options of a target. Delays are in seconds, sizes in bytes. Port 0 means any free port.

    `servers` is how many requests are worked on at once, or None for all. `resets` draws True for each request that
    gets a RST in place of an answer. `body` overrides `sizes`. `cert` and `key` are paths of PEM files. Without `key`
    the file `cert` holds both.
    """

    port: int = 8080
    bind: str = "127.0.0.1"
    delays: Weighted[Delay] = _AT_ONCE
    servers: int | None = None
    statuses: Weighted[int] = _OK
    sizes: Weighted[int] = _ELEVEN
    resets: Weighted[bool] = NEVER
    chunked: bool = False
    close: bool = False
    request_id: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    cert: str | None = None
    key: str | None = None


class TargetTexts(TypedDict, total=False):
    """The options as the command line gives them. A missing one has the default of `TargetOptions`."""

    port: str
    bind: str
    delay: str
    servers: str | None
    status: str
    size: str | None
    reset: str
    chunked: bool
    close: bool
    request_id: bool
    headers: Sequence[str]
    body: str | None
    cert: str | None
    key: str | None


def parse_options(**texts: Unpack[TargetTexts]) -> TargetOptions:
    """Read the options of the command line.

    Raises UsageError, which names the option, its value and what is allowed.
    """
    _refuse_conflicts(texts)
    body = texts.get("body")
    return TargetOptions(
        port=_read("--port", texts.get("port", "8080"), parse_port),
        bind=texts.get("bind", "127.0.0.1"),
        delays=_read("--delay", texts.get("delay", "0"), parse_delays),
        servers=_servers(texts.get("servers")),
        statuses=_read("--status", texts.get("status", "200"), parse_statuses),
        sizes=_read("--size", texts.get("size") or "11", parse_sizes),
        resets=_read("--reset", texts.get("reset", "0"), parse_resets),
        chunked=texts.get("chunked", False),
        close=texts.get("close", False),
        request_id=texts.get("request_id", False),
        headers=tuple(_read("--header", header, parse_header) for header in texts.get("headers", ())),
        body=None if body is None else body.encode("utf-8", "surrogateescape"),  # exactly the bytes that were typed
        cert=texts.get("cert"),
        key=texts.get("key"),
    )


def _refuse_conflicts(texts: TargetTexts) -> None:
    """Raises UsageError for options that exclude each other, or need each other."""
    size, key = texts.get("size"), texts.get("key")
    if texts.get("body") is not None and size is not None:
        raise UsageError(f"--size {size}: --body is given too; give one of them")
    if key is not None and texts.get("cert") is None:
        raise UsageError(f"--key {key}: the certificate is missing; add --cert FILE")


def _read(option: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ValueError as error:
        shown = text if text.isprintable() else repr(text)
        raise UsageError(f"{option} {shown}: {error}") from None


def parse_port(text: str) -> int:
    """A TCP port. 0 means any free port. Raises ValueError."""
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise ValueError("a port is a whole number from 0 (any free port) to 65535")
    return int(text)


def _servers(text: str | None) -> int | None:
    return None if text is None else _read("--servers", text, parse_servers)


def parse_servers(text: str) -> int:
    """How many requests are worked on at once. Raises ValueError."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= MAX_SERVERS:
        raise ValueError(f"a number of servers is a whole number from 1 to {MAX_SERVERS}")
    return int(text)


def parse_sizes(text: str) -> Weighted[int]:
    """Sizes of bodies in bytes, from 0 to 256M. Raises ValueError."""
    return parse_weighted(text, _parse_size)


def _parse_size(text: str) -> int:
    size = parse_size(text)
    if size > MAX_BODY:
        raise ValueError("a body has at most 256M")
    return size


def parse_statuses(text: str) -> Weighted[int]:
    """Status codes from 200 to 599. Raises ValueError."""
    return parse_weighted(text, _parse_status)


def _parse_status(text: str) -> int:
    if not (len(text) == 3 and text.isascii() and text.isdigit()) or not 200 <= int(text) <= 599:
        raise ValueError("a status is a number from 200 to 599, or a list as in 99x200,1x503")
    return int(text)


def parse_resets(text: str) -> Weighted[bool]:
    """The share of requests to reset. `1/100` resets one of each hundred, `0` none. Raises ValueError."""
    if text.strip() == "0":
        return NEVER
    match = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", text)
    if match is None or not 0 < int(match[1]) <= int(match[2]) <= MAX_BLOCK:
        raise ValueError(f"a share of resets is such as 1/100 (at most of {MAX_BLOCK}), or 0")
    resets, requests = int(match[1]), int(match[2])
    if resets == requests:
        return always(True)
    return parse_weighted(f"{resets}xreset,{requests - resets}xanswer", lambda value: value == "reset")


def parse_header(text: str) -> tuple[str, str]:
    """The name and value of a response header `Name: value`. Raises ValueError."""
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name) or not value.isprintable() or not value.isascii():
        raise ValueError('a header is "Name: value" in one line of ASCII')
    if name.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError("the target sets this header itself (see --size, --chunked, --close)")
    return name, value.strip()
