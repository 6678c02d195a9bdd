"""The cases that are measured, and the bounds that GLuTEN must meet."""

from __future__ import annotations

from dataclasses import dataclass

SUBJECT, BEFORE, WRK, WRK2, LOOP, H2LOAD = "GLuTEN", "before", "wrk", "wrk2", "C loop", "h2load"
ONE = "one request"
"""GLuTEN with a plain URL: what a workload of constant requests is compared with."""
HTTP1 = "over HTTP/1.1"
"""GLuTEN with HTTP/1.1 and as many connections: what ten streams on each are compared with."""
_GZIP = ("Accept-Encoding: gzip",)


@dataclass(frozen=True, slots=True)
class Case:
    """`bound` and `loop_bound` limit GLuTEN's CPU per request, as a multiple of the base's and of the bare C loop's.

    `workload` names a file in `workloads/` that GLuTEN runs, and a script beside it with which wrk does the same;
    without a script wrk sends the plain request. `rivals` do the same by files of theirs, and GLuTEN's CPU per request
    may be `rival_bound` of theirs.
    `http2`: the load is HTTP/2 with `streams` requests at once on each connection, and the base is h2load.
    `base` is wrk, or wrk2 if the load has a constant rate. `rate` is in requests/s. `lateness` limits the p99 of
    GLuTEN's lateness, in us. `seconds` is the least length of a measurement. It is 10, the default of a run, where the
    target is so slow that the client's start would be a large part of a request.
    `paced`: GLuTEN and the C loop send at half the rate that GLuTEN's closed loop reaches, and wrk at full speed.
    `shared`: the client and the target share all cores. `highest`: the highest rate that a client holds is searched.
    `idle`: the nodes of a cluster do nothing, and may use this share of a core each.
    """

    name: str
    title: str
    path: str = "/plain"
    bound: float | None = None
    connections: int = 64
    tls: bool = False
    keepalive: bool = True
    chunked: bool = False
    paced: bool = False
    loop_bound: float | None = None
    server: str = "nginx"
    threads: int = 1
    shared: bool = False
    headers: tuple[str, ...] = ()
    base: str = WRK
    rate: float | None = None
    lateness: float | None = None
    seconds: int = 1
    highest: bool = False
    idle: float | None = None
    workload: str = ""
    rivals: tuple[str, ...] = ()
    rival_bound: float = 0.1
    http2: bool = False
    streams: int = 1

    @property
    def only(self) -> tuple[str, ...]:
        """The clients that the case compares. Empty: all that can do it."""
        if self.highest or self.workload or self.http2:
            return (SUBJECT, BEFORE, self.base, *self.rivals)
        if self.paced or self.rate:
            return (SUBJECT, BEFORE, self.base, LOOP)
        return (SUBJECT, BEFORE, self.base) if self.threads > 1 else ()


CASES = (
    Case("plain", "GET, 11-byte body, keep-alive, 64 connections", bound=1.0, loop_bound=1.4),
    Case("varying", "a header that differs in each response", "/varying", 1.3),
    Case("varying3", "an id, a cookie and a time that differ in each response", "/varying3", 1.4),
    Case("1k", "1,000 connections", bound=1.15, connections=1_000),
    Case("10k", "10,000 connections", bound=1.3, connections=10_000),
    Case("chunked", "chunked responses", "/chunked", 1.4, chunked=True),
    Case("gzip5k", "gzip in chunks, 4.9 KB", "/gzip5k", 1.2, chunked=True, headers=_GZIP, seconds=10),
    Case("gzip8k", "gzip in chunks, 7.9 KB", "/gzip8k", 1.2, chunked=True, headers=_GZIP, seconds=10),
    Case("10KB", "bodies of 10 KB", "/10k", 1.1),
    Case("100KB", "bodies of 100 KB", "/100k", 1.05),
    Case("tls", "TLS, keep-alive", bound=1.25, tls=True),
    Case("close", "a new connection for each request", bound=1.5, keepalive=False),
    Case("go", "Go's net/http", bound=1.1, server="go", seconds=10),
    Case("node", "node's http", bound=1.1, server="node", seconds=10),
    Case("tomcat", "tomcat", bound=1.1, server="tomcat", seconds=10),
    Case("caddy", "caddy", bound=1.1, server="caddy", seconds=10),
    Case("puma", "puma", bound=1.1, server="puma", seconds=10),
    Case(
        "node-shared",
        "node's http on the client's cores, 2 threads, 16 connections",
        bound=1.1,
        connections=16,
        server="node",
        threads=2,
        shared=True,
        seconds=10,
    ),
    Case("rate", "constant rate at half of the closed loop's", bound=1.2, paced=True),
    Case("rate1k", "1,000 requests/s", bound=2.0, base=WRK2, rate=1_000, seconds=10),
    Case("rate10k", "10,000 requests/s", bound=2.0, base=WRK2, rate=10_000, lateness=300, seconds=10),
    Case("rate50k", "50,000 requests/s", bound=1.5, base=WRK2, rate=50_000),
    Case("rate100k", "100,000 requests/s", bound=1.7, base=WRK2, rate=100_000),
    Case("rate160k", "160,000 requests/s", bound=1.15, base=WRK2, rate=160_000),
    Case("highest", "the highest rate that one core holds", base=WRK2, highest=True),
    Case("mix5", "a workload of five constant requests", bound=1.15, base=ONE, workload="mix5"),
    Case("template", "a workload with one template of a feed and one check", bound=1.0, workload="template"),
    Case(
        "session",
        "sessions of 20 steps, each with one template, one take and one check",
        "/step",
        2.5,
        seconds=10,
        workload="session",
        rivals=("artillery", "locust"),
    ),
    Case("h2", "HTTP/2, one stream on each connection", bound=1.3, base=H2LOAD, http2=True),
    Case(
        "h2x10",
        "HTTP/2, ten streams on each connection",
        bound=2.0,
        base=H2LOAD,
        rivals=(HTTP1,),
        rival_bound=1.0,
        http2=True,
        streams=10,
    ),
    Case("h2tls", "HTTP/2 over TLS, one stream on each connection", bound=1.3, tls=True, base=H2LOAD, http2=True),
    Case("idle", "a master and a slave that do nothing", idle=0.003),
)


def named(names: str) -> list[Case]:
    """The cases of a comma-separated list, or all of them for "all". Raises ValueError."""
    known = {case.name: case for case in CASES}
    wanted = list(known) if names == "all" else names.split(",")
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no such case: {', '.join(unknown)}; there are: {', '.join(known)}")
    return [known[name] for name in wanted]
