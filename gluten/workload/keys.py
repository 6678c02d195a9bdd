"""The keys of a workload file: one table, from which the reader, its errors and the JSON Schema follow.

A row says where a key stands, of which kind its value is, and what it may be. A `Kind` says how a value is read
(`values.py`, `requests.py`) and described (`schema.py`). Keys with `later` are known, and refused in words.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, NamedTuple

from gluten.task import limits
from gluten.task.fields import CONNECTION, FIELDS, LOAD, Field
from gluten.task.fields import Kind as TaskKind
from gluten.workload.scenarios.steps import END, ON_FAIL


class Place(Enum):
    """The tables of a file; the value is what messages call one."""

    TOP = "the top of the file"
    LOAD = "[load]"
    FEED = "[[feed]]"
    REQUEST = "[request.NAME]"
    SCENARIO = "[[scenario]]"
    STEP = "a step"
    BRANCH = "a branch of one_of"


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
    NAMES = auto()  # of requests
    STEPS = auto()
    PAUSE = auto()
    TIMES = auto()
    SHARE = auto()
    CHECK = auto()
    CONDITION = auto()
    TEMPLATE = auto()  # a text with templates


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
MAX_CHECKS, MAX_VARS, MAX_TAKES = 64, 200, 64
MAX_SCENARIOS, MAX_STEPS, MAX_TIMES = 64, 1000, 1_000_000
MAX_GROUPS = 256
REDIRECT = " (redirect)"
"""No name of a request ends so: `stats/request_stats` counts what redirects ask for under such a name."""
CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
"""Characters that no name has, as in a class of a regular expression: controls and line breaks."""
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
PICKS = ("unique", "cycle", "shuffle", "random")
SUFFIXES = (".csv", ".jsonl", ".txt")
STEP_KINDS = {
    "think": (),
    "repeat": ("until", "do"),
    "one_of": (),
    "chance": ("do",),
    "group": ("do",),
    "if": ("do",),
}
"""The key that a step is known by, and what else such a step has."""
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
        key("scenario", Kind.TABLES, "what a session does, in order", most=MAX_SCENARIOS),
        key("setup", Kind.NAMES, "requests that one node sends once, before the load", most=MAX_STEPS),
        key("teardown", Kind.NAMES, "requests that one node sends once, after the load", most=MAX_STEPS),
        key("on_fail", Kind.CHOICE, "what follows from a request that is not good", default=END, choices=ON_FAIL),
        key("redirects", Kind.WHOLE, "how many redirects are followed", default=0, most=limits.MAX_REDIRECTS),
    ]


_LOAD_FIELDS = tuple(
    field for field in FIELDS if field.group in (LOAD, CONNECTION) or field.name in ("on_loss", "split", "secret")
)
LOAD_FIELDS = {field.option: field for field in _LOAD_FIELDS}


def _load() -> list[Key]:
    return [Key(field.option, Place.LOAD, Kind.OPTION, _help(field), field.default) for field in _LOAD_FIELDS]


def _help(field: Field) -> str:
    return f"{field.help}: a PEM file, beside this file" if field.kind is TaskKind.PEM else field.help


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
        key(
            "weight",
            Kind.COUNT,
            "without scenarios: how often it is sent, relative to the others",
            default=1,
            most=MAX_WEIGHTS,
        ),
        key("take", Kind.TAKES, "what is kept of its response, such as {token = 'json $.token'}", most=MAX_TAKES),
        key("on_fail", Kind.CHOICE, "in place of the scenario's", choices=ON_FAIL),
        key("redirects", Kind.WHOLE, "in place of the file's", most=limits.MAX_REDIRECTS),
        key("query", Kind.FORM, "fields that are put behind the path, such as {q = 'shoes', page = 2}"),
        key("multipart", Kind.FORM, "the body: parts, such as {title = 'x', photo = '@p.jpg'}"),
        key("basic", Kind.TEMPLATE, "'user:password', for the header Authorization"),
    ]


def _scenario() -> list[Key]:
    def key(name: str, kind: Kind, text: str, **more: Any) -> Key:
        return Key(name, Place.SCENARIO, kind, text, **more)

    return [
        key("name", Kind.TEXT, "the name of its statistics", most=MAX_NAME),
        key("weight", Kind.COUNT, "how often it is begun, relative to the others", default=1, most=MAX_WEIGHTS),
        key("do", Kind.STEPS, "names of requests, and steps such as {think = '2s'}", most=MAX_STEPS),
        key("on_fail", Kind.CHOICE, "in place of the file's", choices=ON_FAIL),
        key("once", Kind.NAMES, "requests that a connection of a closed loop sends before its first session"),
        key("connection", Kind.CHOICE, "new: each session has connections of its own", choices=("new",)),
    ]


def _step() -> list[Key]:
    def key(name: str, kind: Kind, text: str, place: Place = Place.STEP, **more: Any) -> Key:
        return Key(name, place, kind, text, **more)

    return [
        key("think", Kind.PAUSE, "a pause: '2s', '1s..3s' (even), 'exp 2s' (at most ten times that)"),
        key("repeat", Kind.TIMES, "how often: 3, or '1..4' (even)", most=MAX_TIMES),
        key("until", Kind.CHECK, "of repeat: a check of the last answer; when it is true, the repeat ends"),
        key("one_of", Kind.TABLES, "branches, one of which is drawn"),
        key("chance", Kind.SHARE, "the probability, from 0 to 1"),
        key("group", Kind.TEXT, "a name: the time of its steps is measured together", most=MAX_NAME),
        key("if", Kind.CONDITION, "a condition, such as '{{plan}} == gold'"),
        key("do", Kind.STEPS, "the steps", most=MAX_STEPS),
        key("weight", Kind.COUNT, "how likely it is", Place.BRANCH, default=1, most=MAX_WEIGHTS),
        key("do", Kind.STEPS, "the steps", Place.BRANCH, most=MAX_STEPS),
    ]


KEYS = (*_top(), *_load(), *_feed(), *_request(), *_scenario(), *_step())


def keys_of(place: Place) -> dict[str, Key]:
    """The keys of a table by their names."""
    return {key.name: key for key in KEYS if key.place is place}
