"""The fields of a task: one table, from which every interface takes what it needs.

A row says what a field is called, its kind, and its limits. The parser, the checks, the usage text with completion and
the man page, the JSON of the web page, the OpenAPI schema, the redaction of secrets and the comparison of runs follow
from the row. A `Kind` says how such a value is read, checked and written. The modules for that have a table with one
entry for each kind.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, NamedTuple

from gluten.task import limits
from gluten.task.load_rules import ARRIVALS


class Kind(Enum):
    """What sort of value a field holds. Reading, checking and writing follow from it."""

    URL = auto()
    COUNT = auto()  # a whole number from 1: `1.5k`
    WHOLE = auto()  # a whole number from 0
    SIZE = auto()  # bytes, from 1: `64M`
    TIME = auto()  # seconds above 0: `1m30s`
    RATE = auto()  # requests/s above 0: `2k`
    STAGES = auto()  # points (second, requests/s): `0s:0,30s:1k`
    METHOD = auto()
    BODY = auto()  # bytes
    HEADERS = auto()  # pairs (name, value)
    RULES = auto()  # texts HOST:PORT:ADDR
    FLAG = auto()
    PEM = auto()  # the text of a file
    TEXT = auto()
    CHOICE = auto()  # one of `choices`
    SLOS = auto()  # texts: `p99 < 250ms`
    WORKLOAD = auto()  # the text of a workload file
    ENV = auto()  # pairs (name, value) of environment variables that the workload file names
    FILES = auto()  # pairs (name in the workload file, SHA-256 in hexadecimal digits)
    SHARE = auto()  # above 0, such as 0.02: `2%`
    ROWS = auto()  # pairs (name of a feed, number of its rows), which the master counts
    NAMES = auto()  # names of headers, in small letters


class Secret(Enum):
    """Which part of a field is a secret. It is left out wherever the task is stored or shown."""

    NOTHING = auto()
    NAMED = auto()  # what is called a key, token, password and the like; with `secret` every header's value
    PLACED = auto()  # what is called so by its place in a workload file (`task/workload_secrets`)
    ASKED = auto()  # the whole field, if the task has `secret`
    ALWAYS = auto()


class Field(NamedTuple):
    """One row of the table.

    `help` is the text of the usage, without the default. `group` is the heading above it; a field without one is no
    option. `letter` and `metavar` are for the command line. `long` is its long name if that differs from the field's.
    `default` also holds for an option that is not given. `optional` fields may be None. `most` is the largest value, or
    the greatest number of characters, bytes or items. `comparable`: runs that differ in it cannot be compared like with
    like.
    """

    name: str
    kind: Kind
    group: str = ""
    letter: str = ""
    metavar: str = ""
    help: str = ""
    long: str = ""
    default: Any = None
    optional: bool = False
    most: float = 0
    choices: tuple[str, ...] = ()
    secret: Secret = Secret.NOTHING
    comparable: bool = False

    @property
    def option(self) -> str:
        """The long name on the command line, without dashes."""
        return self.long or self.label

    @property
    def names(self) -> list[str]:
        """The names on the command line: `-m`, `--method`."""
        return [*([f"-{self.letter}"] if self.letter else []), f"--{self.option}"]

    @property
    def label(self) -> str:
        """The field's name in messages."""
        return self.name.replace("_", "-")

    @property
    def switches_off(self) -> bool:
        """True for a flag whose option turns it off."""
        return self.kind is Kind.FLAG and self.default is True

    @property
    def repeated(self) -> bool:
        """True if the option may be given more than once."""
        return self.kind in (Kind.HEADERS, Kind.RULES, Kind.SLOS)

    @property
    def of_workload(self) -> bool:
        """True where the field says something of a workload file, and nothing of a single URL."""
        return self.group in ("", FILE)


LOAD, REQUEST, CONNECTION, RUN = "Load (totals over all nodes)", "Request", "Connection", "Run"
FILE, CAPACITY = "Workload file", "Capacity"
GROUPS = (LOAD, REQUEST, FILE, CONNECTION, RUN, CAPACITY)
"""The headings of the usage text, in its order."""

ON_LOSS = ("rebalance", "continue", "fail")
SPLIT = ("cores", "even")

