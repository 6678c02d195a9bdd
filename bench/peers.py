"""The load generators that are compared: how each is called, and how its output is read.

`Unable` says why a peer cannot do a case. `brings` names the package of a peer that is not installed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from bench.cases import Case

_WORKLOADS = Path(__file__).with_name("workloads")


class Unable(Exception):
    """This peer cannot do this case. The text says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a client reports: complete responses, failures (transport and status), requests a second.

    `lateness` is the p99 of how late requests were sent, in us. Only GLuTEN reports it.
    """

    completed: int
    failed: int
    rate: float
    lateness: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement: a case against `url` for `seconds`. `rate` is in requests/s or None. `http1` is the URL of the
    same page over HTTP/1.1, where the case has HTTP/2."""

    case: Case
    url: str
    seconds: float
    rate: float | None = None
    http1: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """`command` returns the arguments (raises Unable). `read` reads the output (raises ValueError)."""

    name: str
    brings: str
    command: Callable[[Measurement], list[str]]
    read: Callable[[str], Reading]
    program: list[str] = field(default_factory=list)
    version: str = ""
    environment: Callable[[Measurement], dict[str, str]] = lambda measurement: {}
    good_codes: tuple[int, ...] = (0,)


def found(*names: str | Path) -> list[str]:
    """The first of `names` that can be run, as the start of a command. Empty if there is none."""
    for name in names:
        path = shutil.which(str(name))
        if path:
            return [path]
    return []


def _number(pattern: str, text: str, default: str | None = None) -> float:
    match = re.search(pattern, text)
    if match is None and default is None:
        raise ValueError(f"no {pattern!r} in the output: {text[-200:]!r}")
    return float(match[1]) if match else float(default or 0)


def _headers(measurement: Measurement) -> list[str]:
    return [word for header in measurement.case.headers for word in ("-H", header)]


# The bare loop.


def loop_command(measurement: Measurement) -> list[str]:
    if measurement.case.tls:
        raise Unable("it has no TLS")
    if measurement.case.server == "puma":
        raise Unable("it opens no new connection when the target closes one, as puma does under load")
    where = urlsplit(measurement.url)
    mode = "keep" if measurement.case.keepalive else "close"
    load = [str(measurement.case.connections), f"{measurement.seconds:g}", mode]
    headers = measurement.case.headers
    rate = [f"{measurement.rate or 0:.0f}"] if measurement.rate or headers else []
    return [str(where.hostname), str(where.port), where.path, *load, *rate, *headers]


def loop_read(output: str) -> Reading:
    completed = int(_number(r"completed (\d+)", output))
    return Reading(completed, 0, completed / _number(r"seconds ([\d.]+)", output))


# wrk.


def wrk_command(measurement: Measurement) -> list[str]:
    if measurement.seconds != int(measurement.seconds):
        raise Unable("it takes whole seconds")
    case = measurement.case
    close = [] if case.keepalive else ["-H", "Connection: close"]
    load = [f"-t{case.threads}", f"-c{case.connections}", f"-d{measurement.seconds:g}s"]
    script = _WORKLOADS / f"{case.workload}.lua"
    does, rows = [], []
    if case.workload and script.exists():
        does, rows = ["-s", str(script)], ["--", str(script.with_suffix(".csv"))]
    return [*load, *close, *does, *_headers(measurement), measurement.url, *rows]


def wrk2_command(measurement: Measurement) -> list[str]:
    if not measurement.rate:
        raise Unable("it only sends at a constant rate")
    return [f"-R{measurement.rate:.0f}", *wrk_command(measurement)]


def wrk_read(output: str) -> Reading:
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    # A timeout in wrk only marks a request, which goes on. It is no failure.
    failed = sum(map(int, sockets.groups()[:3])) if sockets else 0
    failed += int(_number(r"Non-2xx or 3xx responses: (\d+)", output, "0"))
    return Reading(int(_number(r"(\d+) requests in", output)), failed, _number(r"Requests/sec:\s+([\d.]+)", output))


# ab.

_AB_MOST = 5_000_000


