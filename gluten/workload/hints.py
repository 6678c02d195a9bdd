"""What users of other tools write into a file, and what to write here. Pure.

The tools: k6, Gatling, locust, artillery, hurl, vegeta, JMeter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

_CONNECTIONS = "write connections in [load]"
_HEADER = 'write header = ["NAME: VALUE"]'
_RATE = "write rate in [load]"
_STAGES = 'write stages in [load], such as stages = "0s:0,30s:1k"'
_URL = "write url at the top of the file"
_CHECK = 'write check, such as check = ["status == 200"]'
_REQUEST = "write [request.NAME]"
_THINK = 'write {think = "2s"} in do of [[scenario]]'
_REPEAT = "write {repeat = 3, do = [...]} in do of [[scenario]]"
_ONE_OF = "write {one_of = [{weight = 3, do = [...]}]} in do of [[scenario]]"
_IF = 'write {if = "{{plan}} == gold", do = [...]} in do of [[scenario]]'
_DO = "write do in [[scenario]]"
_GROUP = 'write {group = "checkout", do = [...]} in do of [[scenario]]'
_SETUP = "write setup at the top of the file, or once in [[scenario]]"
_TAKE = 'write take, such as take = {token = "json $.token"}'
_SLO = 'write slo at the top of the file, such as slo = ["p99 < 250ms"]'

_SHOWN = 10
"""How many names a message lists, at most."""

_KEYS = {
    "vus": _CONNECTIONS, "users": _CONNECTIONS, "max_vus": _CONNECTIONS, "concurrency": _CONNECTIONS,
    "iterations": "write requests in [load]", "rps": _RATE, "qps": _RATE, "arrivalrate": _RATE, "arrival_rate": _RATE,
    "spawn_rate": _STAGES, "ramp_up": _STAGES, "rampto": _STAGES, "phases": _STAGES,
    "run_time": "write duration in [load]",
    "time": "write duration in [load]", "headers": _HEADER, "host": _URL, "base_url": _URL, "baseurl": _URL,
    "target": _URL, "thresholds": _SLO, "ensure": _SLO, "slos": _SLO, "checks": _CHECK, "expect": _CHECK,
    "assertions": _CHECK, "asserts": _CHECK, "http": _REQUEST,
    "requests": f"{_REQUEST}, or requests in [load]", "variables": "write [vars]",
    "capture": _TAKE, "captures": _TAKE, "extract": _TAKE, "save_as": _TAKE, "feeds": "write [[feed]]",
    "feeder": "write [[feed]]", "data": "write [[feed]] for rows, or body of a request", "payload": "write body",
    "scenarios": "write [[scenario]]", "max_redirects": "write redirects", "weights": "write weight in each request",
    "strategy": 'write pick, such as pick = "shuffle"', "circular": 'write pick = "cycle"', "tests": _CHECK,
    "sleep": _THINK, "pause": _THINK, "think_time": _THINK, "wait": _THINK, "wait_time": _THINK, "delay": _THINK,
    "min_wait": _THINK, "max_wait": _THINK, "loop": _REPEAT, "loops": _REPEAT, "times": _REPEAT, "during": _REPEAT,
    "while": "write {repeat = 20, until = CHECK, do = [...]} in do of [[scenario]]",
    "retry": "write {repeat = 20, until = CHECK, do = [...]} in do of [[scenario]]",
    "random_switch": _ONE_OF, "switch": _ONE_OF, "choose": _ONE_OF, "branches": _ONE_OF,
    "probability": "write {chance = 0.7, do = [...]} in do of [[scenario]]",
    "condition": _IF, "if_true": _IF, "do_if": _IF, "when": _IF,
    "exec": _DO, "flow": _DO, "steps": _DO, "tasks": _DO, "transaction": _GROUP, "transactions": _GROUP,
    "groups": _GROUP, "follow_redirects": "write redirects = 5", "allow_redirects": "write redirects = 5",
    "on_start": _SETUP, "before": _SETUP, "on_stop": "write teardown at the top of the file",
    "after": "write teardown at the top of the file", "graceful_stop": "write drain in [load]",
    "exit_here_if_failed": "write on_fail", "abort_on_fail": 'write on_fail = "stop"',
    "params": "write query, such as query = {q = 'shoes'}",
    "cookies": "leave it out: a session keeps its cookies", "cookie_jar": "leave it out: a session keeps its cookies",
}  # fmt: skip


_OPTIONS = frozenset({
    "latency", "u-latency", "format", "out", "quiet", "trace", "slo-sure", "find-capacity",
    "from", "to", "precision", "hold", "at-least", "allow-target", "otlp", "otlp-header", "influx", "influx-header",
})  # fmt: skip
"""Options of the command line that no file has."""


def option_hint(name: str) -> str:
    """Of a key in [load] that is an option of the command line alone; else an empty text."""
    option = name.lower().replace("_", "-").removeprefix("--")
    return (
        f": give it on the command line, as --{option.replace('u-latency', 'u_latency')}" if option in _OPTIONS else ""
    )


def key_hint(name: str, allowed: Iterable[str]) -> str:
    """What to write in place of a key that there is not, or an empty text."""
    known = _KEYS.get(re.sub(r"[- ]", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).lower())
    return f": {known}" if known else nearest(name, allowed)


def meant(name: str, allowed: Iterable[str]) -> str:
    """`: did you mean …?`, else the first of what there is."""
    names = list(allowed)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return nearest(name, names) or (f"; there is {', '.join(names[:_SHOWN])}{more}" if names else "")


def nearest(name: str, allowed: Iterable[str]) -> str:
    """` (did you mean …?)`, or an empty text."""
    found = get_close_matches(name[:80], list(allowed), 1, 0.6)
    return f": did you mean {found[0]}?" if found else ""
