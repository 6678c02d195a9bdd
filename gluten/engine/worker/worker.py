"""A worker: one forked process with one gevent hub that runs one attack. It has a channel to the host.

It sends `delta` each second, and `done` or `failed` at the end. It receives `adjust`, `stop`, `abort` and `lease`. When
the host ends, the worker ends too.
"""

from __future__ import annotations

import gc
import os
import socket
import time
from typing import Any

import gevent

from gluten.engine.budget import Budget
from gluten.engine.channel import Decoder, receive, report
from gluten.engine.fault import Fault
from gluten.engine.parts import WorkerTask
from gluten.engine.worker.attack import Attack
from gluten.engine.worker.reactor.install import install
from gluten.errors import RowsUsed
from gluten.stats.delta import Delta
from gluten.task.task import Task


def prepare(task: Task) -> None:
    """Import what the workers need for this task, once, before they are forked."""
    if task.target.scheme == "https":
        import gluten.engine.worker.transport.tls  # noqa: F401 -- it imports ssl: see there
    if task.http2:
        from gluten.engine.worker.http2 import http2_session, stream_groups  # noqa: F401 -- they import hpack


def work(job: WorkerTask, budget: Budget, channel: socket.socket) -> None:
    """The whole life of a worker, in the forked process."""
    # Recording makes many floats and few cycles: the collector's default would run for nothing.
    gc.set_threshold(100_000, 20, 50)
    # For the context of an error gevent would import pprint, and that inspect: 5 ms in each worker.
    gevent.config.format_context = "reprlib.repr"
    raise_file_limit()
    poller = install()
    try:
        attack = Attack(job, lambda delta: _send_delta(channel, delta), poller, budget)
    except Fault as fault:
        report(channel, {"type": "failed", "kind": fault.kind, "text": str(fault)})
        return
    commands = Commands(attack, channel)
    attack.renewed = commands.renewed
    poller.watch(channel.fileno(), commands.read)
    attack.run()
    done: dict[str, Any] = {"type": "done", "ended": attack.ended, "reason": attack.reason, "why": attack.why}
    if used := _rows_used(attack):
        done |= {"text": str(used), "fails": used.fails, "open": attack.open_loop, "reason": "rows"}
    report(channel, done)


def _rows_used(attack: Attack) -> RowsUsed | None:
    """The end of a feed's rows, if the load ended by that."""
    if not attack.open_loop or attack.reason != "finished" or attack.job.workload is None:
        return attack.used if attack.reason == "rows" else None
    # A task that is one URL starts sooner without these modules.
    from gluten.engine.worker.requests.end_of_rows import used_by_plan

    return attack.used or used_by_plan(attack.job, attack.schedule)


def raise_file_limit() -> None:
    """Allow as many open files as this process may have, because each connection is one."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return


def _send_delta(channel: socket.socket, delta: Delta) -> None:
    report(channel, {"type": "delta", "delta": delta.to_map()})


class Commands:
    """Carries out the host's messages in the hub."""

    def __init__(self, attack: Attack, channel: socket.socket) -> None:
        self._attack, self._channel, self._decoder = attack, channel, Decoder()

    def renewed(self) -> bool:
        """Whether the lease was renewed after all. A worker that was held up has not read the latest message yet."""
        self.read()
        return time.monotonic() <= self._attack.lease

    def read(self) -> None:
        try:
            data = receive(self._channel, 1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if not data:
            os._exit(0)
        for message in self._decoder.feed(data):
            self._obey(message)

    def _obey(self, message: dict[str, Any]) -> None:
        if message["type"] == "adjust":
            self._attack.adjust(message["second"], message["rate"])
        elif message["type"] == "stop":
            self._attack.stop()
        elif message["type"] == "abort":
            self._attack.abort()
        elif message["type"] == "lease":
            self._attack.lease = message["until"]