def ab_command(measurement: Measurement) -> list[str]:
    if measurement.case.chunked:
        raise Unable("it uses only HTTP/1.0, which has no chunks")
    keep = ["-k"] if measurement.case.keepalive else []
    # -n must come after -t. Otherwise -t limits the run to 50,000 requests.
    limits = ["-t", f"{measurement.seconds:g}", "-n", str(_AB_MOST), *_headers(measurement)]
    return ["-q", *keep, "-c", str(measurement.case.connections), *limits, measurement.url]


def ab_read(output: str) -> Reading:
    failed = _number(r"Failed requests:\s+(\d+)", output) + _number(r"Non-2xx responses:\s+(\d+)", output, "0")
    completed = int(_number(r"Complete requests:\s+(\d+)", output))
    return Reading(completed, int(failed), _number(r"Requests per second:\s+([\d.]+)", output))


# hey.


def hey_command(measurement: Measurement) -> list[str]:
    options = ["-c", str(measurement.case.connections), *_headers(measurement)]
    options += [] if measurement.case.keepalive else ["-disable-keepalive"]
    return ["-z", f"{measurement.seconds:g}s", *options, measurement.url]


def hey_read(output: str) -> Reading:
    statuses = re.findall(r"\[(\d{3})\]\s+(\d+) responses", output)
    errors = output.partition("Error distribution:")[2]
    failed = sum(int(count) for count in re.findall(r"\[(\d+)\]", errors))
    failed += sum(int(count) for status, count in statuses if status >= "400")
    completed = sum(int(count) for _, count in statuses)
    return Reading(completed, failed, _number(r"Requests/sec:\s+([\d.]+)", output))


# h2load.


def h2load_command(measurement: Measurement) -> list[str]:
    if not measurement.case.keepalive:
        raise Unable("it makes no new connection for a request")
    options = ["-c", str(measurement.case.connections), "-D", f"{measurement.seconds:g}", *_headers(measurement)]
    spoken = [f"-m{measurement.case.streams}"] if measurement.case.http2 else ["--h1"]
    return [*spoken, "-t1", *options, measurement.url]


def h2load_read(output: str) -> Reading:
    failed = int(_number(r"(\d+) failed", output) + _number(r"(\d+) errored", output))
    return Reading(int(_number(r"(\d+) succeeded", output)), failed, _number(r"([\d.]+) req/s", output))


# autocannon.


def autocannon_command(measurement: Measurement) -> list[str]:
    if not measurement.case.keepalive:
        raise Unable("it does not count responses on connections that the target closes")
    options = ["-c", str(measurement.case.connections), "-d", f"{measurement.seconds:g}", *_headers(measurement)]
    return ["--json", *options, measurement.url]


def autocannon_read(output: str) -> Reading:
    data = json.loads(output)
    failed = data["non2xx"] + data["errors"] + data["timeouts"]
    return Reading(data["2xx"] + data["non2xx"], failed, data["requests"]["total"] / data["duration"])


# locust.


def locust_command(measurement: Measurement) -> list[str]:
    if measurement.case.headers:
        raise Unable("it unpacks the body, which no other client does")
    where = urlsplit(measurement.url)
    users = str(measurement.case.connections)
    options = ["--headless", "--json", "--only-summary", "--loglevel", "ERROR", "-u", users, "-r", users]
    own = _WORKLOADS / f"{measurement.case.workload}_locust.py"
    file = str(own if measurement.case.workload else Path(__file__).with_name("locustfile.py"))
    return ["-f", file, *options, "-t", f"{measurement.seconds:g}s", "-H", f"{where.scheme}://{where.netloc}"]


def locust_environment(measurement: Measurement) -> dict[str, str]:
    return {"BENCH_PATH": urlsplit(measurement.url).path, "BENCH_KEEPALIVE": str(int(measurement.case.keepalive))}


def locust_read(output: str) -> Reading:
    rows = json.loads(output)
    if not rows:
        raise ValueError("it made no request")
    row = rows[0]
    spent = max(0.001, row["last_request_timestamp"] - row["start_time"])
    completed = row["num_requests"] - row["num_failures"]
    return Reading(completed, row["num_failures"], completed / spent)


# artillery.

_ARRIVALS = 300
"""Users that arrive each second, as far as there is room for them."""


