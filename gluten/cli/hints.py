"""Hints for users of other tools: GLuTEN's options in place of theirs. Pure.

The tools: wrk, wrk2, hey, oha, ab, k6, vegeta, bombardier, autocannon, locust, h2load, curl.
"""

from __future__ import annotations

import re

LOADING = ("run", "submit", "check")
"""The commands whose options get hints."""

_BODY = "use -b @FILE"
_COOKIE = "use -H 'Cookie: NAME=VALUE'"
_CSV = "use --out FILE.csv"
_EACH = "use --no-keepalive"
_JSON = "use --format json"
_KEPT = "connections are kept open by default; --no-keepalive opens one for each request"
_LENGTH = "use -d, such as -d 30s"
_NONE = "GLuTEN has no scripts, but workload files: see `gluten.pyz new`"
_NO_PROXY = "GLuTEN uses no proxy; it connects to targets directly"
_NUMBER = "use -n"
_OPEN = "use -c"
_PLAIN = "GLuTEN asks for compression only with -H 'Accept-Encoding: …', and never decompresses"
_RATE = "use -R, such as -R 2k"
_REDIRECTS = "redirects are followed only where --redirects N says how many"
_SCRIPT = (
    "GLuTEN runs no Lua; -m, -H and -b make the request, a workload file (`gluten.pyz new` prints one) makes requests "
    "that differ, and --format json has the figures for a report of your own"
)
_UNBATCHED = "GLuTEN does not pipeline requests, so there are no batches to measure; leave it out"
_VERSION = "use `gluten.pyz --version`, without a command"
_USER = "write it in the URL: http://USER:PASSWORD@HOST/"
_WORKERS = "use -t"

LETTERS = {
    "A": f"use -H 'Accept: …' (hey, oha); for a user, {_USER} (ab)",
    "B": _UNBATCHED,
    "C": f"{_COOKIE} (ab)",
    "D": f"{_BODY} (hey, oha); {_LENGTH} (h2load)",
    "E": "use --cert FILE",
    "P": _NO_PROXY,
    "X": "use -m, such as -m POST (curl); " + _NO_PROXY + " (ab)",
    "a": f"{_USER} (hey, oha); {_NUMBER} (autocannon); use --no-keepalive (bombardier)",
    "e": f"{_CSV} (ab)",
    "f": f"{_BODY} (bombardier); {_NONE} (locust)",
    "g": _CSV,
    "i": f"{_NUMBER} (k6); use -m HEAD (ab); {_BODY} (autocannon)",
    "j": _JSON,
    "k": f"use --insecure (curl, bombardier); {_KEPT} (ab)",
    "l": "use -L",
    "o": "use --out FILE",
    "p": f"{_BODY} (ab); GLuTEN does not pipeline requests (autocannon)",
    "q": f"{_RATE} (hey, oha); use --quiet (ab, k6)",
    "r": f"{_RATE} (bombardier, h2load); failed requests do not end a run (ab)",
    "s": f"{_SCRIPT} (wrk); use -T (ab); use --stages, such as --stages 0s:0,30s:1k (k6)",
    "u": f"{_OPEN} (k6's virtual users, locust); use -m PUT -b @FILE (ab)",
    "v": _VERSION,
    "w": f"{_WORKERS} (autocannon); use --format html (ab)",
    "x": _NO_PROXY,
    "z": _LENGTH,
}
"""Short options that GLuTEN does not have."""

WORDS = {
    "amount": _NUMBER, "basic-auth": _USER, "batch_latency": _UNBATCHED, "body-file": _BODY, "clients": _OPEN,
    "compressed": _PLAIN, "concurrency": _OPEN, "connect-timeout": "use -T, which includes connecting",
    "connect-to": "use --resolve", "cpus": _WORKERS, "csv": _CSV, "data": "use -b",
    "disable-color": "set NO_COLOR=1 in the environment", "disable-compression": _PLAIN, "disable-keepalive": _EACH,
    "disableKeepAlive": _EACH, "disable-redirects": _REDIRECTS, "expect-workers": _WORKERS, "follow": _REDIRECTS,
    "form": _BODY, "headers": "use -H", "headless": "`run` is always headless",
    "host": "use -H 'Host: NAME', or --resolve HOST:PORT:ADDR", "html": "use --out FILE.html",
    "http-debug": "use --format json, which names the kind of each failure", "input": _BODY,
    "insecure-skip-tls-verify": "use --insecure", "iterations": _NUMBER, "json": _JSON, "keepalive": _KEPT,
    "latencies": "use -L", "linger": "a run ends by itself", "location": _REDIRECTS, "lua": _SCRIPT,
    "max-concurrent-streams": "use --streams, with --http2", "max-connections": _OPEN, "max-redirects": _REDIRECTS,
    "max-workers": _OPEN,
    "no-color": "set NO_COLOR=1 in the environment", "no-connection-reuse": _EACH, "no-tui": "use --quiet",
    "no-vu-connection-reuse": _EACH, "output": "use --out FILE", "output-format": "use --format", "overallRate": _RATE,
    "pipelining": "GLuTEN does not pipeline requests", "proxy": _NO_PROXY, "qps": _RATE, "query-per-second": _RATE,
    "redirect": _REDIRECTS, "request": "use -m, such as -m POST",
    "root-certs": "use --cacert FILE", "rps": _RATE, "run-time": _LENGTH, "script": _SCRIPT,
    "spawn-rate": "use --stages, such as --stages 0s:0,30s:1k", "stage": "use --stages, such as --stages 0s:0,30s:1k",
    "summary-export": "use --out FILE.json", "targets": _NONE, "time": _LENGTH, "timelimit": _LENGTH, "user": _USER,
    "user-agent": "use -H 'User-Agent: …'", "users": _OPEN, "version": _VERSION, "vus": _OPEN,
    "worker": "use --slave-mode", "workers": _WORKERS,
}  # fmt: skip
"""Long options that GLuTEN does not have. Tools written in Go take them with one dash, too."""

_TIME = r"(?i:\d[\d.]*\s*(?:ms|s|m|h|min|sec))"
_NO_TIME = r"@|\D.*[={\[&]|[={\[\"']|[A-Za-z]{3}"


def option_hint(command: str, option: str) -> str:
    """What to use in place of another tool's option, or an empty text. `option` is as it was typed."""
    name = option.lstrip("-")
    return (LETTERS.get(name) or WORDS.get(name) or "") if command in LOADING else ""


def value_hint(field: str, value: str) -> str:
    """A hint for a value that suits the same letter in another tool, or an empty text."""
    if field == "threads" and re.fullmatch(_TIME, value):
        return "; -t is the number of threads, -T the timeout of a request, -d the length of the run"
    if field == "duration" and re.match(_NO_TIME, value):
        return "; -d is the length of the run, -b the body"
    if field == "timeout" and "/" in value:
        return "; -T is the timeout of a request; for a content type, use a header with -H"
    return ""
