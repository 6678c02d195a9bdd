"""What threads send: the next request by weight, its rows, and what is the same with and without templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.engine.parts import WorkerTask, WorkloadPart
from gluten.engine.worker.requests.load import ThreadRequests, load_of, thread_requests
from gluten.engine.worker.requests.named import Named, Unwritable
from gluten.errors import RowsUsed
from gluten.plan.job import NO_VALUES
from gluten.plan.schedule import Schedule
from gluten.workload.feeds.rows import read_rows
from gluten.workload.reader import of_task
from gluten.workload.task_of import task_of

URL = 'url = "http://h"\n'
FEED = '[[feed]]\nname = "u"\nfile = "u.csv"\npick = "unique"\n'


def threads_of(
    text: str,
    rows: int = 0,
    threads: int = 1,
    content: bytes = b"",
    from_setup: Mapping[str, str] = NO_VALUES,
    **words: Any,
) -> list[ThreadRequests]:
    """What all threads of a run send, which one worker has."""
    task = task_of(URL + text, {"threads": threads, "connections": 8, "duration": 1.0} | words, {})
    workload = of_task(task)
    content = content or b"id\n" + b"".join(b"u%d\n" % number for number in range(rows))
    part = WorkloadPart(workload, {feed.name: read_rows(feed.file, content) for feed in workload.feeds}, (), from_setup)
    taken = memoryview(bytearray(8 * threads)).cast("q")
    job = WorkerTask(task, [], tuple(range(threads)), (1,) * threads, None, 0.0, workload=part, taken=taken)
    return thread_requests(load_of(job, False), job, Schedule.of(task) if task.open_loop else None)


def drawn(thread: ThreadRequests) -> Iterator[tuple[Named, bytes]]:
    draw = thread.drawing(thread.values())
    while True:
        yield draw()


def first(thread: ThreadRequests, count: int) -> list[tuple[str, bytes]]:
    return [(named.name, text) for named, text in islice(drawn(thread), count)]


def mix(weights: list[int], tail: str = "") -> str:
    return "".join(f'[request.r{at}]\nget = "/{at}{tail}"\nweight = {weight}\n' for at, weight in enumerate(weights))


WEIGHTS = st.lists(st.integers(1, 9), min_size=2, max_size=5)


@settings(max_examples=20)
@given(WEIGHTS, st.integers(1, 4), st.booleans())
def test_at_a_rate_the_threads_together_send_each_request_by_its_weight(
    weights: list[int], threads: int, vary: bool
) -> None:
    text = mix(weights, "?{{seq}}" if vary else "")
    each = 2 * sum(weights)
    found = [one for thread in threads_of(text, threads=threads, rate=100.0) for one in first(thread, each)]
    assert Counter(name for name, _ in found) == {f"r{at}": 2 * threads * weight for at, weight in enumerate(weights)}


@settings(max_examples=20)
@given(WEIGHTS, st.integers(1, 3), st.sampled_from([None, 100.0]))
def test_constant_requests_take_turns_in_the_order_of_those_that_vary(
    weights: list[int], threads: int, rate: float | None
) -> None:
    words: dict[str, Any] = {} if rate is None else {"rate": rate}
    constant = threads_of(mix(weights), threads=threads, **words)
    varying = threads_of(mix(weights, "?{{seq}}"), threads=threads, **words)
    for one, other in zip(constant, varying, strict=True):
        assert (one.rotation is None, other.rotation is None) == (False, True)
        assert [name for name, _ in first(one, 50)] == [name for name, _ in first(other, 50)]


@pytest.mark.parametrize("words", [{}, {"rate": 100.0}], ids=["closed", "rate"])
@pytest.mark.parametrize("threads", [1, 3])
def test_no_session_s_number_and_no_row_comes_twice(words: dict[str, Any], threads: int) -> None:
    text = FEED + '[request.a]\nget = "/{{u.id}}/{{seq}}"\n[request.b]\nget = "/b/{{seq}}"\n'
    texts = [text for thread in threads_of(text, 1000, threads, **words) for _, text in first(thread, 100)]
    targets = [text.split()[1].decode() for text in texts]
    numbers = [target.rpartition("/")[2] for target in targets]
    rows = [target.split("/")[1] for target in targets if target.startswith("/u")]
    assert len(set(numbers)) == len(numbers) == 100 * threads
    assert len(set(rows)) == len(rows) == 50 * threads


def test_at_the_end_of_the_rows_no_request_is_made() -> None:
    (thread,) = threads_of(FEED + '[request.a]\nget = "/{{u.id}}"\n', 3)
    draws = drawn(thread)
    assert [next(draws)[1].split()[1] for _ in range(3)] == [b"/u0", b"/u1", b"/u2"]
    with pytest.raises(RowsUsed, match="feed u: all 3 rows are used"):
        next(draws)


def test_a_value_that_cannot_be_sent_names_its_request_and_takes_its_number() -> None:
    feed = '[[feed]]\nname = "u"\nfile = "u.csv"\n'
    text = feed + '[request.a]\nget = "/"\nheader = ["X: {{u.id}}"]\n[request.b]\nget = "/{{seq}}"\n'
    (thread,) = threads_of(text, content=b'id\n"a\nb"\n')
    draw, failed, sent = thread.drawing(thread.values()), list[str](), list[str]()
    for _ in range(10):
        try:
            sent.append(draw()[1].split()[1].decode())
        except Unwritable as unwritable:
            failed.append(unwritable.request.name)
    assert failed == ["a"] * 5
    assert len({int(target[1:]) for target in sent} & set(range(10))) == 5


@settings(max_examples=20)
@given(WEIGHTS, st.integers(0, 40), st.integers(0, 40))
def test_what_is_dropped_is_counted_for_the_requests_that_it_would_have_been(
    weights: list[int], sent: int, dropped: int
) -> None:
    text = mix(weights, "?{{seq}}")
    (thread,), (whole,) = threads_of(text, rate=100.0), threads_of(text, rate=100.0)
    began = Counter(name for name, _ in first(thread, sent))
    thread.drop(dropped)
    for named in thread.all:
        began[named.name] += named.recorder.dropped
    assert began == Counter(name for name, _ in first(whole, sent + dropped))


SETUP = """
setup = ["token"]
[vars]
both = "of {{token}}"
[request.token]
get = "/token"
take = {token = "body"}
[request.a]
get = "/{{token}}/{{both}}"
"""


def test_every_session_knows_what_setup_took() -> None:
    (thread,) = threads_of(SETUP, from_setup={"token": "t-1"})
    lines = [text.split(b" ")[1] for _, text in first(thread, 3)]
    assert lines == [b"/t-1/of%20t-1"] * 3


def test_a_take_replaces_what_setup_took_until_the_session_ends() -> None:
    (thread,) = threads_of(SETUP, from_setup={"token": "t-1"})
    values = thread.values()
    values.begin(0)
    assert values.name("token") == "t-1"
    values.taken["token"] = "own"
    assert values.name("token") == "own"
    values.begin(1)
    assert values.name("token") == "t-1"


def test_what_setup_took_outranks_a_var_of_its_name() -> None:
    (thread,) = threads_of(SETUP.replace("[vars]", "[vars]\ntoken = 'var'"), from_setup={"token": "t-1"})
    ((_, text),) = first(thread, 1)
    assert text.startswith(b"GET /t-1/of%20t-1 ")


def test_what_setup_alone_sends_is_in_no_figure() -> None:
    workload = of_task(task_of(URL + SETUP, {"duration": 1.0}, {}))
    assert not workload.follows, "its take makes no session of the others"
    part = WorkloadPart(workload, {}, ())
    job = WorkerTask(task_of(URL + SETUP, {"duration": 1.0}, {}), [], (0,), (1,), None, 0.0, workload=part)
    load = load_of(job, False)
    assert list(load.recorders.by_name) == ["a"]
    assert [named.name for named in load.all] == ["token", "a"]


def test_the_bytes_of_a_row_are_made_once_and_its_values_are_known_each_time() -> None:
    (thread,) = threads_of('[[feed]]\nname = "u"\nfile = "u.csv"\n[request.a]\nget = "/{{u.id}}"\n', rows=3)
    values = thread.values()
    draw, seen = thread.drawing(values), []
    for number in range(7):
        _, text = draw()
        assert values.rows["u"] == {"id": f"u{number % 3}"}
        assert text.startswith(b"GET /u%d " % (number % 3))
        seen.append(text)
    assert seen[0] is seen[3] is seen[6]
    # Another connection of the worker has the same ones.
    assert thread.drawing(thread.values())()[1] is seen[1]


@pytest.mark.parametrize("part", ["{{seq}}", "{{int 1 9}}", "{{uuid}}", "{{v}}"])
def test_what_does_not_follow_from_the_row_alone_is_made_anew(part: str) -> None:
    before = '[vars]\nv = "{{int 1 1000}}"\n[[feed]]\nname = "u"\nfile = "u.csv"\n'
    (thread,) = threads_of(f'{before}[request.a]\nget = "/{{{{u.id}}}}/{part}"\n', rows=1)
    assert len({sent for _, sent in first(thread, 40)}) > 1
