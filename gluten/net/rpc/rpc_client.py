"""The client of the gRPC service, for the command line. Hides grpc; it uses neither gevent nor zmq."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import grpc

from gluten.errors import GlutenError, StandsBy, Unreachable, UsageError
from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.net.rpc import convert, status
from gluten.net.rpc.deadline import Deadline
from gluten.net.rpc.grpc_channel import Tls, open_channel, tls_error
from gluten.net.rpc.masters import Masters
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import BaselineDocument, NodeDocument, ReportDocument, RunDocument, UpdateDocument

T = TypeVar("T")

TIMEOUT = 5.0
REPORT = 12
"""The first part of a report may take so many times longer, because other questions may be answered first."""
FEEDS = 300.0
"""Seconds for a task with feeds: the master reads all of their rows before it answers."""
PATIENCE = 60.0
MAX_ANSWER = 64 << 20
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 3.0
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),  # connect to the master directly, even if http_proxy is set
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", MAX_ANSWER),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 4_000),  # the time limit of one attempt to connect
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    # With pings, a watcher notices that a master has disappeared.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)


class Client:
    """Calls the master at `address` (HOST:PORT, its web or rpc port). A context manager, for one thread only.

    It may be any of several masters, of which `others` are further ones. What stands by names the active one. Where one
    does not answer, the next one is called.
    `timeout` limits one call, in seconds. `patience` limits how long `watch` tries to reach a lost master again.
    `token` is the bearer token that the master needs. With `tls` everything is encrypted.
    Each method raises the master's error (TaskError, NotFound, WrongState, Refused, StoreError) or `Unreachable`.
    """

    def __init__(
        self,
        address: str,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
        token: str = "",
        tls: Tls | None = None,
        others: Sequence[str] = (),
    ) -> None:
        self._masters = Masters([_checked(one) for one in (address, *others)])
        self._timeout = timeout
        self._patience = patience
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._tls = tls
        self._open()

    def _open(self) -> None:
        self._channel = open_channel(self.address, self._tls, _OPTIONS)
        self._stub = gluten_pb2_grpc.GlutenStub(self._channel)

    @property
    def address(self) -> str:
        """HOST:PORT of the master that answered last, or is called next."""
        return self._masters.current

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    def submit(self, task: Task, key: str = "", who: str = "") -> RunDocument:
        """Submit a task and return its run. The same `key` again returns the same run. Empty: a new key.

        The master must have the task's files."""
        request = pb.SubmitRequest(task=convert.task_to_proto(task), idempotency_key=key or uuid.uuid4().hex, who=who)
        timeout = max(FEEDS, self._timeout) if task.files else None
        return convert.run_from_proto(self._call("Submit", request, timeout))

    def missing_files(self, files: Sequence[str]) -> list[str]:
        """Which of these files, by their SHA-256, the master lacks."""
        return list(self._call("MissingFiles", pb.MissingFilesRequest(sha256=files)).sha256)

    def put_file(self, sha: str, size: int, parts: Iterable[bytes]) -> None:
        """Send a file. It takes as long as it takes."""
        first = pb.FilePart(sha256=sha, size=size)
        stream = itertools.chain([first], (pb.FilePart(data=part) for part in parts))
        self._once("PutFile", stream, math.inf)  # MissingFiles has found the active master

    def stop(self, ref: str, who: str = "") -> RunDocument:
        return convert.run_from_proto(self._call("Stop", pb.StopRequest(run=ref, who=who)))

    def adjust(self, ref: str, rate: float, who: str = "") -> RunDocument:
        """Change a running task's rate, requests/s on all nodes together."""
        request = pb.AdjustRequest(run=ref, rate=rate, who=who)
        return convert.run_from_proto(self._call("Adjust", request))

    def pin(self, ref: str, pinned: bool = True, who: str = "") -> RunDocument:
        """Make this run the baseline of later runs of its name, or remove it as the baseline."""
        request = pb.PinRequest(run=ref, remove=not pinned, who=who)
        return convert.run_from_proto(self._call("Pin", request))

    def delete(self, ref: str, who: str = "") -> RunDocument:
        """Delete a run that is over. Returns the run as it was."""
        return convert.run_from_proto(self._call("Delete", pb.DeleteRequest(run=ref, who=who)))

    def baselines(self) -> list[BaselineDocument]:
        """All baselines, each with `name`, `run` (the id) and `number`."""
        found = self._call("ListBaselines", pb.ListBaselinesRequest()).baselines
        return [{"name": one.name, "run": one.run, "number": one.number} for one in found]

    def run(self, ref: str) -> RunDocument:
        return convert.run_from_proto(self._call("GetRun", pb.GetRunRequest(run=ref)))

    def runs(self, limit: int = 50, before: int | None = None, search: str = "") -> list[RunDocument]:
        """Runs, newest first. A page may be shorter than `limit` although more runs follow."""
        request = pb.ListRunsRequest(limit=limit, before=before, search=search)
        return [convert.run_from_proto(run) for run in self._call("ListRuns", request).runs]

    def nodes(self) -> list[NodeDocument]:
        reply = self._call("ListNodes", pb.ListNodesRequest())
        return [convert.node_from_proto(node) for node in reply.nodes]

    def report(self, ref: str) -> ReportDocument:
        """The document `gluten.report/1`. It may be long: the time limit is that of each of its parts."""
        return self._anywhere(lambda: self._report(ref))

    def _report(self, ref: str) -> ReportDocument:
        request, parts = pb.GetReportRequest(run=ref), []
        call = self._stub.GetReport(request, metadata=self._metadata)
        try:
            with Deadline(self._timeout, call.cancel, REPORT * self._timeout) as deadline:
                for part in call:
                    deadline.renew()
                    parts.append(part.report_json)
        except grpc.RpcError as error:
            raise self._to_error(error, deadline.passed) from None
        document: ReportDocument = json.loads("".join(parts))
        return document

    def watch(self, ref: str, after: int = 0) -> Iterator[UpdateDocument]:
        """Yield update maps until the final one. A broken stream is continued after the last version.

        Rows may come again, under the same second. If the first call fails, it raises `Unreachable` at once. Later it
        raises `Unreachable` when the master is away, or ends each stream without a word, for `patience` seconds.
        """
        run = self.run(ref)["id"]  # `last` must not become another run meanwhile
        lost_at, pause = 0.0, _FIRST_PAUSE
        while True:
            try:
                for update in self._stream(run, after):
                    lost_at, pause, after = 0.0, _FIRST_PAUSE, update["version"]
                    yield update
                    if update["final"]:
                        return
                broken = Unreachable(f"{self.address}: the stream of run {run} ends before its last message")
            except Unreachable as error:
                broken = error
                self._move(error)
            lost_at = lost_at or time.monotonic()
            if time.monotonic() - lost_at > self._patience:
                raise broken
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _stream(self, run: str, after: int) -> Iterator[UpdateDocument]:
        """The updates of one stream. Raises `Unreachable` when it breaks."""
        request = pb.WatchRequest(run=run, after=after)
        call = self._stub.Watch(request, metadata=self._metadata, wait_for_ready=False)
        try:
            for update in call:
                yield convert.update_from_proto(update)
        except grpc.RpcError as error:
            raise self._to_error(error) from None
        finally:
            call.cancel()

    def _call(self, method: str, request: Any, timeout: float | None = None) -> Any:
        """`timeout` is in place of the usual one; infinity: none."""
        return self._anywhere(lambda: self._once(method, request, timeout))

    def _once(self, method: str, request: Any, timeout: float | None = None) -> Any:
        seconds = None if timeout == math.inf else timeout or self._timeout
        try:
            return getattr(self._stub, method)(request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._to_error(error) from None

    def _anywhere(self, work: Callable[[], T]) -> T:
        """Do the work with the first master that answers and does not stand by. All work may be repeated."""
        failures: list[Unreachable] = []
        while True:
            try:
                return work()
            except Unreachable as error:
                failures.append(error)
                if len(failures) >= self._masters.tries or not self._move(error):
                    raise _summary(failures) from None

    def _move(self, error: Unreachable) -> bool:
        """Call another master from now on. False: there is no other."""
        active = error.active if isinstance(error, StandsBy) and _is_address(error.active) else ""
        if not self._masters.move(active):
            return False
        self._channel.close()
        self._open()
        return True

    def _to_error(self, error: Any, late: bool = False) -> GlutenError:
        """`late`: the call was ended because its time limit had passed."""
        trailer = {key: value for key, value in error.trailing_metadata() or () if isinstance(value, str)}
        code = "DEADLINE_EXCEEDED" if late else error.code().name
        ended = status.Status(code, error.details() or "", trailer)
        found = status.to_error(ended, self.address)
        if ended.code == "UNAVAILABLE" and type(found) is Unreachable:
            return tls_error(self.address, self._tls, ended.text) or found
        return found


def _summary(failures: Sequence[Unreachable]) -> Unreachable:
    """One error about all masters that were called."""
    if len(failures) == 1:
        return failures[0]
    return Unreachable(f"none of the masters can be used: {'; '.join(dict.fromkeys(map(str, failures)))}")


def _checked(address: str) -> str:
    """Check that the address is HOST:PORT, or [HOST]:PORT for IPv6. Raises `UsageError`."""
    if _is_address(address):
        return address
    raise UsageError(f"--master: {address!r} is not HOST:PORT, such as 127.0.0.1:9090")


def _is_address(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    with contextlib.suppress(ValueError):
        return bool(colon and host and "/" not in host and 0 < int(port) < 65536)
    return False
