"""Numbers of sessions: exact weights, and rows of which none is used twice."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.requests.numbers import Numbering, Numbers, drawers
from gluten.errors import RowsUsed
from gluten.workload.feeds.rows import Rows, read_rows
from gluten.workload.mix import Mix
from gluten.workload.reader import of_task
from gluten.workload.task_of import task_of
from gluten.workload.workload import Workload

THREADS = 3


def rows(count: int) -> Rows:
    return read_rows("u.csv", b"name\n" + b"".join(b"u%d\n" % number for number in range(count)))


def workload(pick: str = "unique", at_end: str = "", other: int = 1) -> Workload:
    end = f'at_end = "{at_end}"' if at_end else ""
    text = f"""
    url = "http://h"
    [[feed]]
    name = "user"
    file = "u.csv"
    pick = "{pick}"
    {end}
    [request.login]
    get = "/{{{{user.name}}}}"
    weight = 2
    [request.home]
    get = "/"
    weight = {other}
    """
    return of_task(task_of(text, {}, {}))


def threads(work: Workload, count: int, closed: bool) -> list[Numbers]:
    draw = drawers(work, {"user": rows(count)})
    made = []
    for thread in range(THREADS):
        mix = Mix(work.weights, work.seed, thread + 1 if closed else 0)
        numbering = Numbering(0, 1, thread, THREADS) if closed else Numbering(thread, THREADS)
        made.append(Numbers(numbering, mix, draw))
    return made


def used_by(numbers: Numbers, most: int = 10_000) -> list[str]:
    """The rows that a thread uses, until there is none."""
    [(_, row_of)] = numbers.rows_of(["user"])
    found = []
    for _ in range(most):
        number = numbers.next()
        if numbers.request(number) == 0:
            try:
                found.append(str(row_of(number)["name"]))
            except RowsUsed:
                return found
    raise AssertionError("the rows have no end")


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("count", [1, 2, 50, 100])
def test_each_row_is_used_once_by_all_threads_together(count: int, closed: bool) -> None:
    used = [name for numbers in threads(workload(), count, closed) for name in used_by(numbers)]
    assert sorted(used) == sorted(f"u{number}" for number in range(count))


@given(st.integers(0, 5), st.lists(st.integers(0, 200), min_size=THREADS, max_size=THREADS))
def test_session_numbers_of_threads_never_meet(jump: int, counts: list[int]) -> None:
    seen: set[int] = set()
    for thread, count in enumerate(counts):
        numbering = Numbering(jump, 1, thread, THREADS)
        mine = {numbering.session(numbering.first + at) for at in range(count)}
        assert not seen & mine
        seen |= mine


def test_at_a_rate_the_weights_are_exact_over_all_threads() -> None:
    made = threads(workload(other=3), 10, closed=False)
    requests = [numbers.request(numbers.next()) for _ in range(100) for numbers in made]
    assert [requests.count(index) for index in (0, 1)] == [120, 180]


def test_in_a_closed_loop_the_weights_are_exact_to_within_a_block_a_thread() -> None:
    for numbers in threads(workload(other=3), 10, closed=True):
        requests = [numbers.request(numbers.next()) for _ in range(101)]
        assert abs(requests.count(0) - 101 * 2 / 5) <= 5


def test_planned_numbers_that_nobody_took_are_told_by_request() -> None:
    numbers = threads(workload(), 10, closed=False)[1]
    taken = [numbers.request(numbers.next()) for _ in range(20)]
    dropped = numbers.of_dropped(30)
    rest = [numbers.request(numbers.next()) for _ in range(30)]
    assert dropped == [rest.count(0), rest.count(1)]
    assert len(taken) + sum(dropped) == 50


@pytest.mark.parametrize("pick", ["cycle", "shuffle", "random"])
def test_feeds_that_do_not_end_go_on(pick: str) -> None:
    numbers = threads(workload(pick), 4, closed=True)[0]
    [(_, row_of)] = numbers.rows_of(["user"])
    names = [row_of(number)["name"] for number in range(100)]
    assert set(names) <= {f"u{number}" for number in range(4)}
    assert len(set(names)) > 1


@pytest.mark.parametrize("at_end", ["stop", "fail"])
def test_the_end_of_the_rows_says_whether_the_run_fails(at_end: str) -> None:
    numbers = threads(workload(at_end=at_end), 1, closed=False)[0]
    [(_, row_of)] = numbers.rows_of(["user"])
    with pytest.raises(RowsUsed, match="feed user: all 1 rows are used") as caught:
        row_of(300)
    assert caught.value.fails is (at_end == "fail")


def test_who_replaces_a_worker_goes_on_above_its_numbers() -> None:
    taken = memoryview(array("q", [0, 0]))
    first = Numbers(Numbering(0, 1, 0, 2), Mix((1,), 0), taken=taken, place=1)
    assert [first.next() for _ in range(5)] == [0, 1, 2, 3, 4]
    assert Numbers(Numbering(1, 1, 0, 2), Mix((1,), 0), taken=taken, place=1).next() == 6
