"""What a stored report says of its nodes. The rest of the report, which may be long, is not read."""

from __future__ import annotations

from gluten.store.codec import from_json
from gluten.store.migrations import sql
from gluten.store.models import Run
from gluten.store.records import NodeEnd
from gluten.store.session import Session

_COLUMNS = "node, sent, completed, failed, start_skew_s, ended_s"


def node_ends(session: Session, run: int) -> list[NodeEnd]:
    """By the tables that people query. A report of an earlier version may not be in them yet: then it is read whole."""
    query = f"select {_COLUMNS} from gluten_node where run = {int(run)}"
    rows = session.read(lambda: sql(session.database, query).fetchall())
    return [NodeEnd(*row) for row in rows] or _of_report(session, run)


def _of_report(session: Session, run: int) -> list[NodeEnd]:
    query = Run.select(Run.report).where(Run.number == run)
    report = from_json(session.read(lambda: query.scalar(session.database))) or {}
    return [
        NodeEnd(
            node["name"], node["sent"], node["completed"], node["failed"], node.get("start_skew"), node.get("ended")
        )
        for node in report.get("nodes", ())
    ]
