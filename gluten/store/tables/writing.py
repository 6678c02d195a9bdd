"""Writes the tables that people query. They repeat what reports and deltas say, so they may be written again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gluten.store.migrations import sql
from gluten.store.session import Session
from gluten.store.tables import figures
from gluten.store.tables.schema import NODE, REQUEST, RUN

ROWS = 500
"""How many rows of a deleted run are removed at once."""
_BY_SECOND = ("gluten_second", "gluten_request_second")
_WHOLE = ("gluten_request", "gluten_node", "gluten_total")


def save_seconds(session: Session, run: int, rows: Sequence[Mapping[str, Any]], request: Sequence[str | None]) -> None:
    """Replace these seconds of the run. `request`: for each the name of its requests, where they have one. Call it
    within `Session.write`."""
    numbers = ", ".join(str(int(row["second"])) for row in rows)
    for table in _BY_SECOND:
        sql(session.database, f"delete from {table} where run = {int(run)} and second in ({numbers})")
    made = [figures.second_row(run, row, name) for row, name in zip(rows, request, strict=True)]
    session.insert("gluten_second", figures.second_columns(), made)
    parts = [part for row in rows for part in figures.request_second_rows(run, row)]
    if parts:
        session.insert("gluten_request_second", figures.request_second_columns(), parts)


def save_totals(session: Session, run: int, report: Mapping[str, Any]) -> None:
    """Replace what the tables say of the whole run. Call it within `Session.write`."""
    for table in _WHOLE:
        sql(session.database, f"delete from {table} where run = {int(run)}")
    _insert(session, "gluten_total", ("run", *RUN), [figures.run_row(run, report)])
    _insert(session, "gluten_request", ("run", "request", *REQUEST), figures.request_rows(run, report))
    _insert(session, "gluten_node", ("run", "node", *NODE), figures.node_rows(run, report))
    _correct_end(session, run, report.get("seconds") or ())


def _correct_end(session: Session, run: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """When the load ended is known only at the end: seconds after it are drain, and those without traffic are none."""
    last = max((row["second"] for row in rows), default=-1)
    drain = min((row["second"] for row in rows if row.get("drain")), default=last + 1)
    for table in _BY_SECOND:
        sql(session.database, f"delete from {table} where run = {int(run)} and second > {int(last)}")
    wrong = f"drain <> case when second >= {int(drain)} then 1 else 0 end"
    sql(session.database, f"update gluten_second set drain = 1 - drain where run = {int(run)} and {wrong}")


def without_totals(session: Session, before: int | None) -> list[tuple[str, int]]:
    """(id, number) of the newest run that has a report and no totals, if there is one: an earlier version stored it.

    Call it within `Session.read`.
    """
    conditions = ["report is not null", "state <> 'deleted'"]
    conditions.append("not exists (select 1 from gluten_total t where t.run = r.number)")
    if before is not None:
        conditions.append(f"number < {int(before)}")
    query = f"select id, number from gluten_run r where {' and '.join(conditions)} order by number desc limit 1"
    return [(row[0], int(row[1])) for row in sql(session.database, query).fetchall()]


def remove_some(session: Session, run: int) -> int:
    """Remove some rows of a deleted run. 0: there are none."""
    for table in _BY_SECOND:
        some = f"select second from {table} where run = {int(run)} order by second limit {ROWS}"
        if removed := _remove(session, table, f"run = {int(run)} and second in ({some})"):
            return removed
    return sum(_remove(session, table, f"run = {int(run)}") for table in _WHOLE)


def _remove(session: Session, table: str, where: str) -> int:
    removed: int = sql(session.database, f"delete from {table} where {where}").rowcount
    return removed


def _insert(session: Session, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    made = list(rows)
    if made:
        session.insert(table, columns, made)
