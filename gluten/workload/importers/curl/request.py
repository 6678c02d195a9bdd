"""One request of a curl command: what its options say, as a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from gluten.errors import UsageError
from gluten.task.limits import MAX_FILE_NAME, MAX_METHOD, MAX_TIMEOUT
from gluten.task.validate import TOKEN
from gluten.units import UnitError, parse_duration
from gluten.workload.importers.bodies import FORM_TYPE, File, body_of, is_form
from gluten.workload.importers.curl.options import QUIET, Option
from gluten.workload.importers.recording import Body, Call, Lines, place_of

REDIRECTS = 10
DATA = ("data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json")
_PLAIN_PAIR = re.compile(r"[^=&]+=[^&]*(?:&[^=&]+=[^&]*)*")


@dataclass
class Asked:
    """What the options say. `data`: pieces as they are joined with &; a `@FILE` alone is `file`."""

    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    json: bool = False
    parts: list[tuple[str, str, str]] = field(default_factory=list)
    file: str = ""
    get: bool = False
    head: bool = False
    upload: bool = False
    query: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    user: str = ""
    bearer: str = ""
    redirects: int = 0
    most: int | None = None
    insecure: bool = False
    http2: bool = False
    timeout: float = 0.0
    resolve: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def asked_by(options: Sequence[Option]) -> Asked:
    """Raises UsageError."""
    asked = Asked()
    for option in options:
        _take(asked, option)
    return asked


def _take(asked: Asked, option: Option) -> None:
    if option.name in _READERS:
        _READERS[option.name](asked, option.value)
    elif option.name in DATA:
        _data(asked, option.name, option.value)
    elif option.name not in QUIET:
        asked.left_out.append(option.written)


def _url(asked: Asked, text: str) -> None:
    asked.urls.append(text)


def _method_name(asked: Asked, text: str) -> None:
    if not TOKEN.fullmatch(text) or len(text) > MAX_METHOD:
        raise UsageError(f"the curl command: -X: {text[:40]!r} is not a method, such as PUT")
    asked.method = text


def _agent(asked: Asked, text: str) -> None:
    asked.headers.append(("User-Agent", text))


def _referer(asked: Asked, text: str) -> None:
    asked.headers.append(("Referer", text.partition(";auto")[0]))


def _compressed(asked: Asked, _: str) -> None:
    asked.headers.append(("Accept-Encoding", "gzip, deflate"))


def _range(asked: Asked, text: str) -> None:
    asked.headers.append(("Range", f"bytes={text}"))


def _form(asked: Asked, text: str) -> None:
    asked.parts.append(_part(text, can_be_file=True))


def _form_string(asked: Asked, text: str) -> None:
    asked.parts.append(_part(text, can_be_file=False))


def _get(asked: Asked, _: str) -> None:
    asked.get = True


def _head(asked: Asked, _: str) -> None:
    asked.head = True


def _query(asked: Asked, text: str) -> None:
    asked.query.append(_encoded(text))


def _user(asked: Asked, text: str) -> None:
    asked.user = text


def _bearer(asked: Asked, text: str) -> None:
    asked.bearer = text


def _location(asked: Asked, _: str) -> None:
    asked.redirects = REDIRECTS


def _most_redirects(asked: Asked, text: str) -> None:
    asked.most = int(text) if re.fullmatch("[0-9]{1,3}", text) else None


def _insecure(asked: Asked, _: str) -> None:
    asked.insecure = True


def _http2(asked: Asked, _: str) -> None:
    asked.http2 = True


def _resolve(asked: Asked, text: str) -> None:
    if re.fullmatch(r"[^:\s{]+:[0-9]+:[^,\s{]+", text):
        asked.resolve.append(text)
    else:
        asked.left_out.append(f"--resolve {text}")


def _upload(asked: Asked, text: str) -> None:
    asked.file, asked.upload = text, True


def _timeout(asked: Asked, text: str) -> None:
    try:
        asked.timeout = parse_duration(text)
    except UnitError as error:
        raise UsageError(f"the curl command: --max-time: {error}") from None
    if not 0 < asked.timeout <= MAX_TIMEOUT:
        raise UsageError(f"the curl command: --max-time: {text[:40]}: must be above 0 and at most {MAX_TIMEOUT:g}s")


def _header(asked: Asked, text: str) -> None:
    """`NAME: VALUE`; `NAME;` is an empty one, `NAME:` takes one of curl's own away."""
    name, colon, value = text.partition(":")
    if text.startswith("@"):
        asked.left_out.append(f"-H {text}")
    elif not colon:
        asked.headers.append((text.rstrip(";").strip(), ""))
    elif value.strip() and name.strip().lower() == "cookie":
        _cookie(asked, value.strip())
    elif value.strip():
        asked.headers.append((name.strip(), value.strip()))


