"""How a value is written where its template stands.

In a path (RFC 3986, section 2) and a form all but letters, digits and `-._~` is percent-encoded, as UTF-8. In JSON it
is a JSON text (RFC 8259, section 7). In a header it is written as it is, but a control character would end the header
(RFC 9110, section 5.5), so the request fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from json.encoder import encode_basestring
from urllib.parse import quote

from gluten.errors import TemplateFailure
from gluten.workload.json_text import Json, dumps, is_literal, plain

Encoder = Callable[[Json], bytes]

_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]*")
_PERCENT = [chr(byte) if _UNRESERVED.fullmatch(chr(byte)) else f"%{byte:02X}" for byte in range(256)]
_VISIBLE = re.compile(r"[!-~]*")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ALL_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_REFERENCE = "".join(chr(code) for code in range(0x21, 0x7F))


class Encoding(Enum):
    PLAIN = auto()  # a body
    PATH = auto()
    REFERENCE = auto()  # a path that begins with a template
    FORM = auto()
    JSON = auto()  # inside the quotes of a JSON string
    JSON_VALUE = auto()  # instead of a whole JSON string
    HEADER = auto()


def encoder(encoding: Encoding, raw: bool, source: str) -> Encoder:
    """What writes the values of one template. `source` names the template in a failure."""
    match encoding:
        case Encoding.PATH | Encoding.FORM if not raw:
            return percent
        case Encoding.PATH | Encoding.REFERENCE:
            return lambda value: _in_path(value, source)
        case Encoding.JSON:
            return json_string
        case Encoding.JSON_VALUE:
            return json_value
        case Encoding.HEADER:
            return lambda value: _in_header(value, source)
        case _:
            return as_it_is


def as_it_is(value: Json) -> bytes:
    """A lone surrogate, which UTF-8 cannot express, becomes `?`. So it does in the other encodings."""
    text = value if type(value) is str else plain(value)
    return text.encode("utf-8", "replace")


def percent(value: Json) -> bytes:
    text = value if type(value) is str else plain(value)
    # Most ids have letters and digits alone, which costs less to see than that they match.
    if not (text.isascii() and text.isalnum()) and not _UNRESERVED.fullmatch(text):
        text = "".join([_PERCENT[byte] for byte in text.encode("utf-8", "replace")])
    return text.encode("ascii")


def json_string(value: Json) -> bytes:
    text = value if type(value) is str else plain(value)
    return encode_basestring(text)[1:-1].encode("utf-8", "replace")


def json_value(value: Json) -> bytes:
    """The value with its type. A text that is a number, true, false or null in JSON is written as that."""
    if type(value) is str and is_literal(value):
        return value.encode("ascii")
    return dumps(value).encode("utf-8", "replace")


def _in_header(value: Json, source: str) -> bytes:
    text = value if type(value) is str else plain(value)
    if not text.isprintable() and _CONTROLS.search(text):
        raise TemplateFailure(f"{source} has a line break or another control character, so no header can have it")
    return text.encode("utf-8", "replace")


def _in_path(value: Json, source: str) -> bytes:
    """Not encoded, except for what no request line can have: spaces and what is not ASCII."""
    text = value if type(value) is str else plain(value)
    if not _VISIBLE.fullmatch(text):
        if _ALL_CONTROLS.search(text):
            raise TemplateFailure(f"{source} has a line break or another control character, so no path can have it")
        text = quote(text, safe=_REFERENCE, errors="replace")
    return text.encode("ascii")
