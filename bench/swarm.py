"""Runs many slaves without load in one process. Each second they send a heartbeat and a large delta.

    python -m bench.swarm HOST:PORT FIRST COUNT [NAMES [HEARTBEAT]]

There is a heartbeat each HEARTBEAT seconds, default 1. They use real `Dealer`s to a real master. Their counts are made
up once: 2000 requests a second each, over NAMES named requests. One name gives three histograms of about 1,300 slots.
The program prints `joined` when all slaves have registered. It ends when its stdin ends, and prints one JSON map:
deltas, missing (not acknowledged), again (sent twice), ack_p50, ack_p99, ack_most, lag (ms), cpu (s), slowest (the
run-seconds with the slowest acknowledgements, and their p99 in ms), and times (of all answers).
`lag` is the largest delay of its own loop. Such a delay makes acknowledgements look late.
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
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.bus.bus import DealerFactory, end_context, make_context, tcp_address
from gluten.net.keys.keys import Keyring
from gluten.net.keys.keysource import KeySource
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import deflate
from gluten.stats.request_stats import REQUEST
from gluten.version import __version__

PER_SECOND = 2000
KINDS = 16
JITTER = 0.1
"""A real slave sends a second up to so many s after its turn, because it ticks every 0.1 s."""
RESEND_AFTER = 5.0
LAG_CHECK = 0.05


def example(rng: random.Random, times: int = PER_SECOND, names: int = 1) -> dict[str, Any]:
    """The delta of one second of a busy node. Its requests are spread evenly over `names` names."""
    delta = Delta()
    for at in range(names):
        stats = delta.of(f"request-{at}" if at else REQUEST)
        stats.sent = stats.completed = times // names
        stats.status = {200: stats.sent}
        stats.read, stats.written = 1000 * stats.sent, 100 * stats.sent
        for _ in range(stats.sent):
            micros = int(rng.lognormvariate(7.0, 0.6))
            stats.response.record(micros)
            stats.service.record(micros)
            delta.lateness.record(micros // 10)
    delta.cpu = 0.5
    return delta.to_map()


class Lag:
    """Measures the largest delay of this process's loop since `reset`."""

    def __init__(self) -> None:
        self.most = 0.0
        gevent.spawn(self._watch)

    def reset(self) -> None:
        self.most = 0.0

    def _watch(self) -> None:
        while True:
            due = time.monotonic() + LAG_CHECK
            gevent.sleep(LAG_CHECK)
            self.most = max(self.most, time.monotonic() - due)


class FakeSlave:
    """A slave as the master sees it."""

    def __init__(self, dealers: DealerFactory, name: str, bodies: list[dict[str, Any]], heartbeat: float = 1.0) -> None:
        self.name, self._bodies = name, bodies
        self.joined = Event()
        self.waiting: dict[int, tuple[float, bytes]] = {}
        self.delays: list[tuple[int, float]] = []
        """Pairs of a run-second and the seconds until it was acknowledged."""
        self.times: dict[str, list[tuple[float, float]]] = {"acks": [], "beats": []}
        """Of acknowledgements and answers to heartbeats: when they came (monotonic s), and how long they took (s)."""
        self._heartbeat = heartbeat
        self.sent = self.again = 0
        self._jobs: list[tuple[str, int]] = []
        self._rtt: float | None = None
        self._dealer = dealers.dealer()
        self._dealer.serve(self._on_frame)
        self._tasks: list[Greenlet[..., None]] = [gevent.spawn(self._run)]

    def _send(self, message: wire.Message) -> bool:
        return self._dealer.send(frames.encode(message))

    def _send_hello(self) -> bool:
        return self._send(
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

    def _run(self) -> None:
        gevent.sleep(random.random())
        while not self.joined.is_set():
            if not self._send_hello() or not self.joined.wait(2.0):
                gevent.sleep(0.1)
        while True:
            offset = None if self._rtt is None else 0.0
            self._send(wire.Heartbeat(time.monotonic(), 0.5, self._jobs, offset, self._rtt, 1.0))
            gevent.sleep(self._heartbeat)

    def _on_frame(self, frame: bytes) -> None:
        message = frames.decode_down(frame)
        if isinstance(message, wire.Welcome):
            self.joined.set()
        elif isinstance(message, wire.Beat):
            took = time.monotonic() - message.t0
            self.times["beats"].append((time.monotonic(), took))
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
                self.times["acks"].append((now, now - kept[0]))

    def _work(self, order: wire.TaskOrder) -> None:
        run, epoch, seconds = order.run, order.epoch, int(order.node_task.task.duration or 0)
        self._jobs = [(run, epoch)]
        self._send(wire.Armed(run, epoch, 0.0))
        for second in range(seconds):
            due = order.start_at + second + 1 + report_offset(order.node_task) + random.random() * JITTER
            gevent.sleep(max(0.0, due - time.monotonic()))
            body = deflate(random.choice(self._bodies) | {"second": second})
            self._deliver(wire.Delta(run, epoch, second + 1, body))
            self._repeat()
        while self._jobs:
            self._repeat()
            self._send(wire.Ended(run, epoch, seconds, "finished", "", float(seconds), ""))
            gevent.sleep(2.0)

    def _deliver(self, delta: wire.Delta) -> None:
        frame = frames.encode(delta)
        self.waiting[delta.number] = (time.monotonic(), frame)
        self.sent += 1
        self._dealer.send(frame)

    def _repeat(self) -> None:
        old = time.monotonic() - RESEND_AFTER
        for since, frame in list(self.waiting.values()):
            if since < old:
                self.again += 1
                self._dealer.send(frame)

    def close(self) -> None:
        gevent.killall(self._tasks)
        self._dealer.close()


def main(address: str, first: int, count: int, names: int = 1, heartbeat: float = 1.0) -> None:
    rng = random.Random(first)
    bodies = [example(rng, names=names) for _ in range(KINDS)]
    context, lag = make_context(), Lag()
    host, _, port = address.rpartition(":")
    key = Keyring(KeySource(master=(host, int(port))).find())
    dealers = DealerFactory(context, tcp_address(host, int(port)), key)
    slaves = [FakeSlave(dealers, f"fake-{first + at}", bodies, heartbeat) for at in range(count)]
    for slave in slaves:
        slave.joined.wait()
    lag.reset()
    print("joined", flush=True)
    gevent.get_hub().threadpool.apply(sys.stdin.read)
    _settle(slaves)
    print(json.dumps(_summary(slaves) | {"lag": lag.most * 1000}), flush=True)
    for slave in slaves:
        slave.close()
    end_context(context)


def _settle(slaves: list[FakeSlave], patience: float = 10.0) -> None:
    """Wait until all deltas are acknowledged, at most for so many seconds. A slow disk acknowledges the last ones after
    the end of their run."""
    until = time.monotonic() + patience
    while any(slave.waiting for slave in slaves) and time.monotonic() < until:
        gevent.sleep(0.01)


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _summary(slaves: list[FakeSlave]) -> dict[str, Any]:
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
        "times": {kind: [pair for slave in slaves for pair in slave.times[kind]] for kind in ("acks", "beats")},
        "slowest": [(second, mark) for mark, second in marks[:-6:-1]],
        "cpu": used.user + used.system,
    }


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), *map(float, sys.argv[5:6]))
