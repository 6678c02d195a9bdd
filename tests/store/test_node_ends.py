"""What a stored report says of its nodes, without the rest of it."""

from __future__ import annotations

from typing import Any

from gluten.store.migrations import sql
from gluten.store.records import NodeEnd
from gluten.store.store import Store
from tests.support.store_records import a_run

NODES: list[dict[str, Any]] = [
    {"name": "a", "sent": 10, "completed": 8, "failed": 1, "start_skew": 0.001, "ended": 4.25, "lost": False},
    {"name": "b", "sent": 5, "completed": 5, "failed": 0, "start_skew": None, "ended": 3.0, "lost": True},
]
ENDS = {NodeEnd("a", 10, 8, 1, 0.001, 4.25), NodeEnd("b", 5, 5, 0, None, 3.0)}


def test_nodes_end_as_the_newest_report_says(store: Store) -> None:
    run = store.create_run(a_run()).id
    store.save_run(run, state="finished", report={"nodes": [NODES[0] | {"sent": 9}]})
    store.save_run(run, report={"nodes": NODES})
    assert set(store.node_ends(run)) == ENDS


def test_a_report_of_an_earlier_version_that_is_in_no_table_is_read_whole(store: Store) -> None:
    run = store.create_run(a_run()).id
    early = {"name": "c", "sent": 1, "completed": 1, "failed": 0}
    store.save_run(run, state="finished", report={"nodes": [*NODES, early]})
    sql(store._session.database, "delete from gluten_node")
    assert set(store.node_ends(run)) == ENDS | {NodeEnd("c", 1, 1, 0, None, None)}


def test_a_run_without_a_report_has_none(store: Store) -> None:
    assert store.node_ends(store.create_run(a_run()).id) == []
