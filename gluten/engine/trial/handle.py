"""The node's side of the desk that tries requests. Only the calling greenlet waits."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import gevent.socket
from gevent.lock import BoundedSemaphore

from gluten.engine.channel import Decoder, encode
from gluten.engine.trial.desk import READ
from gluten.engine.trial.document import document
from gluten.errors import Refused, WrongState
from gluten.task.task import Task

MOST = 4
"""How many trials may be under way or wait, at most."""


class Trials:
    """Asks the desk over `channel`, one trial after the other."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self._socket = gevent.socket.socket(channel.family, channel.type, 0, fileno=channel.detach())
        self._decoder, self._one, self._waiting = Decoder(), BoundedSemaphore(1), 0

    def attempt(self, task: Task, files: Mapping[str, str]) -> dict[str, Any]:
        """Send each request of the task once. `files` are those that it names, with their paths. Raises Refused,
        WrongState."""
        if self._waiting >= MOST:
            raise Refused(f"{MOST} trials at once are the limit of this master: try again later")
        self._waiting += 1
        try:
            with self._one:
                answer = self._ask({"task": task.to_map(), "files": dict(files)})
        finally:
            self._waiting -= 1
        if answer["refused"]:
            raise Refused(answer["reason"])
        return document(answer["requests"], answer["reason"])

    def close(self) -> None:
        """End the desk's process and its trial."""
        self._socket.close()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            self._socket.sendall(encode(question))
            while data := self._socket.recv(READ):
                for answer in self._decoder.feed(data):
                    return answer
        except OSError:
            pass
        raise WrongState("the process that tries requests has died: restart the master")
