"""The tables that people query in SQL say what the report says, live and at the end, through faults and restarts."""

from __future__ import annotations

from typing import Any

from gluten.cluster.master.tables.table_writer import CHUNK, SETTLED
from gluten.store.migrations import sql
from tests.support.world import PER_THREAD, World, a_task

SHOP = "[request.home]\nget = '/'\n[request.order]\npost = '/orders'\n"


def asked(world: World, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in sql(world.desk._session.database, query).fetchall()]


def seconds(world: World) -> list[tuple[Any, ...]]:
    return asked(world, "select second, completed, response_p99_us, drain from seconds order by second")


def of_report(world: World, ref: str = "last") -> list[tuple[Any, ...]]:
    rows = world.master.report(ref)["seconds"]
    return [(row["second"], row["completed"], row["p99"], int(row.get("drain", False))) for row in rows]


def test_seconds_are_there_while_the_run_is_on_and_all_at_its_end() -> None:
    world = World()
    world.running(9.0, "a", "b", duration=20.0)
    live = seconds(world)
    assert 2 <= len(live) <= 9 - SETTLED
    assert {row[1] for row in live} == {6 * PER_THREAD}
    assert asked(world, "select state, completed from runs") == [("running", None)]
    world.finish()
    assert seconds(world) == of_report(world)
    assert len(seconds(world)) == 20
    assert asked(world, "select state, completed from runs") == [("finished", 20 * 6 * PER_THREAD)]
    assert [name for (name,) in asked(world, "select node from nodes order by node")] == ["a", "b"]


def test_the_one_request_of_a_url_has_seconds_too() -> None:
    world = World()
    world.running(0, "a")
    world.finish()
    found = asked(world, "select request, sum(completed) from request_seconds group by request")
    assert found == [("request", 5 * 6 * PER_THREAD)]
    assert asked(world, "select request, completed from requests") == found


def test_named_requests_add_up_to_the_seconds() -> None:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task(workload=SHOP))
    world.finish()
    by_name = asked(world, "select second, sum(completed) from request_seconds group by second order by second")
    assert by_name == [(second, completed) for second, completed, _, _ in seconds(world)]


def test_nothing_is_missing_after_the_store_was_away() -> None:
    world = World()
    world.running(4.0, "a", duration=20.0)
    world.desk.away = True
    world.advance(8.0)
    world.desk.away = False
    world.finish()
    assert seconds(world) == of_report(world)


def test_the_next_master_goes_on_with_the_tables() -> None:
    world = World()
    world.running(60.5, "a", duration=120.0)
    world.master = None  # type: ignore[assignment]
    world.network.router_on_frame = None
    world.advance(3.0)
    sql(world.desk._session.database, "delete from gluten_second")
    world.new_master()
    world.advance(2.0)
    assert len(seconds(world)) >= CHUNK
    world.finish()
    assert seconds(world) == of_report(world)


def test_runs_of_an_earlier_version_are_put_into_the_tables_once() -> None:
    world = World()
    world.cluster("a")
    for _ in range(2):
        world.master.submit(a_task())
        world.finish()
    before = asked(world, "select * from runs"), asked(world, "select * from request_seconds")
    for table in ("gluten_total", "gluten_second", "gluten_request", "gluten_node"):
        sql(world.desk._session.database, f"delete from {table}")
    world.new_master()
    assert world.master.unstored
    world.advance(1.0)
    assert (asked(world, "select * from runs"), asked(world, "select * from request_seconds")) == before
    assert not world.master.unstored


def test_a_report_that_cannot_be_read_does_not_stop_the_others() -> None:
    world = World()
    world.cluster("a")
    for _ in range(2):
        world.master.submit(a_task())
        world.finish()
    sql(world.desk._session.database, "delete from gluten_total")
    broken = '{"schema": "gluten.report/1", "seconds": [{"no": "second"}]}'
    sql(world.desk._session.database, f"update gluten_run set report = '{broken}' where number = 2")
    world.new_master()
    world.advance(1.0)
    assert asked(world, "select run from runs where completed > 0") == [(1,)]
    assert not world.master.unstored


def test_late_numbers_change_the_tables_too() -> None:
    world = World()
    b = world.cluster("a", "b")[1]
    world.master.submit(a_task(duration=15.0, on_loss="continue"))
    world.advance(5.5)
    world.network.cut(b.dealer)
    world.finish()
    assert sum(row[1] for row in seconds(world)) < 15 * 6 * PER_THREAD
    world.network.connect(b.dealer)
    world.advance(10)
    assert sum(row[1] for row in seconds(world)) == 15 * 6 * PER_THREAD
    assert seconds(world) == of_report(world)
    assert asked(world, "select completed from runs") == [(15 * 6 * PER_THREAD,)]
