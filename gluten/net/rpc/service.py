"""The gRPC service `gluten.v1.Gluten`, with health and reflection, on a unix socket. Hides grpc.

Handlers run on grpc's native threads. They call the master in the gevent hub, through a `HubBridge`. The environment
must have GRPC_ENABLE_FORK_SUPPORT=0 before grpc is imported, because grpc's fork handlers do not work with gevent.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import gevent
import grpc

from gluten import errors, facade
from gluten.audit import AuditEntry
from gluten.documents import RunDocument
from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc, unixpath
from gluten.net.door import peername
from gluten.net.keys.keys import ROLES, Role
from gluten.net.rpc import convert, paging, status
from gluten.net.rpc.address_limits import AddressLimits
from gluten.net.rpc.auth import Guard
from gluten.net.rpc.health import SERVICE, Health
from gluten.net.rpc.hub_bridge import HubBridge, HubClosed, HubTimeout
from gluten.net.rpc.hub_caller import HubCaller, StreamCaller
from gluten.net.rpc.lengths import cut
from gluten.net.rpc.limits import RpcLimits, acquire_for_call, metadata_of, refuse
from gluten.net.rpc.parsing import Parsing, first_request
from gluten.net.rpc.readings import ReadHere, RpcReadings
from gluten.net.rpc.reflection import add_reflection
from gluten.task.limits import MAX_FILES
from gluten.task.workload_fields import check_sha

log = logging.getLogger(__name__)

THREADS = 64
WATCHERS = 32
STREAMS = 250
"""Concurrent calls on one connection."""
GRACE = 0.5
MAX_MESSAGE = 4 << 20
MAX_RUNS = 500
NAME = pb.DESCRIPTOR.services_by_name["Gluten"].full_name

FEEDS = 300.0
"""Seconds in which the master reads the rows of all feeds of a task."""

_WAIT = 15.0
_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", STREAMS),
    # A connection without a call needs no key, so it is closed after a while.
    ("grpc.max_connection_idle_ms", 60_000),
    ("grpc.server_handshake_timeout_ms", 10_000),
    # Pings detect clients that disappeared behind the front door. Clients may ping just as often.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
)


class RpcFacade(facade.Facade, Protocol):
    def note(self, entry: AuditEntry) -> None:
        """Record who did what."""


class Service:
    """A gRPC server on the unix socket `path`. Make, start and stop it in the hub's thread.

    `timeout` limits one call of the master, in seconds. `stop` also closes `bridge`. `on_proven` is called with gRPC's
    name of a connection whose client has shown the key, on a native thread. `readings` computes what takes long; else
    that is done here.
    """

    def __init__(
        self,
        master: RpcFacade,
        bridge: HubBridge,
        path: str,
        guard: Guard | None = None,
        watchers: int = WATCHERS,
        threads: int = THREADS,
        timeout: float = 30.0,
        on_proven: Callable[[str], None] = lambda peer: None,
        readings: RpcReadings | None = None,
    ) -> None:
        self._path = unixpath.check(path)
        self._bridge = bridge
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="grpc")
        self._viewers = ThreadPoolExecutor(threads, thread_name_prefix="grpc-viewers")
        each = AddressLimits(max(1, threads // 2))
        limits = [RpcLimits(guard, self._viewers, each, on_proven)] if guard else []
        interceptors: list[grpc.ServerInterceptor] = [*limits, Parsing()]
        self._server = grpc.server(self._pool, interceptors=interceptors, options=_OPTIONS)
        self._health = Health(NAME)
        servicer = _Servicer(HubCaller(bridge, timeout), master, watchers, guard, readings or ReadHere(master.report))
        gluten_pb2_grpc.add_GlutenServicer_to_server(servicer, self._server)
        self._health.add_to(self._server)
        add_reflection((NAME, SERVICE), self._server)

    def start(self) -> None:
        """Listen and serve. Raises `ConfigError`."""
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)  # left by a node that was killed
            os.stat(os.path.dirname(self._path))  # grpc would log more than one line
            self._server.add_insecure_port(f"unix:{self._path}")
        except (OSError, RuntimeError):
            text = f"{self._path}: cannot listen there: its directory must exist and be writable"
            raise errors.ConfigError(text) from None
        self._server.start()
        self._health.serving()

    def stop(self, grace: float = GRACE) -> None:
        """Refuse new calls, let running calls end within `grace` s, and cancel the rest. To be called in a greenlet."""
        self._health.ending()
        stopped = self._server.stop(grace)
        gevent.get_hub().threadpool.apply(stopped.wait, (grace + 2.0,))
        self._bridge.close()
        for pool in (self._pool, self._viewers):
            pool.shutdown(wait=False, cancel_futures=True)
        self._health.close()


class _Servicer(gluten_pb2_grpc.GlutenServicer):  # type: ignore[misc]  # generated, untyped
    """One method for each method of the service. Each calls the master and converts the result."""

    def __init__(
        self,
        caller: HubCaller,
        master: RpcFacade,
        watchers: int,
        guard: Guard | None,
        readings: RpcReadings,
    ) -> None:
        self._caller = caller
        self._readings = readings
        self._converting = threading.Lock()
        self._guard = guard
        self._master = master
        self._watchers = watchers
        self._watch_slots = {role: threading.BoundedSemaphore(watchers) for role in ROLES}
        self._viewer_watches = AddressLimits(max(1, watchers // 2))

    def Submit(self, request: pb.SubmitRequest, context: grpc.ServicerContext) -> pb.Run:
        with _answering(context):
            task = convert.task_from_proto(request.task)
            submit = partial(self._master.submit, task, request.idempotency_key, request.who)
            return self._recorded(context, request.who, "submit", submit, timeout=FEEDS if task.files else None)

    def Stop(self, request: pb.StopRequest, context: grpc.ServicerContext) -> pb.Run:
        with _answering(context):
            stop = partial(self._master.stop, request.run, request.who)
            return self._recorded(context, request.who, "stop", stop)

    def Adjust(self, request: pb.AdjustRequest, context: grpc.ServicerContext) -> pb.Run:
        with _answering(context):
            adjust = partial(self._master.adjust, request.run, request.rate, request.who)
            return self._recorded(context, request.who, "adjust", adjust, f"{request.rate:g} requests/s")

    def Pin(self, request: pb.PinRequest, context: grpc.ServicerContext) -> pb.Run:
        with _answering(context):
            pin = partial(self._master.pin, request.run, not request.remove)
            return self._recorded(context, request.who, "unpin" if request.remove else "pin", pin)

    def Delete(self, request: pb.DeleteRequest, context: grpc.ServicerContext) -> pb.Run:
        with _answering(context):
            return self._recorded(context, request.who, "delete", partial(self._master.delete, request.run))

    def ListBaselines(self, request: pb.ListBaselinesRequest, context: grpc.ServicerContext) -> pb.ListBaselinesReply:
        with _answering(context):
            found = self._caller.call(context, self._master.baselines)
            return pb.ListBaselinesReply(baselines=[pb.Baseline(**known) for known in found])

    def _recorded(
        self,
        context: grpc.ServicerContext,
        who: str,
        action: str,
        work: Callable[[], RunDocument],
        detail: str = "",
        timeout: float | None = None,
    ) -> pb.Run:
        """Do `work`, and record who did it. The guard lets only admins get here."""
        address = peername.address_in(context.peer())

        def work_and_record() -> RunDocument:
            run = work()
            self._master.note(AuditEntry(action, "gRPC", "admin", address, who, run["id"], detail))
            return run

        return convert.run_to_proto(self._caller.call(context, work_and_record, timeout))

    def GetRun(self, request: pb.GetRunRequest, context: grpc.ServicerContext) -> pb.Run:
        with _answering(context):
            run = partial(self._master.run, request.run)
            return convert.run_to_proto(self._caller.call(context, run))

    def ListRuns(self, request: pb.ListRunsRequest, context: grpc.ServicerContext) -> pb.ListRunsReply:
        with _answering(context):
            limit = request.limit if request.HasField("limit") else 50
            if not 1 <= limit <= MAX_RUNS:
                raise errors.TaskError("limit", f"limit: {limit} is not allowed; from 1 to {MAX_RUNS}")
            before = request.before if request.HasField("before") else None
            runs = self._caller.call(context, partial(self._master.runs, limit, before, request.search))
            with self._converting:
                return paging.page(runs)

    def ListNodes(self, request: pb.ListNodesRequest, context: grpc.ServicerContext) -> pb.ListNodesReply:
        with _answering(context):
            nodes = self._caller.call(context, self._master.nodes)
            return pb.ListNodesReply(nodes=[convert.node_to_proto(node) for node in nodes])

    def GetReport(self, request: pb.GetReportRequest, context: grpc.ServicerContext) -> Iterator[pb.ReportPart]:
        with _answering(context):
            report = partial(self._readings.report, *self._asker(context), request.run)
            answer = self._caller.call(context, report)
        with contextlib.closing(answer):
            for part in answer.parts(paging.PART):
                yield pb.ReportPart(report_json=part.decode("ascii"))

    def _asker(self, context: grpc.ServicerContext) -> tuple[str, str]:
        """The role and the address of who asks."""
        role = "viewer" if self._judge(context) == "viewer" else "admin"
        return role, peername.address_in(context.peer())

    def MissingFiles(self, request: pb.MissingFilesRequest, context: grpc.ServicerContext) -> pb.MissingFilesReply:
        with _answering(context):
            asked = [check_sha(sha) for sha in request.sha256[:MAX_FILES]]
            return pb.MissingFilesReply(sha256=self._caller.call(context, partial(self._master.missing_files, asked)))

    def PutFile(self, requests: Iterator[pb.FilePart], context: grpc.ServicerContext) -> pb.PutFileReply:
        with _answering(context):
            first = first_request(requests, context)
            sha = check_sha(first.sha256)
            if not self._caller.call(context, partial(self._master.missing_files, [sha])):
                return pb.PutFileReply(known=True)
            size = first.size if first.HasField("size") else None
            upload = self._caller.call(context, partial(self._master.upload, sha, size))
            try:
                for part in itertools.chain([first], requests):
                    self._caller.call(context, partial(upload.write, part.data))
                self._caller.call(context, upload.finish)
            finally:
                self._caller.call(context, upload.drop)
            entry = AuditEntry(
                "upload", "gRPC", "admin", peername.address_in(context.peer()), detail=f"file {sha[:12]}"
            )
            self._caller.call(context, partial(self._master.note, entry))
            return pb.PutFileReply()

    def Watch(self, request: pb.WatchRequest, context: grpc.ServicerContext) -> Iterator[pb.Update]:
        role: Role = "viewer" if self._judge(context) == "viewer" else "admin"
        if role == "viewer":
            acquire_for_call(self._viewer_watches, context, "watchers")
        slots = self._watch_slots[role]
        if not slots.acquire(blocking=False):
            text = f"{self._watchers} watchers are the limit of this master: try again later"
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, text)
        # The end of the call frees the slot. The end of the generator might never come.
        if not context.add_callback(slots.release):
            slots.release()
            return
        refusal = None
        with _answering(context):
            refusal = yield from self._updates(request, self._caller.for_stream(context), context)
        if refusal is not None:
            refuse(context, refusal)

    def _updates(
        self, request: pb.WatchRequest, caller: StreamCaller, context: grpc.ServicerContext
    ) -> Generator[pb.Update, None, status.Status | None]:
        """Yield what changed after `request.after`, then each change until the final one.

        Returns a status if the caller may not watch any more.
        """
        asker = self._asker(context)
        whole = caller.call(partial(self._readings.updates, *asker, request.run, request.after))
        if whole is None:
            return (yield from self._live_updates(request, caller, context, asker))
        with contextlib.closing(whole):
            yield from map(pb.Update.FromString, cut(whole.parts(paging.PART)))
        return None

    def _live_updates(
        self, request: pb.WatchRequest, caller: StreamCaller, context: grpc.ServicerContext, asker: tuple[str, str]
    ) -> Generator[pb.Update, None, status.Status | None]:
        """The same of a run that is not over, or not stored yet."""
        after, first = request.after, partial(self._readings.here, *asker)
        update = caller.call(partial(first, partial(self._master.update, request.run, after)))
        if update["version"] < after:  # a version from before the master was restarted
            after = 0
            update = caller.call(partial(first, partial(self._master.update, request.run, after)))
        run = update["run"]["id"]  # `last` must not become another run meanwhile
        while True:
            # One thread at a time, because each that computes keeps the hub waiting.
            with self._converting:
                converted = convert.update_to_proto(update)
            yield from paging.parts(converted, after)
            if update["final"]:
                return None
            after = update["version"]
            while update["version"] <= after and not update["final"]:
                if caller.client_gone:
                    return None
                update = caller.call(partial(self._master.wait, run, after, _WAIT), _WAIT)
            # The key may have been rotated since the stream began.
            if isinstance(judged := self._judge(context), status.Status):
                return judged

    def _judge(self, context: grpc.ServicerContext) -> status.Status | Role | None:
        return self._guard(f"/{NAME}/Watch", metadata_of(context.invocation_metadata())) if self._guard else None


@contextlib.contextmanager
def _answering(context: grpc.ServicerContext) -> Iterator[None]:
    """Turn errors into status codes. A client gets one line for a person, never a traceback."""
    try:
        yield
    except errors.GlutenError as error:
        refuse(context, status.from_error(error))
    except HubTimeout:
        context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the master is too busy to answer: try again")
    except HubClosed:
        context.abort(grpc.StatusCode.UNAVAILABLE, "the master is stopping")
    except Exception:
        if context.is_active():
            log.exception("a gRPC call failed")
        context.abort(grpc.StatusCode.INTERNAL, "the master failed to answer: its log says why")
