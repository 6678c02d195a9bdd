"""The named requests of a worker, made from its part of the job: what its threads and connections send."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from gluten.engine.parts import WorkerTask, WorkloadPart
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.recording.recorder import Recorder, Recorders
from gluten.engine.worker.requests.expectations import Expectations, texts_of
from gluten.engine.worker.requests.named import Draw, Named, Unwritable, Write
from gluten.engine.worker.requests.numbers import Numbering, Numbers, drawers
from gluten.engine.worker.requests.row_texts import row_texts
from gluten.engine.worker.requests.tracer import Tracer
from gluten.engine.worker.requests.writer import TRACEPARENT, host_task, write_of
from gluten.errors import TemplateFailure
from gluten.plan.schedule import Schedule
from gluten.plan.session_numbers import first_number
from gluten.stats.request_stats import REQUEST, redirect_name
from gluten.task.task import Task
from gluten.workload.mix import Mix
from gluten.workload.templates.template import Piece, joined
from gluten.workload.templates.uuids import Uuids
from gluten.workload.templates.values import Values
from gluten.workload.workload import Request, Workload


@dataclass
class ThreadRequests:
    """What one thread sends: `all` in the file's order, and the thread's numbers. `rotation`: the next requests, for
    ever; None where they do not all have the same bytes each time."""

    all: tuple[Named, ...]
    numbers: Numbers
    values: Callable[[], Values]
    tracer: Tracer | None = None

    def drawing(self, values: Values) -> Draw:
        """What makes the next request, for a session that knows `values`."""
        if self.rotation is not None:
            rotation = self.rotation
            return lambda: ((named := next(rotation)), named.text)
        numbers, named = self.numbers, self.all
        taken, place, first, step = numbers.taken, numbers.place, numbers.numbering.first, numbers.numbering.step
        request_of, session, only = numbers.request, numbers.numbering.session, len(named) == 1
        rows_of = [numbers.rows_of(one.feeds) for one in named]
        texts = [self._row_texts(one, values) for one in named]

        def draw() -> tuple[Named, bytes]:
            count = taken[place]
            taken[place] = count + 1
            number = first + count * step
            index = 0 if only else request_of(number)
            request = named[index]
            if request.write is None:
                return request, request.constant or b""
            text_of = texts[index]
            if text_of is not None:
                return request, text_of(number)
            values.begin(session(number))
            for name, row_of in rows_of[index]:
                values.rows[name] = row_of(number)
            try:
                return request, request.write(values)
            except TemplateFailure as failure:
                raise Unwritable(request, str(failure)) from None

        return draw

    def __post_init__(self) -> None:
        first = self.all[0]
        varies = any(one.constant is None or one.careful or one.timeout != first.timeout for one in self.all)
        self.rotation = None if varies else self._rotation()

    def _row_texts(self, named: Named, values: Values) -> Callable[[int], bytes] | None:
        """What makes the request's bytes, if they follow from one row alone."""
        if not named.of_row:
            return None
        (feed,), numbers = named.feeds, self.numbers
        drawer = numbers.drawers[feed]
        return row_texts(named, feed, drawer.placed(numbers.numbering, numbers.mix), drawer.rows.row, values)

    def _rotation(self) -> Iterator[Named]:
        if self.numbers.numbering.shared:
            return self._one_by_one()
        return chain.from_iterable(self._block_by_block())

    def _block_by_block(self) -> Iterator[list[Named]]:
        """In a closed loop numbers may jump, so those of a whole block are taken at once."""
        numbers, named = self.numbers, self.all
        taken, place, first, step = numbers.taken, numbers.place, numbers.numbering.first, numbers.numbering.step
        while True:
            whole, at = divmod(first + taken[place] * step, numbers.mix.block)
            found = [named[index] for index in numbers.mix.order(whole)[at::step]]
            taken[place] += len(found)
            yield found

    def _one_by_one(self) -> Iterator[Named]:
        numbers, named = self.numbers, self.all
        taken, place, first, step = numbers.taken, numbers.place, numbers.numbering.first, numbers.numbering.step
        order, block = numbers.mix.order, numbers.mix.block
        while True:
            whole, at = divmod(first + taken[place] * step, block)
            for index in order(whole)[at::step]:
                taken[place] += 1
                yield named[index]

    def drop(self, count: int) -> None:
        """`count` planned requests of the thread were not sent."""
        for named, times in zip(self.all, self.numbers.of_dropped(count), strict=True):
            named.recorder.dropped += times


@dataclass
class Load:
    """All named requests of a worker. `plain`: there is one, whose bytes are always the same, and which has no checks,
    so the fastest callbacks send it."""

    recorders: Recorders
    all: tuple[Named, ...]
    plain: bool
    tracer: Tracer | None = None
    variables: Mapping[str, Callable[[Values], str]] = field(default_factory=dict)
    uuids: Uuids = field(default_factory=lambda: Uuids(os.urandom(32)))

    def values(self, run: str) -> Values:
        """What a session knows."""
        return Values(0, run, time.time, self.uuids, self.variables)


