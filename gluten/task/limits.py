"""How large the parts of a task may be. Everything that has a size has a limit."""

from __future__ import annotations

DEFAULT_DURATION = 10.0
DEFAULT_CONNECTIONS = 10
SEARCH_FROM, SEARCH_DURATION = 10.0, 600.0
"""At which rate a search for the capacity begins, and how long it may take, unless the task says otherwise."""
MAX_PRECISION = 0.5
MAX_THREADS = 100_000
MAX_CONNECTIONS = 1_000_000
MAX_STREAMS = 10_000
MAX_REDIRECTS = 50
MAX_DURATION = 30 * 86400.0
MAX_TIMEOUT = 86400.0
MAX_RATE = 1e8
MAX_ADJUSTMENTS = 10_000
"""Changes of the rate in one run: each of its orders names them all."""
MAX_REQUESTS = 10**13
# What fits, with the threads of a node's task, in one message of 4 MiB on the bus and in gRPC.
MAX_BODY = 2 << 20
MAX_URL = 16 << 10
MAX_HOST = 253
MAX_HEADERS, MAX_HEADER_BYTES = 200, 64 << 10
MAX_STAGES = 1000
MAX_RULES, MAX_RULE = 100, 300
MAX_METHOD = 40
MAX_NAME = 200
MAX_AUTHORITIES, MAX_PEM = 512 << 10, 64 << 10
MAX_RESPONSE_BODY = 1 << 50
MAX_SEED = 10**15
MAX_SLOS, MAX_SLO = 64, 300
MAX_WORKLOAD = 1 << 20
MAX_ENV, MAX_ENV_BYTES = 200, 64 << 10
MAX_FILES, MAX_FILE_NAME = 100, 1000
MAX_TAKEN, MAX_TAKEN_NAMES = 64 << 10, 64
"""Bytes of the names and values that setup takes, and how many there may be."""
MAX_FEED, MAX_FILE_BODY = 1 << 30, 16 << 20
SESSION_DRAIN = 30.0
"""Seconds that sessions under way may go on after the end of the load, unless the task says otherwise."""
