"""What a task may be. There is a check for each kind of field. Each raises a `TaskError` that names the field.

A refusal does not repeat a value that may be a secret.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from gluten.errors import TaskError
from gluten.task.capacity_rules import Search, check_search
from gluten.task.fields import FIELDS, Field, Kind
from gluten.task.host_names import MAX_LABEL, ascii_name
from gluten.task.http2_rules import Asked as OverHttp2
from gluten.task.http2_rules import check_http2
from gluten.task.limits import (
    MAX_DURATION,
    MAX_HEADER_BYTES,
    MAX_HOST,
    MAX_RATE,
    MAX_RULE,
)
from gluten.task.load_rules import Load, check_load
from gluten.task.secrets import HIDDEN, blunt
from gluten.task.storable import is_storable, is_utf8
from gluten.task.workload_fields import check_document, check_env, check_files, check_rows, check_slos


class Asked(Load, OverHttp2, Search, Protocol):
    """A `Task` before its values are checked, with the fields that are used by rules over several fields."""

    @property
    def body(self) -> bytes: ...
    @property
    def workload(self) -> str: ...


PEM = "-----BEGIN"
"""How a certificate or key begins."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# These are compiled when they are needed, because most tasks have neither.
_RULE = r"[^:\s\x00-\x20\x7f\ud800-\udfff]+:\d{1,5}:[^\s\x00-\x20\x7f\ud800-\udfff]+"
# Any bytes but control characters: a line break would be a second request. U+DC80 to U+DCFF: bytes that are not UTF-8.
_FIELD_VALUE = r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udc7f\udd00-\udfff]*"


def check(task: Asked) -> None:
    """Raises `TaskError` for the first thing that is wrong."""
    for field in FIELDS:
        value = getattr(task, field.name)
        if value is not None or not field.optional:
            _CHECKS[field.kind](field, value)
    check_load(task)
    check_http2(task)
    check_search(task)
    _check_workload(task)


def check_field(field: Field, value: Any) -> None:
    """Raises `TaskError` if the value is not one of this field, whatever the other fields have."""
    _CHECKS[field.kind](field, value)


def _check_url(field: Field, url: Any) -> None:
    if not isinstance(url, str):
        raise TaskError("url", "url: must be a text, such as http://127.0.0.1:8080/")
    if len(url) > field.most:
        raise TaskError("url", f"url: {len(url)} characters; at most {field.most}")
    shown = blunt(url)[:200]
    parts = _parted(url, shown)
    if parts.scheme not in ("http", "https") or "://" not in url:
        raise TaskError("url", f"url: {shown!r} needs http:// or https:// in front, such as http://host:8080/")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise TaskError("url", f"url: {shown!r} has a space or control character; write it as %20")
    if not is_utf8(url):
        raise TaskError("url", f"url: {shown!r} has bytes that are not UTF-8; write them as %XX")
    if not _is_host(parts.hostname or "", parts.netloc.rpartition("@")[2]):
        raise TaskError("url", f"url: {shown!r} names no host, or one that cannot be")
    if parts.scheme == "https" and len(ascii_name(parts.hostname or "")) > MAX_HOST:
        raise TaskError("url", f"url: {shown!r}: a host's name has at most {MAX_HOST} characters")


