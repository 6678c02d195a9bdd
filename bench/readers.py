"""Reads everything at once from a master, as a viewer, until its stdin ends.

    python -m bench.readers URL HOST:PORT TOKEN COMPARES RUN RUN

COMPARES threads compare the two runs again and again. Each other kind of reading has a thread of its own, over HTTP and
over gRPC (at HOST:PORT). It prints one JSON map: how often each kind was answered, by status, and the longest time (s).
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable

from gluten.errors import Busy, GlutenError
from gluten.net.rpc.rpc_client import Client

PATHS = (
    "/api/v1/runs/{a}/report",
    "/api/v1/runs/{a}/report?format=html",
    "/api/v1/runs/{a}/report?format=csv",
    "/api/v1/runs/{b}/seconds?after=0",
    "/api/v1/runs/{b}/events",
    "/api/v1/runs/{b}/window?from=100&to=700",
    "/api/v1/runs/last/report",
    "/api/v1/runs/last/seconds?after=0",
    "/api/v1/runs?limit=500",
    "/api/v1/overview?limit=500",
    "/metrics",
    "/",
)
"""`last` is the run that is under way."""
PAUSE = 0.05
"""Seconds after an answer, so that this process leaves the machine something."""


class Readers:
    def __init__(self, base: str, rpc: str, token: str) -> None:
        self._rpc, self._token = rpc, token
        self._base, self._header = base, {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
        self._ended = threading.Event()
        self.statuses: Counter[str] = Counter()
        self.longest = 0.0

    def read(self, path: str) -> None:
        """Ask again and again."""
        while not self._ended.wait(PAUSE):
            begun = time.monotonic()
            self.statuses[f"{path.partition('?')[0]} {self._status(path)}"] += 1
            self.longest = max(self.longest, time.monotonic() - begun)

    def call(self, name: str, ask: Callable[[Client], object]) -> None:
        """The same over gRPC."""
        client = Client(self._rpc, token=self._token, timeout=90.0)
        while not self._ended.wait(PAUSE):
            try:
                ask(client)
                self.statuses[f"{name} 200"] += 1
            except Busy:
                self.statuses[f"{name} 429"] += 1
            except GlutenError as error:
                self.statuses[f"{name} {type(error).__name__}"] += 1
        client.close()

    def _status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self._base + path, headers=self._header), timeout=90
            ) as got:
                while got.read(1 << 20):
                    pass
                return int(got.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def end(self) -> None:
        self._ended.set()


def main(base: str, rpc: str, token: str, compares: str, a: str, b: str) -> None:
    os.nice(10)  # viewers are on other hosts
    readers = Readers(base, rpc, token)
    paths = [f"/api/v1/compare?runs={a},{b}"] * int(compares) + [path.format(a=a, b=b) for path in PATHS]
    threads = [threading.Thread(target=readers.read, args=(path,), daemon=True) for path in paths]
    calls: dict[str, Callable[[Client], object]] = {
        "GetReport": lambda client: client.report(a),
        "Watch": lambda client: list(client.watch(b)),
        "ListRuns": lambda client: client.runs(500),
    }
    threads += [threading.Thread(target=readers.call, args=each, daemon=True) for each in calls.items()]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    readers.end()
    print(json.dumps({"statuses": readers.statuses, "longest": readers.longest}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:7])
