"""The state machine of one run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.cluster.run.assignment import UNTAKEN, AssignOrder, Ending, Moment, StopOrder
from gluten.cluster.run.rebalance import move
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.engine.parts import pack
from gluten.errors import WrongState
from gluten.plan.job import HostTask
from gluten.plan.run_state import FINAL
from gluten.plan.split import NodeTask, PlanNode, split
from gluten.stats.delta import Delta
from gluten.task.limits import MAX_ADJUSTMENTS
from gluten.task.task import Task

A, B, C = (PlanNode(name * 4, name, cores) for name, cores in (("a", 2), ("b", 2), ("c", 4)))


def at(now: float) -> Moment:
    return Moment(now, 1_000_000 + now)


def a_run(on_loss: str = "rebalance", nodes: tuple[PlanNode, ...] = (A, B)) -> Run:
    task = Task("http://h/", threads=8, connections=8, on_loss=on_loss, rate=80.0)
    run = Run(RunBook("a" * 32, 1, task, 1_000_000.0))
    run.begin(split(task, nodes), 1.0, at(0.5))
    run.take_orders()
    return run


def test_it_runs_from_the_armed_start_on() -> None:
    run = a_run()
    for name in "ab":
        run.armed(name, 1, 0.0, at(0.7))
    run.tick(at(0.9))
    assert run.book.state == "starting"
    run.tick(at(1.0))
    assert run.book.state == "running"
    assert run.book.started_at == 1_000_001.0


def test_it_is_over_only_when_every_delta_is_in() -> None:
    run = a_run(nodes=(A,))
    run.ended("a", 1, Ending(2, "finished", "", 10.0), at(11.0))
    run.delta("a", 1, 2, Delta(1))
    run.tick(at(11.5))
    assert run.book.state == "running"
    run.delta("a", 1, 1, Delta(0))
    run.tick(at(12.0))
    assert (run.book.state, run.book.duration) == ("finished", 10.0)


@pytest.mark.parametrize(("kinds", "reason"), [(("rows", "rows"), "all rows are used"), (("rows", ""), "")])
def test_a_run_says_that_its_plan_ended_with_the_rows_of_a_feed(kinds: tuple[str, str], reason: str) -> None:
    run = a_run()
    for name, kind in zip("ab", kinds, strict=True):
        run.ended(name, 1, Ending(0, "finished", "all rows are used" if kind else "", 10.0, kind), at(11.0))
    run.tick(at(12.0))
    assert (run.book.state, run.book.reason) == ("finished", reason)


def test_a_run_is_adjusted_so_often_that_an_order_can_name_each_change_and_no_more() -> None:
    run = a_run()
    run.book.adjustments = [(0.0, 40.0)] * (MAX_ADJUSTMENTS - 1)
    run.adjust(50.0, at(2.0))
    with pytest.raises(WrongState, match=f"adjusted {MAX_ADJUSTMENTS} times, which is the most"):
        run.adjust(60.0, at(3.0))


def test_missing_deltas_are_reported_and_do_not_keep_the_run_from_its_end() -> None:
    run = a_run(nodes=(A,))
    run.ended("a", 1, Ending(3, "finished", "", 10.0), at(11.0))
    run.tick(at(60.0))
    assert run.book.state == "finished"
    assert [event.text for event in run.book.events if event.kind == "gap"] == ["3 seconds of a never came"]


def test_a_delta_of_an_unknown_assignment_does_not_count() -> None:
    run = a_run()
    assert not run.delta("c", 1, 1, Delta(0))
    assert not run.delta("a", 2, 1, Delta(0))
    assert run.delta("a", 1, 1, Delta(0))
    assert not run.delta("a", 1, 1, Delta(0))


def test_an_assignment_that_is_not_accepted_is_sent_again_and_then_lost() -> None:
    run = a_run("fail")
    run.armed("a", 1, 0.0, at(0.6))
    run.tick(at(1.6))
    assert [order.assignment.name for order in run.take_orders() if isinstance(order, AssignOrder)] == ["b"]
    run.tick(at(0.6 + UNTAKEN + 0.1))
    assert run.book.reason == "", "nothing is heard of it: it may have taken its part"
    run.working("b", B.node, [], at(0.6 + UNTAKEN + 0.1))
    run.tick(at(0.6 + UNTAKEN + 0.2))
    assert run.book.reason == "node b was lost"
    assert StopOrder("a", 1) in run.take_orders()


def test_the_first_cause_stands() -> None:
    run = a_run("fail")
    run.stop(at(3.0), "ann")
    run.lose("b", "silence", at(4.0))
    run.ended("a", 1, Ending(0, "stopped", "", 2.0), at(4.0))
    run.tick(at(4.1))
    assert (run.book.state, run.book.reason) == ("stopped", "stopped by ann")
    with pytest.raises(WrongState):
        run.stop(at(5.0))


def test_late_parts_are_told() -> None:
    run = a_run()
    run.armed("a", 1, 0.25, at(1.3))
    assert [event.text for event in run.book.events if event.kind == "late"] == [
        "a got its part 250 ms after the start"
    ]


@given(st.integers(1, 40), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_moved_threads_are_all_there_exactly_once(threads: int, cores: list[int]) -> None:
    nodes = [PlanNode(str(i), str(i), count) for i, count in enumerate(cores)]
    task = Task("http://h/", threads=100, connections=100)
    parts = move(task, range(threads), nodes, 7.0)
    assert sorted(thread for part in parts for thread in part.threads) == list(range(threads))
    assert all(part.begin == 7.0 for part in parts)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["arm", "end", "fail", "lose", "stop", "adjust", "delta", "tick", "lease"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(1, 3),
        st.floats(0.0, 20.0),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(STEPS, st.sampled_from(["rebalance", "continue", "fail"]))
def test_every_run_ends_in_exactly_one_final_state_whatever_happens(
    steps: list[tuple[str, str, int, float]], on_loss: str
) -> None:
    run, now, finals, version = a_run(on_loss, (A, B, C)), 1.0, set(), 0
    for what, name, epoch, gap in [*steps, *[("tick", "a", 1, 10.0)] * 12]:
        now += gap
        _do(run, what, name, epoch, at(now))
        assert run.book.version >= version
        version = run.book.version
        if run.book.final:
            finals.add((run.book.state, run.book.reason))
    assert len(finals) == 1
    assert sum(event.kind in FINAL for event in run.book.events) == 1
    held = [t for s in run.book.assignments.values() if s.state == "lost" for t in s.node_task.threads]
    assert len(run.book.assignments) >= 3 or not held


def _do(run: Run, what: str, name: str, epoch: int, moment: Moment) -> None:
    if what == "arm":
        run.armed(name, epoch, 0.0, moment)
    elif what in ("end", "fail", "lease"):
        state, kind = ("finished", "") if what == "end" else ("failed", "lease" if what == "lease" else "")
        run.ended(name, epoch, Ending(1, state, "", 3.0, kind), moment)
    elif what == "lose":
        run.lose(name, "silence", moment)
    elif what == "delta":
        run.delta(name, epoch, 1, Delta(1))
    elif what == "tick":
        run.tick(moment)
    else:
        _ask(run, what, moment)


def _ask(run: Run, what: str, moment: Moment) -> None:
    try:
        if what == "stop":
            run.stop(moment)
        elif what == "adjust":
            run.adjust(40.0, moment)
    except WrongState:
        assert run.book.state not in ("starting", "running")


def test_a_moved_part_carries_what_is_left_of_a_number_of_requests() -> None:
    task = Task("http://h/", threads=5, connections=5, duration=None, requests=1000)
    nodes = [PlanNode("1" * 32, "a", 1), PlanNode("2" * 32, "b", 2)]
    moved = move(task, [1, 2, 4], nodes, 3.0, 101)
    assert [(part.threads, part.requests) for part in moved] == [((1,), 33), ((2, 4), 68)]
    sent = NodeTask.from_map(moved[1].to_map())
    assert sent == moved[1]
    workers = pack(HostTask("r", 2, sent, 0.0, ()), ["127.0.0.1"], 0.0, 2)
    assert [worker.requests for worker in workers] == [34, 34]
    assert [part.name for part in move(task, [1, 2, 4], nodes, 3.0, 1)] == ["b"]
