"""The process that tries requests for a node's web page. It is forked before the node has hub, zmq or grpc.

Each trial has a child of its own, which is killed when the trial takes too long. A trial uses blocking sockets and
resolves names, so it cannot be made in the node's hub. The desk takes `try` and answers `tried`, one after the other.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

from gluten.engine.channel import Decoder, pair, receive, report
from gluten.engine.host.process import fork
from gluten.errors import GlutenError, Refused
from gluten.task.policy import OPEN, Policy
from gluten.task.task import Task

LONGEST = 30.0
"""Seconds that a trial may take in all."""
READ = 1 << 20

Message = dict[str, Any]


def spawn(policy: Policy = OPEN, longest: float = LONGEST) -> socket.socket:
    """Fork the process. Returns the node's end of its channel. `policy` says which addresses may be asked."""
    ours, theirs = pair()

    def run() -> None:
        ours.close()
        serve(theirs, policy, longest)

    fork("gluten-trial", run)
    theirs.close()
    return ours


def serve(channel: socket.socket, policy: Policy, longest: float) -> None:
    """Serve until the node closes the channel."""
    decoder = Decoder()
    while data := receive(channel, READ):
        for message in decoder.feed(data):
            report(channel, _answer(message, policy, longest))


def _answer(message: Message, policy: Policy, longest: float) -> Message:
    """`requests` are those that were tried; `reason` says why the others were not, `refused` whether by a rule."""
    ours, theirs = pair()

    def run() -> None:
        ours.close()
        _try(message, policy, theirs)

    child = fork("gluten-trial", run)
    theirs.close()
    answer: Message = {"requests": [], "reason": "", "refused": False}
    if not _collect(ours, answer, time.monotonic() + longest):
        answer["reason"] = f"the trial took longer than {longest:g} s: what is not shown was not answered by then"
        os.kill(child, signal.SIGKILL)
    ours.close()
    status = os.waitpid(child, 0)[1]
    if status and not answer["reason"]:
        answer["reason"] = f"the trial's process died (wait status {status})"
    return answer


def _collect(channel: socket.socket, answer: Message, deadline: float) -> bool:
    """Take what a trial says until its end. False: it has not ended by the deadline."""
    decoder = Decoder()
    while select.select([channel], [], [], max(0.0, deadline - time.monotonic()))[0]:
        data = receive(channel, READ)
        if not data:
            return True
        for message in decoder.feed(data):
            if "request" in message:
                answer["requests"].append(message)
            else:
                answer |= message
    return False


def _try(message: Message, policy: Policy, channel: socket.socket) -> None:
    """In the child: send what was tried, one request after the other, and why it ended early."""
    try:
        for one in _tried(Task.from_map(message["task"]), message["files"], policy):
            report(channel, one)
    except GlutenError as error:
        report(channel, {"reason": str(error), "refused": isinstance(error, Refused)})


def _tried(task: Task, files: dict[str, str], policy: Policy) -> Iterator[Message]:
    # Here, because only a trial needs these modules.
    from gluten.engine.host.workload import part_of
    from gluten.engine.trial.document import plain_of
    from gluten.engine.trial.trial import Trial

    part = part_of(task, files) if task.workload or task.follows_url else None
    yield from map(plain_of, Trial(task, part, policy).run())
