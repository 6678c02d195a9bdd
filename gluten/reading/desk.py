"""The node's end of the reading process. Only the calling greenlet waits.

One question is answered at a time. So is one long work in the hub: what a question needs of a run that is under way.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, TypeVar

import gevent
import gevent.socket

from gluten.cluster.master.queries import Located
from gluten.errors import GlutenError, StoreError
from gluten.reading import messages, shipment
from gluten.reading.failures import from_plain
from gluten.reading.pieces import PIECE, FilePieces
from gluten.reading.queue import Queue
from gluten.webui.api.answers import Question, Reads, Renderer, answer
from gluten.webui.api.readings import Asker
from gluten.webui.http.answer import Answer

log = logging.getLogger(__name__)
T = TypeVar("T")

EACH, MOST = 8, 64
"""Questions that one asker, and all askers of a role, may have at once."""
EACH_HERE, MOST_HERE = 256, 1024
"""The same of what is computed in the hub. Most of it is short."""
PATIENCE = 60.0
"""Seconds for which a question waits for its turn."""
LONGEST = 60.0
"""Seconds for one answer. Then the process is ended."""
START = 10.0
"""Seconds in which another process starts."""
TRIES = 2
"""How often a question is asked, if the process dies each time."""


class Runs(Reads, Protocol):
    """What the desk needs of a master (`cluster.master.queries`)."""

    def locate(self, ref: str) -> Located: ...


class Reader(NamedTuple):
    channel: socket.socket
    pid: int


class Received(NamedTuple):
    head: Mapping[str, Any]
    file: int | None


class ReadingDesk:
    """`fork` returns the channel of a new process, or None. `folder` takes files that have no name, `base` is the web
    page's address. `give_way` is called often by what takes long in the hub."""

    def __init__(
        self,
        fork: Callable[[], socket.socket | None],
        runs: Runs,
        formats: Mapping[str, Renderer],
        folder: Path,
        base: Callable[[], str],
        give_way: Callable[[], None],
        longest: float = LONGEST,
    ) -> None:
        self._fork, self._runs, self._formats, self._folder = fork, runs, formats, folder
        self._base, self._give_way = base, give_way
        self._queue, self._here = Queue(EACH, MOST, PATIENCE), Queue(EACH_HERE, MOST_HERE, PATIENCE)
        self._reader: Reader | None = None
        self._asked, self._longest = 0, longest

    def stored(self, ref: str) -> str | None:
        found = self._runs.locate(ref)
        return found.run if found.stored and not found.short else None

    def here(self, asker: Asker, work: Callable[[], T]) -> T:
        with self._here.turn(asker):
            return work()

    def ask(self, asker: Asker, question: Question, gzip: bool = False) -> Answer:
        """Raises `Busy`, NotFound, WrongState, StoreError."""
        found = [self._runs.locate(ref) for ref in question.refs]
        if question.kind == "plain_report" and all(each.short for each in found):
            return self.here(asker, lambda: answer(self._runs, self._formats, question))
        message: dict[str, Any] = {"kind": question.kind, "refs": [each.run for each in found], "gzip": gzip}
        message |= {"more": dict(question.more), "base": self._base()}
        with self._queue.turn(asker), self._shipped(asker, [each.run for each in found if not each.stored]) as file:
            head, body = self._answered(message, file)
        if "failure" in head:
            raise from_plain(head["failure"])
        assert body is not None
        pieces, headers = FilePieces(body, head["size"]), dict(head["headers"])
        if head["size"] <= PIECE:
            return Answer(head["status"], pieces.whole(), headers)
        return Answer(head["status"], pieces, headers | {"Content-Length": str(head["size"])})

    def expect(self, asker: Asker) -> None:
        if self._reader is None:
            gevent.spawn(self._start, asker)

    def _start(self, asker: Asker) -> None:
        # Where this fails, the next question says why.
        with contextlib.suppress(GlutenError), self._queue.turn(asker):
            self._reader = self._reader or self._started()

    def close(self) -> None:
        """End the process."""
        if self._reader is not None:
            self._end(self._reader)

    @contextlib.contextmanager
    def _shipped(self, asker: Asker, runs: Sequence[str]) -> Iterator[IO[bytes] | None]:
        """A file with the reports of these runs. Raises WrongState, StoreError."""
        if not runs:
            yield None
            return
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(tempfile.TemporaryFile(dir=self._folder))
                with self._here.turn(asker):
                    shipment.write(file, map(self._runs.report, dict.fromkeys(runs)), self._give_way)
                file.flush()
            except OSError as error:
                raise StoreError(f"{self._folder}: a report cannot be written: {error.strerror or error}") from None
            yield file

    def _answered(self, message: Mapping[str, Any], file: IO[bytes] | None) -> Received:
        self._asked += 1
        for _ in range(TRIES):
            if (received := self._try({**message, "question": self._asked}, file)) is not None:
                return received
            log.warning("the process that reads has died: another one takes its place")
        raise StoreError(f"the process that computes reports died {TRIES} times over this question: ask for less")

    def _try(self, message: Mapping[str, Any], file: IO[bytes] | None) -> Received | None:
        """None: the process died. Raises StoreError where it takes too long."""
        reader = self._reader = self._reader or self._started()
        if file is not None:
            file.seek(0)
        try:
            messages.send(reader.channel, message, [file.fileno()] if file is not None else [])
            received = self._awaited(reader, message["question"])
        except TimeoutError:
            os.kill(reader.pid, signal.SIGKILL)
            self._end(reader)
            raise StoreError(f"this takes longer than {self._longest:g} s: ask for less") from None
        except OSError:
            received = None
        if received is None or received.head["last"]:
            self._end(reader)
        return received

    def _awaited(self, reader: Reader, question: int) -> Received | None:
        """Answers to earlier questions, whose askers have left, are skipped. Raises TimeoutError, OSError."""
        with gevent.Timeout(self._longest, TimeoutError()):
            while (received := _received(reader.channel)) is not None and received.head["question"] != question:
                if received.file is not None:
                    os.close(received.file)
        return received

    def _started(self) -> Reader:
        channel = self._fork()
        if channel is None:
            raise StoreError("the process that computes reports cannot be started: restart the master")
        channel.setblocking(False)
        try:
            with gevent.Timeout(START, TimeoutError()):
                received = _received(channel)
        except OSError:
            received = None
        if received is None:
            channel.close()
            raise StoreError("the process that computes reports did not start: ask again")
        return Reader(channel, received.head["pid"])

    def _end(self, reader: Reader) -> None:
        reader.channel.close()
        if self._reader is reader:
            self._reader = None


def _received(channel: socket.socket) -> Received | None:
    """The next message. None: the process has ended."""
    gevent.socket.wait_read(channel.fileno())
    received = messages.receive(channel)
    return Received(*received) if received is not None else None
