"""What users of other tools write, and what stands for it here. The tools: wrk, wrk2, hey, oha, ab, k6, vegeta,
bombardier, autocannon, locust, h2load, curl. Pure."""

from __future__ import annotations

import re

LOADING = ("run", "submit")
"""The commands whose options are meant."""

_BODY = "here -b @FILE"
_COOKIE = "here -H 'Cookie: NAME=VALUE'"
_CSV = "here --format csv --out FILE"
_EACH = "here --no-keepalive"
_JSON = "here --format json"
_KEPT = "connections are kept here; --no-keepalive opens one for each request"
_LENGTH = "here -d, such as -d 30s"
_NONE = "there are no scripts here; the options say what one URL is asked"
_NO_PROXY = "there is no proxy here: targets are reached directly"
_NUMBER = "here -n"
_OPEN = "here -c"
_PLAIN = "responses are taken as they come here, compressed only where -H 'Accept-Encoding: …' asks for it"
_RATE = "here -R, such as -R 2k"
_REDIRECTS = "redirects are not followed here"
_USER = "here in the URL: http://USER:PASSWORD@HOST/"
_WORKERS = "here -t"

LETTERS = {
    "A": f"here -H 'Accept: …' (hey, oha); a user {_USER} (ab)",
    "C": f"{_COOKIE} (ab)",
    "D": f"{_BODY} (hey, oha); {_LENGTH} (h2load)",
    "E": "here --cert FILE",
    "P": _NO_PROXY,
    "X": "here -m, such as -m POST (curl); " + _NO_PROXY + " (ab)",
    "a": f"{_USER} (hey, oha); {_NUMBER} (autocannon); here --no-keepalive (bombardier)",
    "e": f"{_CSV} (ab)",
    "f": f"{_BODY} (bombardier); {_NONE} (locust)",
    "g": _CSV,
    "i": f"{_NUMBER} (k6); here -m HEAD (ab); {_BODY} (autocannon)",
    "j": _JSON,
    "k": f"here --insecure (curl, bombardier); {_KEPT} (ab)",
    "l": "here -L",
    "o": "here --out FILE",
    "p": f"{_BODY} (ab); requests are not pipelined here (autocannon)",
    "q": f"{_RATE} (hey, oha); here --quiet (ab, k6)",
    "r": f"{_RATE} (bombardier, h2load); failed requests do not end a run here (ab)",
    "s": f"{_NONE} (wrk); here -T (ab); here --stages, such as --stages 0s:0,30s:1k (k6)",
    "u": f"{_OPEN} (k6's virtual users, locust); here -m PUT -b @FILE (ab)",
    "v": "here --version",
    "w": f"{_WORKERS} (autocannon); here --format html (ab)",
    "x": _NO_PROXY,
    "z": _LENGTH,
}
"""Short options that GLuTEN does not have."""

WORDS = {
    "amount": _NUMBER, "basic-auth": _USER, "body-file": _BODY, "clients": _OPEN, "compressed": _PLAIN,
    "concurrency": _OPEN, "connect-timeout": "here -T, which includes connecting", "connect-to": "here --resolve",
    "cpus": _WORKERS, "csv": _CSV, "data": "here -b", "disable-color": "here NO_COLOR=1 in the environment",
    "disable-compression": _PLAIN, "disable-keepalive": _EACH, "disableKeepAlive": _EACH,
    "disable-redirects": _REDIRECTS, "expect-workers": _WORKERS, "follow": _REDIRECTS, "form": _BODY,
    "headers": "here -H",
    "headless": "it is what `run` does here", "host": "here -H 'Host: NAME', or --resolve HOST:PORT:ADDR",
    "html": "here --format html --out FILE", "http-debug": "here --format json says each failure's kind",
    "input": _BODY, "insecure-skip-tls-verify": "here --insecure", "iterations": _NUMBER, "json": _JSON,
    "keepalive": _KEPT, "latencies": "here -L", "linger": "a run ends by itself here", "location": _REDIRECTS,
    "lua": _NONE, "max-connections": _OPEN, "max-redirects": _REDIRECTS, "max-workers": _OPEN, "no-color":
    "here NO_COLOR=1 in the environment", "no-connection-reuse": _EACH, "no-tui": "here --quiet",
    "no-vu-connection-reuse": _EACH, "output": "here --out FILE", "output-format": "here --format",
    "overallRate": _RATE, "pipelining": "requests are not pipelined here", "proxy": _NO_PROXY, "qps": _RATE,
    "query-per-second": _RATE, "redirect": _REDIRECTS, "redirects": _REDIRECTS, "request": "here -m, such as -m POST",
    "root-certs": "here --cacert FILE", "rps": _RATE, "run-time": _LENGTH, "script": _NONE, "spawn-rate":
    "here --stages, such as --stages 0s:0,30s:1k", "stage": "here --stages, such as --stages 0s:0,30s:1k",
    "summary-export": "here --format json --out FILE", "targets": _NONE, "time": _LENGTH, "timelimit": _LENGTH,
    "user": _USER, "user-agent": "here -H 'User-Agent: …'", "users": _OPEN, "vus": _OPEN, "worker": "here --slave-mode",
    "workers": _WORKERS,
}  # fmt: skip
"""Long ones, also with one dash, as Go's tools write them."""

_TIME = re.compile(r"\d[\d.]*\s*(?:ms|s|m|h|min|sec)", re.IGNORECASE)
_NO_TIME = re.compile(r"@|\D.*[={\[&]|[={\[\"']|[A-Za-z]{3}")


def hint(command: str, option: str) -> str:
    """What stands for another tool's option, as it was typed; empty where nothing is known."""
    name = option.lstrip("-")
    return (LETTERS.get(name) or WORDS.get(name) or "") if command in LOADING else ""


def misread(field: str, value: str) -> str:
    """What may have been meant by the value of an option whose letter means something else in another tool."""
    if field == "threads" and _TIME.fullmatch(value):
        return "; -t is threads here, -T the timeout of a request, -d the length of the run"
    if field == "duration" and _NO_TIME.match(value):
        return "; -d is the length of the run here, -b the body"
    if field == "timeout" and "/" in value:
        return "; -T is the timeout of a request here, a content type is a header, -H"
    return ""
