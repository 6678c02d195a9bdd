"""The cases that are measured, and the bounds that GLuTEN must meet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """`bound` and `loop_bound` limit GLuTEN's CPU per request, as a multiple of wrk's and of the bare C loop's.

    `paced`: GLuTEN and the C loop send at half the rate that GLuTEN's closed loop reaches, and wrk at full speed.
    """

    name: str
    title: str
    path: str
    bound: float
    connections: int = 64
    tls: bool = False
    keepalive: bool = True
    chunked: bool = False
    paced: bool = False
    loop_bound: float | None = None


CASES = (
    Case("plain", "GET, 11-byte body, keep-alive, 64 connections", "/plain", 1.05, loop_bound=1.4),
    Case("varying", "a header that differs in each response", "/varying", 1.3),
    Case("headers", "four headers that differ in each response, one of them in length", "/headers", 1.4),
    Case("1k", "1,000 connections", "/plain", 1.15, connections=1_000),
    Case("10k", "10,000 connections", "/plain", 1.3, connections=10_000),
    Case("chunked", "chunked responses", "/chunked", 1.4, chunked=True),
    Case("chunked5KB", "chunked responses of 4.9 KB", "/chunked/5k", 1.2, chunked=True),
    Case("chunked8KB", "chunked responses of 7.9 KB", "/chunked/8k", 1.2, chunked=True),
    Case("10KB", "bodies of 10 KB", "/10k", 1.1),
    Case("100KB", "bodies of 100 KB", "/100k", 1.05),
    Case("tls", "TLS, keep-alive", "/plain", 1.25, tls=True),
    Case("close", "a new connection for each request", "/plain", 1.5, keepalive=False),
    Case("rate", "constant rate at half of the closed loop's", "/plain", 1.2, paced=True),
)


def named(names: str) -> list[Case]:
    """The cases of a comma-separated list, or all of them for "all". Raises ValueError."""
    known = {case.name: case for case in CASES}
    wanted = list(known) if names == "all" else names.split(",")
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no such case: {', '.join(unknown)}; there are: {', '.join(known)}")
    return [known[name] for name in wanted]