def artillery_command(measurement: Measurement) -> list[str]:
    case = measurement.case
    script = _WORKLOADS / f"{case.workload}.yml"
    if not case.workload or not script.exists():
        raise Unable("it has no closed loop: only users that arrive and do a scenario")
    where = urlsplit(measurement.url)
    phase = {"duration": measurement.seconds, "arrivalRate": _ARRIVALS, "maxVusers": case.connections}
    overrides = json.dumps({"config": {"phases": [phase], "http": {"pool": case.connections}}})
    options = ["--quiet", "--target", f"{where.scheme}://{where.netloc}", "--overrides", overrides]
    return ["run", *options, "--output", "/dev/stdout", str(script)]


def artillery_read(output: str) -> Reading:
    found = json.loads(output[output.index("{") :])["aggregate"]
    counters = found["counters"]
    completed, failed = counters.get("http.responses", 0), counters.get("vusers.failed", 0)
    spent = max(1.0, found["lastMetricAt"] - found["firstMetricAt"]) / 1e3
    return Reading(completed, failed, completed / spent)


# GLuTEN.


def gluten_command(measurement: Measurement) -> list[str]:
    case = measurement.case
    options = [f"-t{case.threads}", f"-c{case.connections}", f"-d{measurement.seconds:g}s"]
    options += ["--format", "json", "--quiet", *_headers(measurement)]
    options += ["--insecure"] if case.tls else []
    options += [] if case.keepalive else ["--no-keepalive"]
    options += [f"-R{measurement.rate:.0f}"] if measurement.rate else []
    options += ["--http2", f"--streams={case.streams}"] if case.http2 else []
    return ["run", *options, *_workload(measurement)]


def _workload(measurement: Measurement) -> list[str]:
    """The workload of the case with the target's address, or the URL."""
    if not measurement.case.workload:
        return [measurement.url]
    where = urlsplit(measurement.url)
    return ["--url", f"{where.scheme}://{where.netloc}", str(_WORKLOADS / f"{measurement.case.workload}.toml")]


def one_command(measurement: Measurement) -> list[str]:
    """The same load with a plain URL."""
    return gluten_command(replace(measurement, case=replace(measurement.case, workload="")))


def http1_command(measurement: Measurement) -> list[str]:
    """The same load over HTTP/1.1: one request at once on each connection."""
    case = replace(measurement.case, http2=False, streams=1)
    return gluten_command(replace(measurement, case=case, url=measurement.http1))


def gluten_read(output: str) -> Reading:
    report = json.loads(output)
    requests = report["requests"]
    bad = sum(count for status, count in report["status"].items() if status >= "400")
    late = report.get("lateness", {}).get("p99")
    return Reading(requests["completed"], requests["failed"] + bad, report["rate"], late)


PEERS = (
    Peer("C loop", "a C compiler (Debian: gcc)", loop_command, loop_read),
    Peer("wrk", "Debian: wrk", wrk_command, wrk_read),
    Peer("wrk2", "it yourself, as `wrk2` in PATH or by --wrk2 PATH", wrk2_command, wrk_read),
    # 5 means that the verdict is invalid. The cost is measured in this case, too.
    Peer("GLuTEN", "", gluten_command, gluten_read, good_codes=(0, 5)),
    Peer("ab", "Debian: apache2-utils", ab_command, ab_read),
    Peer("hey", "Debian: hey", hey_command, hey_read),
    Peer("h2load", "Debian: nghttp2-client", h2load_command, h2load_read),
    Peer("autocannon", "npm: autocannon, or --install", autocannon_command, autocannon_read),
    Peer(
        "artillery",
        "npm: artillery, or --install",
        artillery_command,
        artillery_read,
        environment=lambda measurement: {"ARTILLERY_DISABLE_TELEMETRY": "true"},
    ),
    Peer("locust", "PyPI: locust, or --install", locust_command, locust_read, environment=locust_environment),
)


def named(names: str) -> set[str]:
    """The names in a comma-separated list of peers, in upper or lower case, or all for "all". Raises ValueError."""
    known = {peer.name.lower(): peer.name for peer in PEERS}
    wanted = list(known) if names == "all" else [name.strip().lower() for name in names.split(",")]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no such peer: {', '.join(unknown)}; there are: {', '.join(known)}")
    return {known[name] for name in wanted}