def _parted(url: str, shown: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        wrong_port = parts.port == 0
    except ValueError as error:
        wrong_port = "port" in str(error).lower()
        if not wrong_port:
            raise TaskError("url", f"url: {shown!r}: it cannot be read") from None
    if wrong_port:
        raise TaskError("url", f"url: {shown!r}: its port is not a number from 1 to 65535")
    return parts


def _is_host(host: str, place: str) -> bool:
    """Whether it is an address in brackets with at most a port behind it, or labels that a resolver accepts (RFC
    1035)."""
    if place.startswith("["):
        return re.fullmatch(r"\[[^]]+\](:\d*)?", place) is not None
    try:
        host = ascii_name(host)
    except UnicodeError:
        return False
    return all(0 < len(label) <= MAX_LABEL for label in host.removesuffix(".").split("."))


def _check_workload(task: Asked) -> None:
    """A workload file says what its requests are; what belongs to one is of no use without."""
    if not task.workload:
        for name in ("env", "files", "rows", "sessions"):
            if getattr(task, name):
                raise TaskError(name, f"{name}: belongs to a workload, and this task has none")
    elif task.method != "GET" or task.body:
        name = "body" if task.body else "method"
        raise TaskError(name, f"{name}: each request of a workload has its own: write it into the file")


def _check_stages(field: Field, stages: Any) -> None:
    if not stages:
        return
    if len(stages) > field.most:
        raise TaskError(field.name, f"{field.label}: {len(stages)} points; at most {field.most}")
    for point in stages:
        if len(point) != 2 or not all(_is_number(value) for value in point):
            raise TaskError(field.name, f"{field.label}: {point!r} is not (second, requests/s)")
        if point[0] > MAX_DURATION or not 0 <= point[1] <= MAX_RATE or point[0] < 0:
            raise TaskError(field.name, f"{field.label}: {point!r} is out of range")
    times = [when for when, _ in stages]
    if times != sorted(set(times)):
        raise TaskError(field.name, f"{field.label}: the times must rise from point to point")
    if max(rate for _, rate in stages) <= 0:
        raise TaskError(field.name, f"{field.label}: no point has a rate above 0")


def _check_method(field: Field, method: Any) -> None:
    if not isinstance(method, str) or len(method) > field.most or not TOKEN.fullmatch(method):
        shown = str(method)[: int(field.most)]
        raise TaskError(field.name, f"{field.label}: {shown!r} is not a method, such as GET or POST")


def _check_body(field: Field, body: Any) -> None:
    if not isinstance(body, bytes):
        raise TaskError(field.name, f"{field.label}: must be bytes")
    if len(body) > field.most:
        most = f"{int(field.most) >> 20} MiB"
        raise TaskError(field.name, f"{field.label}: longer than {most}, which is what fits in a task")


def _check_rules(field: Field, rules: Any) -> None:
    if len(rules) > field.most:
        raise TaskError(field.name, f"{field.label}: {len(rules)} rules; at most {field.most}")
    for rule in rules:
        if not isinstance(rule, str) or len(rule) > MAX_RULE or not re.fullmatch(_RULE, rule):
            shown = str(rule)[:80]
            raise TaskError(field.name, f"{field.label}: {shown!r} is not HOST:PORT:ADDR, such as a.test:80:10.0.0.1")


def _check_headers(field: Field, headers: Any) -> None:
    for header in headers:
        if len(header) != 2 or not all(isinstance(part, str) for part in header):
            raise TaskError(field.name, f"{field.label}: each must be a pair of texts, a name and a value")
        if not TOKEN.fullmatch(header[0]):
            raise TaskError(field.name, f"{field.label}: {header[0][:40]!r} is not a header's name")
        if not re.fullmatch(_FIELD_VALUE, header[1]):
            raise TaskError(field.name, f"{field.label}: {header[0][:40]}: a line break or another control character")
    size = sum(len(name) + len(value.encode("utf-8", "surrogateescape")) + 4 for name, value in headers)
    if len(headers) > field.most or size > MAX_HEADER_BYTES:
        most = f"at most {field.most} with {MAX_HEADER_BYTES >> 10} KiB in all"
        raise TaskError(field.name, f"{field.label}: {len(headers)} with {size} bytes; {most}")


def _check_names(field: Field, names: Any) -> None:
    if len(names) > field.most or not all(isinstance(name, str) and TOKEN.fullmatch(name) for name in names):
        raise TaskError(field.name, f"{field.label}: must be up to {field.most} names of headers, such as accept")


def _check_choice(field: Field, value: Any) -> None:
    if value not in field.choices:
        raise TaskError(field.name, f"{field.label}: {value!r} is not one of {', '.join(field.choices)}")


def _check_flag(field: Field, value: Any) -> None:
    if not isinstance(value, bool):
        raise TaskError(field.name, f"{field.label}: must be true or false")


def _check_text(field: Field, text: Any) -> None:
    if not isinstance(text, str) or len(text) > field.most or not is_storable(text):
        most = f"at most {field.most} characters"
        raise TaskError(field.name, f"{field.label}: must be a text (UTF-8, no NUL) of {most}")


def _check_pem(field: Field, text: Any) -> None:
    """Only a text is accepted. With a path each node would read a file of its own that somebody else has named."""
    if not isinstance(text, str) or (text and text != HIDDEN and (PEM not in text or not is_storable(text))):
        raise TaskError(field.name, f"{field.label}: must be the text of a PEM file ({PEM} …), not its path")
    if len(text) > field.most:
        most = f"{int(field.most) >> 10} KiB"
        raise TaskError(field.name, f"{field.label}: {len(text)} characters; at most {most}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_whole(field: Field, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= field.most:
        most = f"a whole number from 1 to {field.most}"
        raise TaskError(field.name, f"{field.label}: {value!r} is not allowed; {most}")


def _check_not_negative(field: Field, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= field.most:
        most = f"a whole number from 0 to {field.most}"
        raise TaskError(field.name, f"{field.label}: {value!r} is not allowed; {most}")


def _check_positive(field: Field, value: Any) -> None:
    if not _is_number(value) or not 0 < value <= field.most:
        most = f"above 0 and at most {field.most:.0f} {_UNITS[field.kind]}"
        raise TaskError(field.name, f"{field.label}: {_plain(value)} is not allowed; {most}")


def _check_share(field: Field, value: Any) -> None:
    if not _is_number(value) or not 0 < value <= field.most:
        most = f"above 0 and at most {field.most:.0%}, such as 2%"
        raise TaskError(field.name, f"{field.label}: {value!r} is not allowed; {most}")


def _plain(value: Any) -> str:
    """A number as a person writes it."""
    return f"{value:.0f}" if _is_number(value) and value == int(value) else repr(value)


_UNITS = {Kind.TIME: "seconds", Kind.RATE: "requests/s"}
_CHECKS: dict[Kind, Callable[[Field, Any], None]] = {
    Kind.URL: _check_url,
    Kind.COUNT: _check_whole,
    Kind.SIZE: _check_whole,
    Kind.TIME: _check_positive,
    Kind.RATE: _check_positive,
    Kind.SHARE: _check_share,
    Kind.STAGES: _check_stages,
    Kind.METHOD: _check_method,
    Kind.BODY: _check_body,
    Kind.HEADERS: _check_headers,
    Kind.RULES: _check_rules,
    Kind.FLAG: _check_flag,
    Kind.PEM: _check_pem,
    Kind.TEXT: _check_text,
    Kind.CHOICE: _check_choice,
    Kind.WHOLE: _check_not_negative,
    Kind.SLOS: check_slos,
    Kind.WORKLOAD: check_document,
    Kind.ENV: check_env,
    Kind.FILES: check_files,
    Kind.ROWS: check_rows,
    Kind.NAMES: _check_names,
}
