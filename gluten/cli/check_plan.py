"""What a task would do, for a person: its load, weights, rows, and the connections that it needs. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from gluten.plan.schedule import Schedule
from gluten.report.formats.table import align
from gluten.task.load_rules import POISSON
from gluten.task.secrets import redact_url
from gluten.task.task import Task
from gluten.units import format_duration
from gluten.workload.mix import reduced
from gluten.workload.scenarios.length import ALLOWANCE, Length, has_conditions, length_of, mean_length
from gluten.workload.workload import Feed, Workload


def plan(task: Task, workload: Workload | None, rows: Mapping[str, int]) -> Iterator[str]:
    """The lines. `workload` None: the task is one URL. `rows` are how many each feed has."""
    in_scenarios = workload is not None and bool(workload.scenarios)
    yield _summary(task, in_scenarios)
    if workload is not None:
        yield from _scenarios(workload) if in_scenarios else _requests(workload)
        yield from _around(workload)
        yield from _feeds(task, workload, rows)
    yield ""
    if workload is not None and in_scenarios:
        yield from _sessions_at_once(task, workload)
    else:
        yield _connections(task)


def _summary(task: Task, in_scenarios: bool) -> str:
    name = f"{task.name}: " if task.name else ""
    unit, noun = (" sessions/s", "sessions") if in_scenarios else ("/s", "requests")
    ends = [format_duration(task.duration)] if task.duration is not None else []
    ends += [f"{task.requests:,} {noun}"] if task.requests is not None else []
    pace = "as fast as answers come"
    if task.find_capacity:
        pace = f"up to the highest rate at which the SLOs hold, from {task.peak:g}{unit}{_up_to(task)}"
    elif task.open_loop:
        schedule = Schedule.of(task)
        pace = f"up to {task.peak:g}{unit}" if task.stages else f"{task.rate:g}{unit}"
        ends += [f"{schedule.planned():,} planned"]
    return f"{name}{redact_url(task.url)}: {pace}, {', '.join([*ends, *_more(task, noun[:-1])])}"


def _up_to(task: Task) -> str:
    return f" to {task.search_to:g}" if task.search_to is not None else ""


def _more(task: Task, noun: str) -> Iterator[str]:
    """What else is asked of the load."""
    if task.arrivals == POISSON:
        yield "random arrivals"
    if task.pace is not None:
        yield f"at most a {noun} each {_time(task.pace)} on a connection"
    if task.ramp is not None:
        yield f"connections begin over {_time(task.ramp)}"
    if task.warmup is not None:
        yield f"measured from {_time(task.warmup)} on"


def _requests(workload: Workload) -> Iterator[str]:
    shares = _shares(workload)
    rows = [(request.name, request.method, *shares[request.name]) for request in workload.measured]
    yield ""
    yield from align([("request", "method", "weight", "share", _of_each(workload)), *rows], "<<>>>", indent="")


def _scenarios(workload: Workload) -> Iterator[str]:
    shares = _shares(workload)
    lengths = [length_of(scenario) for scenario in workload.scenarios]
    rows = [
        (scenario.name, *shares[scenario.name], f"{length.requests:.3g}", f"about {_time(length.seconds)}")
        for scenario, length in zip(workload.scenarios, lengths, strict=True)
    ]
    head = ("scenario", "weight", "share", _of_each(workload), "requests", "lasts")
    yield ""
    yield from align([head, *rows], "<>>>>>", indent="")


def _shares(workload: Workload) -> dict[str, tuple[str, str, str]]:
    """By the name of the session: its weight, share, and how often it is in each block."""
    weights, total = reduced(workload.weights), sum(workload.weights)
    return {
        session.name: (str(session.weight), f"{session.weight / total:.2%}", str(weight))
        for session, weight in zip(workload.sessions, weights, strict=True)
    }


def _of_each(workload: Workload) -> str:
    return f"of each {sum(reduced(workload.weights)):,}"


def _around(workload: Workload) -> Iterator[str]:
    around = (("setup", "before", workload.setup), ("teardown", "after", workload.teardown))
    lines = [
        f"{key}: {', '.join(workload.requests[place].name for place in places)}: once, {when} the load, by one node"
        for key, when, places in around
        if places
    ]
    yield from ["", *lines] if lines else []


def _feeds(task: Task, workload: Workload, rows: Mapping[str, int]) -> Iterator[str]:
    if not workload.feeds:
        return
    yield ""
    table = [
        (feed.name, feed.file, feed.pick, f"{rows[feed.name]:,}", _lasts(task, workload, feed, rows[feed.name]))
        for feed in workload.feeds
    ]
    yield from align([("feed", "file", "pick", "rows", "they last"), *table], "<<<><", indent="")


def _lasts(task: Task, workload: Workload, feed: Feed, rows: int) -> str:
    """When the rows have all been used once, by the share of the sessions that use the feed."""
    if feed.pick == "random":
        return "for ever: rows are drawn"
    using = sum(session.weight for session in workload.sessions if feed.name in workload.feeds_of(session))
    share = Fraction(using, sum(workload.weights))
    again = "" if feed.pick == "unique" else ", then again"
    if not task.open_loop or task.find_capacity:
        return f"{math.ceil(rows / share):,} {'sessions' if workload.scenarios else 'requests'}{again}"
    schedule = Schedule.of(task)
    when = schedule.due(math.ceil(rows / share))
    if math.isinf(when):
        return f"to the end: about {math.ceil(schedule.planned() * share):,} of {rows:,} are used"
    return f"{format_duration(round(when, 1))}{again}"


def _connections(task: Task) -> str:
    """What connections and rate mean for each other: on average rate x response time are busy (Little's law)."""
    if task.peak is None:
        at_once = "one request after the other" if task.streams == 1 else f"{task.streams} requests at once"
        return f"connections: {_given(task)}, each with {at_once}"
    if task.find_capacity:
        return _elastic(task)
    if task.connections is None:
        most = math.ceil(task.peak * task.timeout)
        return f"connections: as many as are needed: {task.peak:g}/s × the response time (at most {most:,})"
    each = task.connections * task.streams / task.peak
    return f"connections: {task.connections:,} carry {task.peak:g}/s while a response takes up to {_time(each)}"


def _sessions_at_once(task: Task, workload: Workload) -> Iterator[str]:
    """The same of sessions: on average rate x length are under way."""
    length = mean_length(workload.scenarios)
    if task.find_capacity:
        yield _elastic(task)
    elif task.peak is None:
        yield _closed(task, length.seconds)
    else:
        needed = math.ceil(round(task.peak * length.seconds, 6))
        law = f"connections: {task.peak:g} sessions/s × {_time(length.seconds)} = {needed:,} needed"
        yield f"{law}, {_enough(task.connections, needed)}"
    yield _assumed(length, workload)


def _elastic(task: Task) -> str:
    most = f", at most {task.connections:,}" if task.connections is not None else ""
    return f"connections: as many as are needed{most}"


def _closed(task: Task, seconds: float) -> str:
    given, each = _given(task), max(seconds, task.pace or 0.0)
    rate = f": about {given / each:.3g} sessions/s" if each else ""
    return f"connections: {given:,}, each with one session after the other{rate}"


def _enough(given: int | None, needed: int) -> str:
    if given is None:
        return "and as many are opened"
    return f"{given:,} given" if given >= needed else f"only {given:,} given: sessions will wait, and then be dropped"


def _assumed(length: Length, workload: Workload) -> str:
    conditions = ", no until ends a repeat, each if is true" if has_conditions(workload.scenarios) else ""
    return (
        f"assumed: a session lasts {_time(length.seconds)} on average: its pauses {_time(length.pauses)}, "
        f"and {_time(ALLOWANCE)} for each of its {length.requests:.3g} requests{conditions}"
    )


def _given(task: Task) -> int:
    return task.connections or task.resolved(task.threads or 1).connections or 1


def _time(seconds: float) -> str:
    return format_duration(float(f"{seconds:.3g}"))
