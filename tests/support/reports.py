"""Runs as reports are built from them: real deltas, worked out by hand, with no clock and no socket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gluten.report import document
from gluten.report.results import Head, NodeResult
from gluten.stats.delta import Delta
from gluten.stats.failure import Answer, Failure, Sent
from gluten.stats.request_stats import REQUEST, STATS_KEYS
from gluten.stats.session_stats import SessionStats
from gluten.task.task import Task

URL = "http://127.0.0.1:8080/"


def second(number: int, times: dict[int, int], status: int = 200, **more: Any) -> Delta:
    """One second of a node: `times` is microseconds -> how many responses took so long."""
    delta = Delta(number)
    delta.of().completed = sum(times.values())
    delta.of().response.record_all(times)
    delta.of().service.record_all({micros // 2: count for micros, count in times.items()})
    delta.of().status = {status: delta.completed} if delta.completed else {}
    delta.of().read, delta.of().written = 100 * delta.completed, 50 * delta.completed
    delta.cpu = 0.5
    for name, value in more.items():
        setattr(delta.of() if name in STATS_KEYS else delta, name, value)
    delta.of().sent = delta.sent or delta.completed + delta.failed
    return delta


def node(name: str, seconds: list[Delta], **more: Any) -> NodeResult:
    values: dict[str, Any] = {
        "cores": 2,
        "threads": 1,
        "connections": 10,
        "rate": None,
        "ended": float(len(seconds)),
        "start_skew": 0.0,
    }
    return NodeResult.summed({delta.second: delta for delta in seconds}, name=name, **(values | more))


def build(task: Task, head: Head, nodes: Sequence[NodeResult]) -> Any:
    """The report of nodes that keep their seconds."""
    return document.build(task, head, nodes, document.rows(task, head, nodes))


def head(**more: Any) -> Head:
    values: dict[str, Any] = {
        "id": "5f0c9a52b7d14c0c8a4be55a35a9d1c1",
        "number": 7,
        "name": "",
        "state": "finished",
        "reason": "",
        "started_at": "2026-01-02T03:04:05.250Z",
        "link": "http://127.0.0.1:8888/runs/5f0c9a52",
    }
    return Head(**(values | more))


def closed(seconds: int = 3) -> Any:
    """One node, a closed loop, 100 requests a second: 90 of 1 ms, 9 of 2 ms, 1 of 10 ms."""
    task = Task(URL, threads=1, connections=10, duration=float(seconds))
    return build(task, head(), closed_nodes(seconds))


def closed_nodes(seconds: int = 3) -> list[NodeResult]:
    return [node("alpha", [second(at, {1000: 90, 2000: 9, 10_000: 1}) for at in range(seconds)])]


def with_slos(*texts: str, **task: Any) -> Any:
    """The same with SLOs."""
    asked = Task(URL, threads=1, connections=10, duration=3.0, slo=texts, **task)
    return build(asked, head(), closed_nodes())


def rated() -> Any:
    """Two nodes at 40 requests/s over 3 s: 120 planned, beta loses its last 5 to a full pool and fails 4."""
    task = Task(URL, threads=2, connections=4, duration=3.0, rate=40.0, name="<b>rated</b>")
    alpha = [second(at, {1000: 20}) for at in range(3)]
    beta = [second(0, {1000: 20}), second(1, {3000: 16}), second(2, {1000: 15}, status=503, dropped=5)]
    for _ in range(3):
        beta[1].of().fail("timeout", "no answer within 2s")
    beta[1].of().fail("reset", "the target reset\x1b[31m <script>alert(1)</script>")
    beta[1].of().sent = 20
    nodes = [
        node("alpha", alpha, rate=20.0, connections=2),
        node("beta", beta, rate=20.0, connections=2, start_skew=-0.0012),
    ]
    share = {"cores": 2, "threads": 1, "connections": 2, "rate": 20.0, "requests": None}
    plan = [{"name": one.name} | share for one in nodes]
    events = [
        {"at": "2026-01-02T03:04:05.250Z", "second": 0, "kind": "started", "node": "", "text": "started on 2 nodes"},
        {"at": "2026-01-02T03:04:08.250Z", "second": 3, "kind": "finished", "node": "", "text": "finished"},
    ]
    return build(task, head(name="<b>rated</b>", plan=plan, events=events), nodes)


def shop(number: int) -> Delta:
    """One second of two named requests, of which one has a check that fails."""
    delta = Delta(number)
    for name, times in ((REQUEST, {900: 3, 1500: 1}), ("view", {400: 20, 90_000: 2})):
        stats = delta.of(name)
        stats.response.record_all(times)
        stats.service.record_all(times)
        stats.sent = stats.completed = sum(times.values())
        stats.status = {200: stats.completed}
        stats.read, stats.written = 100 * stats.completed, 70 * stats.completed
    view = delta.of("view")
    view.status, view.apart = {200: 19, 503: 3}, -1
    view.checked('body contains "price"', 18, 4)
    view.failures = {
        "status 503": Failure(
            number,
            "alpha",
            Sent("GET", "/p/7", (("Host", "shop.test"),)),
            Answer(503, (("Retry-After", "1"),), "<busy>"),
        )
    }
    view.fail("timeout", "no whole response within 2 s")
    view.sent += 1
    return delta


SCENARIOS = """
[request.login]
get = "/"
[request.pay]
get = "/pay"
[[scenario]]
name = "browse"
weight = 4
do = ["login"]
[[scenario]]
name = "buy"
do = ["login", {group = "checkout", do = ["pay"]}]
"""


def visits(number: int, browse: int = 8, buy: int = 2, micros: int = 1_000_000) -> Delta:
    """One second of sessions. `browse` and `buy` begin and finish; one more of `buy` begins and is ended."""
    delta = Delta(number)
    for name, count, ended in (("browse", browse, 0), ("buy", buy, 1 if buy else 0)):
        delta.by_scenario[name] = stats = SessionStats()
        stats.begun, stats.finished, stats.good, stats.ended = count + ended, count, count, ended
        stats.time.record_all({micros: count} if count else {})
    delta.most_active = browse + buy + 1
    login, pay = delta.of("login"), delta.of("pay")
    login.sent = login.completed = delta.sessions.begun
    login.status = {200: login.completed}
    pay.skipped = delta.sessions.ended
    pay.sent = pay.completed = buy
    pay.status = {200: buy} if buy else {}
    return delta


def visited(*seconds: Delta, number: int = 7, **task: Any) -> Any:
    """A run of two scenarios with these seconds."""
    values: dict[str, Any] = {
        "threads": 2,
        "connections": 20,
        "duration": float(len(seconds)),
        "workload": SCENARIOS,
        **task,
    }
    more = {"ended": values.pop("ended")} if "ended" in values else {}
    return build(Task(URL, **values), head(number=number), [node("alpha", list(seconds), **more)])


def mixed() -> Any:
    """A closed loop with two named requests."""
    task = Task(URL, threads=2, connections=10, duration=2.0)
    return build(task, head(), [node("alpha", [shop(0), shop(1)])])
