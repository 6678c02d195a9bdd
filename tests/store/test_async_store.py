from __future__ import annotations

import inspect
import subprocess
import sys
import threading
from pathlib import Path

import gevent
import pytest

from gluten.errors import NotFound
from gluten.listing import EVERY, Listing
from gluten.store.async_store import AsyncStore
from gluten.store.records import RunRecord
from gluten.store.store import Store
from tests.support.store_records import a_delta, a_run, an_event


def test_a_desk_has_the_stores_methods_with_their_signatures() -> None:
    def public(kind: type) -> dict[str, object]:
        members = {name: member for name, member in vars(kind).items() if not name.startswith("_")}
        return {n: inspect.signature(m) if inspect.isfunction(m) else type(m) for n, m in members.items()}

    assert public(AsyncStore) == public(Store)


def test_everything_goes_through_a_desk(url: str) -> None:
    desk = AsyncStore.open(url)
    run = desk.create_run(a_run(plan=[{"name": "one"}]))
    desk.save_run(run.id, state="running", plan=[{"name": "two"}])
    desk.save_deltas([a_delta(run.id, 1)])
    desk.add_events([an_event(run.id)])
    assert [found.number for found in desk.runs(search="target")] == [1]
    assert desk.run("last") == desk.unfinished()[0]
    assert desk.assignments(run.id) == {0: [{"name": "two"}]}
    assert list(desk.deltas(run.id)) == desk.delta_page(run.id) == [a_delta(run.id, 1)]
    assert desk.events(run.id) == [an_event(run.id)]
    assert desk.label.partition("://")[0] == url.partition("://")[0]
    desk.close()


class Slow(Store):
    """A database that does not answer until the test allows it."""

    def __init__(self, answer: threading.Event) -> None:
        self._answer = answer
        self.threads: set[int] = set()

    def unfinished(self) -> list[RunRecord]:
        self.threads.add(threading.get_ident())
        assert self._answer.wait(10)
        return []

    def close(self) -> None:
        self.threads.add(threading.get_ident())


def test_only_the_calling_greenlet_waits_for_a_slow_database() -> None:
    answer = threading.Event()
    slow = Slow(answer)
    desk = AsyncStore(slow)
    calls = [gevent.spawn(desk.unfinished) for _ in range(5)]
    # Were the hub blocked, this greenlet would not get here to let the database answer.
    gevent.spawn(answer.set).join()
    gevent.joinall(calls, timeout=10, raise_error=True)
    assert [call.value for call in calls] == [[]] * 5
    desk.close()
    assert len(slow.threads) == 1
    assert threading.get_ident() not in slow.threads


class SlowList(Slow):
    def runs(
        self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY
    ) -> list[RunRecord]:
        return self.unfinished()


def test_a_list_that_takes_long_holds_up_nothing_else() -> None:
    answer, ready = threading.Event(), threading.Event()
    ready.set()
    desk = AsyncStore(Slow(ready), SlowList(answer))
    listed = gevent.spawn(desk.runs)
    assert gevent.spawn(desk.unfinished).get(timeout=10) == []
    assert not listed.ready()
    answer.set()
    assert listed.get(timeout=10) == []
    desk.close()


def test_a_list_has_what_was_just_committed(url: str) -> None:
    desk = AsyncStore.open(url)
    for number in range(1, 4):
        desk.create_run(a_run())
        assert [run.number for run in desk.runs(limit=1)] == [number]
    desk.close()


def test_an_error_reaches_only_its_caller(capfd: pytest.CaptureFixture[str]) -> None:
    desk = AsyncStore.open("sqlite:///:memory:")
    with pytest.raises(NotFound, match="no run yet"):
        desk.run("last")
    desk.close()
    assert capfd.readouterr().err == ""


def test_what_is_written_outlives_another_process_that_has_read(tmp_path: Path) -> None:
    """SQLite loses its locks when its process closes any descriptor of the file. Then the other process would take
    itself for the last one, and remove the log that this one goes on writing to."""
    code = "import sys; from pathlib import Path; from gluten.store.store import Store\n"
    code += "store = Store.open(data_dir=Path(sys.argv[1])); print(len(store.runs())); store.close()"

    def seen_by_another_process() -> str:
        return subprocess.check_output([sys.executable, "-c", code, str(tmp_path)], text=True).strip()

    desk = AsyncStore.open(data_dir=tmp_path)
    desk.create_run(a_run())
    assert len(desk.runs()) == 1  # over the second connection
    assert seen_by_another_process() == "1"
    desk.create_run(a_run())
    assert seen_by_another_process() == "2"
    desk.close()