FIELDS = (
    Field(
        "url", Kind.URL, FILE, "", "URL", "in place of the file's `url`",
        most=limits.MAX_URL, secret=Secret.NAMED, comparable=True,
    ),
    Field(
        "threads", Kind.COUNT, LOAD, "t", "N",
        "threads; default: `run` 2, a cluster as many as its nodes have cores, at most -c",
        optional=True, most=limits.MAX_THREADS, comparable=True,
    ),
    Field(
        "connections", Kind.COUNT, LOAD, "c", "N",
        "open connections, at least as many as threads; default: without a rate 10, or as many as threads; at a rate "
        "they are opened as they are needed, up to rate x timeout and what the hosts allow",
        optional=True, most=limits.MAX_CONNECTIONS, comparable=True,
    ),
    Field(
        "duration", Kind.TIME, LOAD, "d", "T", "length, such as 30s, 1m30s",
        default=limits.DEFAULT_DURATION, optional=True, most=limits.MAX_DURATION, comparable=True,
    ),
    Field(
        "requests", Kind.COUNT, LOAD, "n", "N",
        "end after N requests in all (with scenarios sessions); without -d there is no time limit",
        optional=True, most=limits.MAX_REQUESTS, comparable=True,
    ),
    Field(
        "rate", Kind.RATE, LOAD, "R", "N",
        "constant rate in requests/s (with scenarios sessions/s), such as 2k; without it a closed loop",
        optional=True, most=limits.MAX_RATE, comparable=True,
    ),
    Field(
        "stages", Kind.STAGES, LOAD, "", "LIST", "rate over time, linear between points, such as 0s:0,30s:1k,2m:1k",
        default=(), most=limits.MAX_STAGES, comparable=True,
    ),
    Field(
        "arrivals", Kind.CHOICE, LOAD, "", "HOW", f"at a rate, how requests arrive: {', '.join(ARRIVALS)}",
        default=ARRIVALS[0], choices=ARRIVALS, comparable=True,
    ),
    Field(
        "ramp", Kind.TIME, LOAD, "", "T", "without a rate: the connections begin evenly over T",
        optional=True, most=limits.MAX_DURATION, comparable=True,
    ),
    Field(
        "pace", Kind.TIME, LOAD, "", "T", "without a rate: a connection begins a session at most each T",
        optional=True, most=limits.MAX_TIMEOUT, comparable=True,
    ),
    Field(
        "warmup", Kind.TIME, LOAD, "", "T",
        "load like all other, but SLOs, times and the rate are of what is due after it; whole seconds",
        optional=True, most=limits.MAX_DURATION, comparable=True,
    ),
    Field(
        "drain", Kind.TIME, LOAD, "", "T",
        "how long what is under way at the end may go on; default: the timeout, with scenarios 30s",
        optional=True, most=limits.MAX_TIMEOUT, comparable=True,
    ),
    Field("method", Kind.METHOD, REQUEST, "m", "M", default="GET", most=limits.MAX_METHOD, comparable=True),
    Field(
        "body", Kind.BODY, REQUEST, "b", "TEXT", "the body, or @FILE",
        default=b"", most=limits.MAX_BODY, secret=Secret.ASKED, comparable=True,
    ),
    Field(
        "headers", Kind.HEADERS, REQUEST, "H", "LINE", "a header, such as 'Accept: text/html'; may be given again",
        long="header", default=(), most=limits.MAX_HEADERS, secret=Secret.NAMED, comparable=True,
    ),
    Field(
        "timeout", Kind.TIME, REQUEST, "T", "T", "deadline of one request, connecting included",
        default=2.0, most=limits.MAX_TIMEOUT, comparable=True,
    ),
    Field(
        "redirects", Kind.WHOLE, REQUEST, "", "N",
        "how many redirects of a request are followed; default: none, or as the workload file says",
        optional=True, most=limits.MAX_REDIRECTS, comparable=True,
    ),
    Field(
        "secret", Kind.FLAG, REQUEST,
        help="keep and show neither the body nor any header's value; of other requests, only what is called a key, "
        "token, password, cookie and the like is left out",
        default=False,
    ),
    Field(
        "keepalive", Kind.FLAG, CONNECTION, help="a new connection for each request",
        long="no-keepalive", default=True, comparable=True,
    ),
    Field(
        "http2", Kind.FLAG, CONNECTION, help="speak HTTP/2: by ALPN with https, by prior knowledge with http",
        default=False, comparable=True,
    ),
    Field(
        "streams", Kind.COUNT, CONNECTION, "", "N", "with --http2: requests in flight at once on each connection",
        default=1, most=limits.MAX_STREAMS, comparable=True,
    ),
    Field("insecure", Kind.FLAG, CONNECTION, help="do not verify the certificate", default=False),
    Field(
        "cacert", Kind.PEM, CONNECTION, "", "FILE", "certificates to trust", default="", most=limits.MAX_AUTHORITIES
    ),
    Field("cert", Kind.PEM, CONNECTION, "", "FILE", "client certificate", default="", most=limits.MAX_PEM),
    Field(
        "key", Kind.PEM, CONNECTION, "", "FILE", "its key, not encrypted",
        default="", most=limits.MAX_PEM, secret=Secret.ALWAYS,
    ),
    Field(
        "resolve", Kind.RULES, CONNECTION, "", "RULE", "HOST:PORT:ADDR in place of DNS; may be given again",
        default=(), most=limits.MAX_RULES,
    ),
    Field(
        "max_body", Kind.SIZE, CONNECTION, "", "SIZE", "the largest response body accepted",
        default=64 << 20, most=limits.MAX_RESPONSE_BODY,
    ),
    Field("name", Kind.TEXT, RUN, "", "TEXT", "a name for the run", default="", most=limits.MAX_NAME),
    Field(
        "on_loss", Kind.CHOICE, RUN, "", "WHAT", f"when a node is lost: {', '.join(ON_LOSS)}",
        default="rebalance", choices=ON_LOSS,
    ),
    Field(
        "split", Kind.CHOICE, RUN, "", "HOW", f"shares by {' or '.join(SPLIT)}",
        default="cores", choices=SPLIT, comparable=True,
    ),
    Field(
        "seed", Kind.WHOLE, FILE, "", "N", "in place of the file's `seed`: what is drawn follows from it",
        default=0, most=limits.MAX_SEED, comparable=True,
    ),
    Field(
        "slo", Kind.SLOS, RUN, "", "TEXT", "what must be true of the run, such as 'p99 < 250ms'; may be given again; "
        "added to those of a workload file", default=(), most=limits.MAX_SLOS,
    ),
    Field(
        "slo_sure", Kind.FLAG, RUN, help="an SLO that is not decided with 95 % confidence counts as missed",
        default=False,
    ),
    Field(
        "trace", Kind.FLAG, RUN, help="add a W3C traceparent to each request, and name the traces of the slowest",
        default=False,
    ),
    Field(
        "find_capacity", Kind.FLAG, CAPACITY,
        help="find the highest rate at which all SLOs hold; -d is the most that it may take, 10m unless given",
        default=False, comparable=True,
    ),
    Field(
        "search_from", Kind.RATE, CAPACITY, "", "RATE", "begin at this rate, lower by halves if that misses; default "
        f"{limits.SEARCH_FROM:g}", long="from", optional=True, most=limits.MAX_RATE, comparable=True,
    ),
    Field(
        "search_to", Kind.RATE, CAPACITY, "", "RATE", "go no higher than this rate",
        long="to", optional=True, most=limits.MAX_RATE, comparable=True,
    ),
    Field(
        "precision", Kind.SHARE, CAPACITY, "", "P", "how far the rate that holds and the one that misses may be apart",
        default=0.02, most=limits.MAX_PRECISION, comparable=True,
    ),
    Field(
        "hold", Kind.TIME, CAPACITY, "", "T",
        "how long the answer is held; up to twice as long where that does not decide",
        default=30.0, most=limits.MAX_TIMEOUT, comparable=True,
    ),
    Field(
        "at_least", Kind.RATE, CAPACITY, "", "RATE", "exit 99 where less than this rate holds, 5 where the generators "
        "were the limit", optional=True, most=limits.MAX_RATE,
    ),
    Field("workload", Kind.WORKLOAD, default="", most=limits.MAX_WORKLOAD, secret=Secret.PLACED, comparable=True),
    Field("env", Kind.ENV, default=(), most=limits.MAX_ENV, secret=Secret.PLACED, comparable=True),
    Field("files", Kind.FILES, default=(), most=limits.MAX_FILES, comparable=True),
    Field("rows", Kind.ROWS, default=(), most=limits.MAX_FILES),
    Field("sessions", Kind.COUNT, optional=True, most=limits.MAX_REQUESTS),
    Field("outranking", Kind.NAMES, default=(), most=limits.MAX_HEADERS),
)  # fmt: skip
"""In the order of the usage text."""

BY_NAME = {field.name: field for field in FIELDS}


def default(name: str) -> Any:
    """The default of the field of this name."""
    return BY_NAME[name].default


def fields_of(*kinds: Kind) -> list[Field]:
    return [field for field in FIELDS if field.kind in kinds]