def load_of(job: WorkerTask, implied: bool) -> Load:
    """The requests of the job. `implied`: see `Recorder`."""
    part = job.workload
    tracer = Tracer(os.urandom(16)) if job.task.trace else None
    if part is None:
        assert tracer is not None
        return _traced_url(job.task, tracer)
    requests = part.workload.requests
    plain = len(requests) == 1 and tracer is None and _is_plain(requests[0])
    writes = [_write_of(request, job.task, tracer) for request in requests]
    constants = [_constant(request, write, tracer) for request, write in zip(requests, writes, strict=True)]
    sizes = _sizes(requests, constants)
    recorders, by_name = _recorders(job, part.workload, sizes, implied and plain)
    hosts = part.workload.origins
    looks_back = any(scenario.looks_back for scenario in part.workload.scenarios)
    named = tuple(
        Named(
            request.name,
            by_name[request.name],
            _responses(job.task, request.method, plain),
            constant,
            write if constant is None else None,
            Expectations(request.checks, request.takes) if request.checks or request.takes else None,
            request.timeout or job.task.timeout,
            hosts.index(request.origin),
            sorted(part.workload.feeds_of(request)),
            tracer is not None,
            request.redirects,
            by_name.get(redirect_name(request.name)),
            any(name.lower() == "cookie" for name, _ in request.headers),
            looks_back,
            _is_of_row(request),
        )
        for request, constant, write in zip(requests, constants, writes, strict=True)
    )
    return Load(recorders, named, plain, tracer, _variables(part))


def _recorders(
    job: WorkerTask, workload: Workload, sizes: Mapping[str, int], implied: bool
) -> tuple[Recorders, dict[str, Recorder]]:
    """Those of the figures, and those of all requests: no delta has what setup and teardown alone send."""
    open_loop, measured = job.task.open_loop, _measured(workload)
    checks = {request.name: texts_of(request.checks, request.takes) for request in workload.requests}
    recorders = Recorders(open_loop, implied, {name: sizes[name] for name in sizes if name in measured}, checks)
    return recorders, {**Recorders(open_loop, False, sizes).by_name, **recorders.by_name}


def _is_of_row(request: Request) -> bool:
    """Whether what it sends and what is checked follow from the row of one feed."""
    names = request.names
    return len(names.feeds) == 1 and not names.words and not names.functions


def _variables(part: WorkloadPart) -> dict[str, Callable[[Values], str]]:
    """What makes the text of each var. What setup took is a var that is the same text in every session."""
    made = {name: template.text_of for name, template in part.workload.vars.items()}
    return made | {name: _same(text) for name, text in part.taken.items()}


def _same(text: str) -> Callable[[Values], str]:
    return lambda values: text


def _traced_url(task: Task, tracer: Tracer) -> Load:
    """A task that is one URL, each of whose requests carries a trace id."""
    recorders, write = Recorders(task.open_loop, False, {REQUEST: len(build(task))}), _write_url(task, tracer)
    recorder, responses = recorders.by_name[REQUEST], _responses(task, task.method, plain=False)
    named = Named(REQUEST, recorder, responses, None, write, timeout=task.timeout, traced=True)
    return Load(recorders, (named,), False, tracer)


def _write_of(request: Request, task: Task, tracer: Tracer | None) -> Write:
    if task.follows_url:
        return _write_url(task, tracer)
    return write_of(request, host_task(request, task), tracer.header if tracer else None)


def _write_url(task: Task, tracer: Tracer | None) -> Write:
    """What writes the request of a task that is one URL."""
    head, _, body = build(task).partition(b"\r\n\r\n")
    trace: list[Piece] = [f"\r\n{TRACEPARENT}: ".encode(), tracer.header] if tracer else []
    return joined([head, *trace, b"\r\n\r\n" + body])


def _sizes(requests: Sequence[Request], constants: Sequence[bytes | None]) -> dict[str, int]:
    """The bytes of each request, in the order of reports: followed answers stand behind their request."""
    found = {}
    for request, constant in zip(requests, constants, strict=True):
        found[request.name] = len(constant or b"")
        if request.redirects:
            found[redirect_name(request.name)] = 0
    return found


def _measured(workload: Workload) -> frozenset[str]:
    """The names of the figures."""
    return frozenset(name for request in workload.measured for name in (request.name, redirect_name(request.name)))


def _is_plain(request: Request) -> bool:
    return request.constant and not request.checks and not request.takes and not request.redirects


def _constant(request: Request, write: Write, tracer: Tracer | None) -> bytes | None:
    return write(Values(0, "", time.time, lambda: "", {})) if request.constant and tracer is None else None


def _responses(task: Task, method: str, plain: bool) -> Responses:
    return Responses(method, task.max_body, closing=not task.kept, keeps_whole=plain)


def thread_requests(load: Load, job: WorkerTask, schedule: Schedule | None) -> list[ThreadRequests]:
    """What each thread of the job sends. `schedule` None: a closed loop."""
    part, total = job.workload, job.task.thread_count
    workload = part.workload if part is not None else Workload(job.task.url, job.task.seed, ())
    draw = drawers(workload, part.rows) if part is not None else {}
    shared = Mix(workload.weights or (1,), workload.seed)
    run, found = job.run, []
    for place, thread in enumerate(job.threads):
        if schedule is not None:
            first = first_number(Schedule.of(job.task), job.adjustments, thread, total, job.begin, job.jump)
            numbering, mix = Numbering(first, total), shared
        else:
            numbering = Numbering(job.jump, 1, thread, total)
            mix = Mix(workload.weights or (1,), workload.seed, thread + 1)
        # A schedule says how many slots are past. In a closed loop who replaces a worker goes on above its numbers.
        counted = job.taken if schedule is None else None
        taken: list[int] | memoryview[int] = [0] * len(job.threads) if counted is None else counted
        numbers = Numbers(numbering, mix, draw, taken, place)
        found.append(ThreadRequests(load.all, numbers, lambda: load.values(run), load.tracer))
    return found