def _cookie(asked: Asked, text: str) -> None:
    if "=" not in text:
        asked.left_out.append(f"-b {text} (a file of cookies)")
    else:
        asked.cookies.append(text.strip().strip(";"))


def _file(name: str) -> File:
    if len(name) > MAX_FILE_NAME or "\0" in name:
        raise UsageError(f"the curl command: {name[:40]!r}… is no name of a file")
    return File(name)


def _part(text: str, can_be_file: bool) -> tuple[str, str, str]:
    name, _, value = text.partition("=")
    if can_be_file and value[:1] in ("@", "<") and len(value) > 1:
        return name, "", re.sub(r";(?:type|filename|headers|encoder)=.*", "", value[1:]).strip('"')
    value = re.sub(r";type=[\w/.+-]+$", "", value) if can_be_file else value
    return name, value, ""


def _data(asked: Asked, name: str, text: str) -> None:
    asked.json = asked.json or name == "json"
    if text.startswith("@") and name not in ("data-raw", "data-urlencode"):
        asked.file = text[1:]
        if name in ("data", "data-ascii"):
            asked.notes.append(f"curl leaves out the line breaks of {text[1:]}; this sends it as it is")
    elif name == "data-urlencode":
        asked.data.append(_encoded(text))
    else:
        asked.data.append(text)


def _encoded(text: str) -> str:
    """`CONTENT`, `=CONTENT`, `NAME=CONTENT`: the content percent-encoded."""
    name, equals, content = text.partition("=")
    if not equals:
        return quote(text, safe="", errors="replace")
    return (f"{name}=" if name else "") + quote(content, safe="", errors="replace")


def call_of(asked: Asked, url: str) -> Call:
    """Raises UsageError for a URL that cannot be loaded."""
    place = place_of(url if "://" in url else f"http://{url}")
    if place is None:
        raise UsageError(f"the curl command: {url[:80]!r} is no http URL that can be loaded")
    query = "&".join([*asked.query, *(asked.data if asked.get else [])])
    if query:
        place = place._replace(
            path=place.path + ("&" if "?" in place.path else "?") + quote(query, safe="%&=+;:,/?@!$'()*~")
        )
    headers, body = _content(asked)
    return Call(_method(asked, body), place, headers, body)


def _method(asked: Asked, body: Body) -> str:
    if asked.method:
        return asked.method
    if asked.head:
        return "HEAD"
    return "PUT" if asked.upload else "POST" if body.kind or body.lost else "GET"


def _content(asked: Asked) -> tuple[Lines, Body]:
    """Headers and body. curl calls data a form, where no header says otherwise."""
    headers = list(asked.headers)
    given = next((text for name, text in headers if name.lower() == "content-type"), "")
    if asked.get:
        return tuple(headers), Body()
    if asked.parts:
        return tuple(headers), Body(
            "multipart", {name: _file(file) if file else text for name, text, file in asked.parts}
        )
    if asked.json:
        headers += [] if any(name.lower() == "accept" for name, _ in headers) else [("Accept", "application/json")]
    media = given or ("application/json" if asked.json else FORM_TYPE)
    if asked.file:
        headers += [] if given or asked.upload else [("Content-Type", media)]
        return tuple(headers), Body("body", _file(asked.file)) if asked.file not in ("-", ".") else Body(
            lost="standard input as the body"
        )
    return _text(headers, media, given, ("" if asked.json else "&").join(asked.data))


def _text(headers: list[tuple[str, str]], media: str, given: str, text: str) -> tuple[Lines, Body]:
    if is_form(media) and not _PLAIN_PAIR.fullmatch(text):
        headers += [] if given or not text else [("Content-Type", media)]
        return tuple(headers), body_of("text/plain", text)
    body = body_of(media, text)
    if body.kind == "body" and not given:
        headers.append(("Content-Type", media))
    return tuple(headers), body


_READERS: dict[str, Callable[[Asked, str], None]] = {
    "": _url,
    "url": _url,
    "request": _method_name,
    "header": _header,
    "user-agent": _agent,
    "referer": _referer,
    "compressed": _compressed,
    "range": _range,
    "form": _form,
    "form-string": _form_string,
    "cookie": _cookie,
    "get": _get,
    "head": _head,
    "url-query": _query,
    "user": _user,
    "oauth2-bearer": _bearer,
    "location": _location,
    "location-trusted": _location,
    "max-redirs": _most_redirects,
    "insecure": _insecure,
    "http2": _http2,
    "http2-prior-knowledge": _http2,
    "resolve": _resolve,
    "upload-file": _upload,
    "max-time": _timeout,
}
