"""Many slaves in one process, without load: they register, beat each second and deliver a large delta each second.

    python -m bench.swarm HOST:PORT FIRST COUNT

Real `Dealer`s to a real master. What they count is made up once, 2000 requests a second each, which gives three
histograms of some 1,300 slots. It says `joined` when all have registered, leaves when its stdin ends, and then prints
one JSON map: deltas, missing (not acknowledged), again (sent twice), ack_p50, ack_p99, ack_most, lag (ms), cpu (s), and
slowest: the run-seconds that took longest to be acknowledged, with their p99 (ms).
`lag` is how late its own loop was at most while it waited for its work: what makes acknowledgements look late.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import uuid
from typing import Any

import gevent
from gevent.event import Event
from gevent.greenlet import Greenlet

from gluten.cluster.slave.report_offset import report_offset
from gluten.net.bus import messages as wire
from gluten.net.bus.bus import Line, end_context, make_context, tcp_address
from gluten.net.keys.keys import Keyring
from gluten.net.keys.keysource import KeySource
from gluten.stats.delta import Delta
from gluten.version import __version__

PER_SECOND = 2000
KINDS = 16
JITTER = 0.1
"""A real slave sends a second within so many s of its turn: its workers tell at the end, and it ticks every 0.1 s."""
PATIENCE = 5.0
LOOK = 0.05


def example(luck: random.Random, times: int = PER_SECOND) -> dict[str, Any]:
    """One second of a busy node."""
    delta = Delta()
    for _ in range(times):
        micros = int(luck.lognormvariate(7.0, 0.6))
        delta.response.record(micros)
        delta.service.record(micros)
        delta.lateness.record(micros // 10)
    delta.sent = delta.completed = times
    delta.status = {200: times}
    delta.read, delta.written = 1000 * times, 100 * times
    delta.cpu = 0.5
    return delta.to_map()


class Lag:
    """How late this process's own loop comes, at most since `begin`."""

    def __init__(self) -> None:
        self.most = 0.0
        gevent.spawn(self._watch)

    def begin(self) -> None:
        self.most = 0.0

    def _watch(self) -> None:
        while True:
            due = time.monotonic() + LOOK
            gevent.sleep(LOOK)
            self.most = max(self.most, time.monotonic() - due)


class FakeSlave:
    """One slave, as the master sees it."""

    def __init__(self, line: Line, name: str, bodies: list[dict[str, Any]]) -> None:
        self.name, self._bodies = name, bodies
        self.joined = Event()
        self.waiting: dict[int, tuple[float, bytes]] = {}
        self.delays: list[tuple[int, float]] = []
        """(run-second, s until it was acknowledged)."""
        self.sent = self.again = 0
        self._jobs: list[tuple[str, int]] = []
        self._rtt: float | None = None
        self._dealer = line.dealer()
        self._dealer.serve(self._on_frame)
        self._tasks: list[Greenlet[..., None]] = [gevent.spawn(self._live)]

    def _say(self, message: wire.Message) -> bool:
        return self._dealer.send(wire.encode(message))

    def _hello(self) -> bool:
        return self._say(
            wire.Hello(
                wire.PROTOCOL,
                __version__,
                uuid.uuid4().hex,
                self.name,
                1,
                "3",
                "127.0.0.1",
                None,
                True,
                "slave",
            )
        )

    def _live(self) -> None:
        gevent.sleep(random.random())
        while not self.joined.is_set():
            if not self._hello() or not self.joined.wait(2.0):
                gevent.sleep(0.1)
        while True:
            offset = None if self._rtt is None else 0.0
            self._say(wire.Heartbeat(time.monotonic(), 0.5, self._jobs, offset, self._rtt, 1.0))
            gevent.sleep(1.0)

    def _on_frame(self, frame: bytes) -> None:
        message = wire.decode_down(frame)
        if isinstance(message, wire.Welcome):
            self.joined.set()
        elif isinstance(message, wire.Beat):
            took = time.monotonic() - message.t0
            self._rtt = took if self._rtt is None else min(took, self._rtt)
        elif isinstance(message, wire.Ack):
            self._acknowledged(message)
        elif isinstance(message, wire.TaskOrder):
            self._tasks.append(gevent.spawn(self._work, message))
        elif isinstance(message, wire.Closed):
            self._jobs = []

    def _acknowledged(self, ack: wire.Ack) -> None:
        now = time.monotonic()
        for number in ack.numbers:
            if kept := self.waiting.pop(number, None):
                self.delays.append((number - 1, now - kept[0]))

    def _work(self, order: wire.TaskOrder) -> None:
        run, epoch, seconds = order.run, order.epoch, int(order.node_task.task.duration or 0)
        self._jobs = [(run, epoch)]
        self._say(wire.Armed(run, epoch, 0.0))
        for second in range(seconds):
            due = order.start_at + second + 1 + report_offset(order.node_task) + random.random() * JITTER
            gevent.sleep(max(0.0, due - time.monotonic()))
            self._deliver(wire.Delta(run, epoch, second + 1, random.choice(self._bodies) | {"second": second}))
            self._repeat()
        while self._jobs:
            self._repeat()
            self._say(wire.Ended(run, epoch, seconds, "finished", "", float(seconds), ""))
            gevent.sleep(2.0)

    def _deliver(self, delta: wire.Delta) -> None:
        frame = wire.encode(delta)
        self.waiting[delta.number] = (time.monotonic(), frame)
        self.sent += 1
        self._dealer.send(frame)

    def _repeat(self) -> None:
        old = time.monotonic() - PATIENCE
        for since, frame in list(self.waiting.values()):
            if since < old:
                self.again += 1
                self._dealer.send(frame)

    def close(self) -> None:
        gevent.killall(self._tasks)
        self._dealer.close()


def main(address: str, first: int, count: int) -> None:
    luck = random.Random(first)
    bodies = [example(luck) for _ in range(KINDS)]
    context, lag = make_context(), Lag()
    host, _, port = address.rpartition(":")
    key = Keyring(KeySource(master=(host, int(port))).find())
    line = Line(context, tcp_address(host, int(port)), key)
    slaves = [FakeSlave(line, f"fake-{first + at}", bodies) for at in range(count)]
    for slave in slaves:
        slave.joined.wait()
    lag.begin()
    print("joined", flush=True)
    gevent.get_hub().threadpool.apply(sys.stdin.read)
    print(json.dumps(_sum_up(slaves) | {"lag": lag.most * 1000}), flush=True)
    for slave in slaves:
        slave.close()
    end_context(context)


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _sum_up(slaves: list[FakeSlave]) -> dict[str, Any]:
    by_second: dict[int, list[float]] = {}
    for slave in slaves:
        for second, delay in slave.delays:
            by_second.setdefault(second, []).append(delay * 1000)
    marks = sorted((p99(times), second) for second, times in by_second.items())
    delays = sorted(delay for times in by_second.values() for delay in times) or [0.0]
    used = os.times()
    return {
        "deltas": sum(slave.sent for slave in slaves),
        "missing": sum(len(slave.waiting) for slave in slaves),
        "again": sum(slave.again for slave in slaves),
        "ack_p50": delays[len(delays) // 2],
        "ack_p99": p99(delays),
        "ack_most": delays[-1],
        "slowest": [(second, mark) for mark, second in marks[:-6:-1]],
        "cpu": used.user + used.system,
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
