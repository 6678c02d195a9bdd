"""The keys of a workload file: one table, from which the reader, its errors and the JSON Schema follow.

A row says where a key stands, of which kind its value is, and what it may be. A `Kind` says how a value is read
(`values.py`, `requests.py`) and described (`schema.py`). Keys with `later` are known, and refused in words.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, NamedTuple

from gluten.task import limits
from gluten.task.fields import CONNECTION, FIELDS, LOAD
from gluten.task.fields import Kind as TaskKind


class Place(Enum):
    """The tables of a file; the value is what messages call one."""

    TOP = "the top of the file"
    LOAD = "[load]"
    FEED = "[[feed]]"
    REQUEST = "[request.NAME]"


class Kind(Enum):
    TEXT = auto()  # takes no template but env
    TEXTS = auto()
    TIME = auto()
    WHOLE = auto()  # a whole number from 0
    COUNT = auto()  # a whole number from 1
    FLAG = auto()
    CHOICE = auto()
    OPTION = auto()  # an option of the command line, by its long name
    HEADERS = auto()
    PATH = auto()
    BODY = auto()
    JSON = auto()
    FORM = auto()
    CHECKS = auto()
    TAKES = auto()
    VARS = auto()
    TABLE = auto()
    TABLES = auto()  # [[…]]


class Key(NamedTuple):
    """One row. `most`: the largest number, or the most characters or items. `later`: what it belongs to."""

    name: str
    place: Place
    kind: Kind
    help: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()
    most: int = 0
    later: str = ""


MAX_REQUESTS, MAX_FEEDS, MAX_HOSTS, MAX_NAME, MAX_WEIGHTS = 64, 16, 8, 64, 10_000
MAX_CHECKS, MAX_VARS = 64, 200
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
PICKS = ("unique", "cycle", "shuffle", "random")
SUFFIXES = (".csv", ".jsonl", ".txt")
_SESSIONS = "sessions"


def _top() -> list[Key]:
    def key(name: str, kind: Kind, text: str = "", **more: Any) -> Key:
        return Key(name, Place.TOP, kind, text, **more)

    return [
        key("name", Kind.TEXT, "a name for the run", most=limits.MAX_NAME),
        key(
            "url", Kind.TEXT, "scheme, host and a path that goes in front of every request's path", most=limits.MAX_URL
        ),
        key("header", Kind.HEADERS, "headers of every request; a request's own header of that name replaces it"),
        key("seed", Kind.WHOLE, "order and draws follow from it", default=0, most=limits.MAX_SEED),
        key("timeout", Kind.TIME, "deadline of one request, connecting included", default=2.0),
        key("slo", Kind.TEXTS, "what must be true of the run, such as 'p99 < 250ms'", most=limits.MAX_SLOS),
        key("vars", Kind.VARS, "constants for templates", most=MAX_VARS),
        key("load", Kind.TABLE, "the command line's load options, by their long names"),
        key("feed", Kind.TABLES, "rows of data that requests use", most=MAX_FEEDS),
        key("request", Kind.TABLE, "the requests, by name", most=MAX_REQUESTS),
        *(key(name, Kind.TABLES, later=_SESSIONS) for name in ("scenario", "setup", "teardown", "on_fail")),
        key("redirects", Kind.WHOLE, later="redirects"),
    ]


_NOT_IN_A_FILE = (TaskKind.PEM, TaskKind.URL)
_LOAD_FIELDS = tuple(
    field
    for field in FIELDS
    if (field.group in (LOAD, CONNECTION) or field.name in ("on_loss", "split", "secret"))
    and field.kind not in _NOT_IN_A_FILE
)
LOAD_FIELDS = {field.option: field for field in _LOAD_FIELDS}


def _load() -> list[Key]:
    return [Key(field.option, Place.LOAD, Kind.OPTION, field.help, field.default) for field in _LOAD_FIELDS]


def _feed() -> list[Key]:
    def key(name: str, kind: Kind, text: str, **more: Any) -> Key:
        return Key(name, Place.FEED, kind, text, **more)

    return [
        key("name", Kind.TEXT, "letters, digits and _: templates name its columns as NAME.COLUMN", most=MAX_NAME),
        key("file", Kind.TEXT, "beside this file: .csv, .jsonl or .txt", most=limits.MAX_FILE_NAME),
        key("pick", Kind.CHOICE, "which row the next session takes", default="cycle", choices=PICKS),
        key(
            "at_end", Kind.CHOICE, "of unique: what the end of the rows means", default="stop", choices=("stop", "fail")
        ),
        key("skip", Kind.WHOLE, "rows left out at the start", default=0, most=limits.MAX_REQUESTS),
        key("secret", Kind.FLAG, "its values are in no database, report or log", default=False),
        key("per", Kind.CHOICE, "of random: a row for each", default="session", choices=("session", "request")),
        key("separator", Kind.TEXT, "of a .csv file", default=",", most=1),
    ]


def _request() -> list[Key]:
    def key(name: str, kind: Kind, text: str = "", **more: Any) -> Key:
        return Key(name, Place.REQUEST, kind, text, **more)

    return [
        *(key(name, Kind.PATH, f"the path of a {name.upper()} request, or a whole URL") for name in METHODS),
        key("method", Kind.TEXT, "any method, with path", most=limits.MAX_METHOD),
        key("path", Kind.PATH, "with method"),
        key("header", Kind.HEADERS, "lines such as 'Accept: text/html'"),
        key("json", Kind.JSON, "the body: a value, JSON as a text, or @FILE"),
        key("form", Kind.FORM, "the body: fields of a form"),
        key("body", Kind.BODY, "the body: a text, or @FILE"),
        key("check", Kind.CHECKS, "what must be true of the response, such as 'status == 200'", most=MAX_CHECKS),
        key("timeout", Kind.TIME, "in place of the file's"),
        key("weight", Kind.COUNT, "how often it is sent, relative to the others", default=1, most=MAX_WEIGHTS),
        key("take", Kind.TAKES, later=_SESSIONS),
        key("on_fail", Kind.CHOICE, later=_SESSIONS),
        key("redirects", Kind.WHOLE, later="redirects"),
        *(key(name, Kind.TEXT, later=f"{name} of a request") for name in ("query", "multipart", "basic")),
    ]


KEYS = (*_top(), *_load(), *_feed(), *_request())


def keys_of(place: Place) -> dict[str, Key]:
    """The keys of a table by their names."""
    return {key.name: key for key in KEYS if key.place is place}
