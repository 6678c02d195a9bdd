"""The history of runs in SQLite or Postgres.

All calls are synchronous and come from one thread at a time. In a node, `async_store` ensures that. Each call is one
transaction and may be repeated: the same run, delta or event is stored once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from peewee import Select

from gluten.audit import AuditEntry
from gluten.errors import NotFound, StoreConfigError, TaskError
from gluten.listing import EVERY, Listing
from gluten.plan.run_state import FINAL
from gluten.store import audit_log, baselines, notes, plans, removal, stale
from gluten.store import deltas as delta_queries
from gluten.store.codec import clean
from gluten.store.database_url import parse, sqlite_url
from gluten.store.deltas import PAGE, WINDOW_PAGE, DeltaKey, paged
from gluten.store.mastership.single_master_lock import SingleMasterLock
from gluten.store.models import Event, Run
from gluten.store.records import NodeEnd, RunRecord, StoredDelta, StoredEvent
from gluten.store.rows import (
    CHANGING,
    DELTA_COLUMNS,
    EVENT_COLUMNS,
    column,
    delta_row,
    event_row,
    run_columns,
    run_record,
    stored_delta,
    stored_event,
)
from gluten.store.search import find, matches, without_reports, words_of
from gluten.store.session import Session
from gluten.store.tables import writing as tables
from gluten.store.tables.listing import names, narrowed
from gluten.store.tables.node_ends import node_ends

_MAX_KEY_CHARACTERS = 200


class Store:
    """Runs with their assignments, deltas and events. Every method raises StoreError if the database does not work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._master_lock: SingleMasterLock | None = None
        self._numbers: dict[str, int] = {}  # id -> number, of runs that are not deleted; neither ever changes

    @classmethod
    def open(cls, url: str = "", data_dir: Path | None = None) -> Self:
        """Connect. The file and the tables are created if needed. Without a URL the file is `data_dir`/gluten.db.

        Raises StoreConfigError, whose one line does not contain the password.
        """
        if not url and data_dir is None:
            raise StoreConfigError("database: give --db or --data")
        session = Session(parse(_url(url, data_dir)))
        session.open()
        return cls(session)

    def claim(self, fence: int = 0) -> None:
        """Make this process the only master that uses the database, until `close`.

        On Postgres a lock does that (`mastership`); writes then need its number `fence`. Raises StoreConfigError if
        there is another master on SQLite.
        """
        if fence:
            self._session.close()  # the next connection is prepared for it
            self._session.fence = fence
        if self._session.file is not None:
            self._master_lock = SingleMasterLock.acquire(self._session.file)

    def close(self) -> None:
        self._session.close()
        if self._master_lock is not None:
            self._master_lock.release()
            self._master_lock = None

    @property
    def label(self) -> str:
        """The database's name for people, without its password."""
        return self._session.label

    # Runs

    def create_run(self, record: RunRecord) -> RunRecord:
        """Store a new run and give it a number. If its id or idempotency key exists, return the run that has it.

        Raises TaskError if the key is too long.
        """
        if len(record.key) > _MAX_KEY_CHARACTERS:
            raise TaskError("key", f"key: at most {_MAX_KEY_CHARACTERS} characters")
        cleaned = replace(record, key=clean(record.key))
        number = self._session.write(lambda: self._create(cleaned))
        return self._record(number)

    def save_run(self, run: str, **fields: Any) -> None:
        """Change fields of the run with this id. `rows.CHANGING` has those that may change. Raises NotFound.

        `plan` is the plan of the current epoch; the plans of earlier epochs stay (`assignments`). `events` are added as
        by `add_events`.
        """
        events = [event_row(self._number(run), event) for event in fields.pop("events", ())]
        if extra := sorted(set(fields) - CHANGING):
            raise TypeError(f"a run's {', '.join(extra)} cannot change")
        number = self._number(run)
        self._session.write(lambda: self._save(number, fields, events))

    def run(self, ref: str) -> RunRecord:
        """The run with this number, this unambiguous prefix of its id, or `last`. Raises NotFound."""
        return self._record(self._session.read(lambda: find(self._session, ref.strip().lower())))

    def head(self, ref: str) -> RunRecord:
        """The same without its report, which may be large."""
        number = self._session.read(lambda: find(self._session, ref.strip().lower()))
        query = without_reports().where(Run.number == number)
        return self._session.read(lambda: self._records(query))[0]

    def runs(
        self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY
    ) -> list[RunRecord]:
        """The runs of the list without their reports. Only runs with a number below `before` are returned.

        Each word of `search` must be the run's number, or occur in its name, URL, person, id or state. Raises TaskError
        if there are too many words.
        """
        query = narrowed(without_reports().where(removal.there()), by).limit(limit)
        if before is not None:
            query = query.where(Run.number < before)
        for word in words_of(clean(search)):
            query = query.where(matches(word))
        return self._session.read(lambda: self._records(query))

    def names(self, most: int) -> list[tuple[str, int, int]]:
        """(name, how many runs have it, number of the newest of them), the latest names first."""
        return names(self._session, most)

    def unfinished(self) -> list[RunRecord]:
        """The runs that have not ended, without reports, oldest first."""
        query = without_reports().where(Run.state.not_in(FINAL), removal.there()).order_by(Run.number)
        return self._session.read(lambda: self._records(query))

    def assignments(self, run: str) -> dict[int, list[dict[str, Any]]]:
        """The run's plan in each epoch. Raises NotFound."""
        number = self._number(run)
        return self._session.read(lambda: plans.by_epoch(self._session, [number])).get(number, {})

    def delete_run(self, run: str) -> None:
        """Delete the run with this id. `purge` removes its rows. Its audit entries stay.

        Raises NotFound; WrongState if it is not over, or is a baseline.
        """
        removal.delete(self._session, self._number(run))
        self._numbers.pop(run, None)

    def purge(self) -> bool:
        """Remove some rows of deleted runs. False: there were none."""
        return removal.purge(self._session)

    def expired(self, before: float, most: int) -> list[tuple[str, int]]:
        """(id, number) of the oldest runs that ended before this Unix time, at most so many, without baselines."""
        return removal.expired(self._session, before, most)

    # Deltas

    def save_deltas(self, deltas: Sequence[StoredDelta]) -> None:
        """Commit the deltas, which may be of several runs. Existing ones stay as they are. Raises NotFound."""
        if not deltas:
            return
        rows = [delta_row(self._number(kept.run), kept) for kept in deltas]
        self._session.write(lambda: self._session.insert("gluten_delta", DELTA_COLUMNS, rows))

    def delta_page(
        self, run: str, after: DeltaKey | None = None, limit: int = PAGE, seconds: tuple[int, int] | None = None
    ) -> list[StoredDelta]:
        """At most `limit` deltas after `after`, ordered by node, epoch and number. Raises NotFound.

        `seconds` limits them to the run-seconds from its first number to before its second.
        """
        number = self._number(run)
        rows = self._session.read(lambda: delta_queries.page(self._session, number, after, limit, seconds))
        return [stored_delta(run, row) for row in rows]

    def deltas(self, run: str) -> Iterator[StoredDelta]:
        """All deltas, ordered by node, epoch and number. They are read in pages. Raises NotFound."""
        return paged(self.delta_page, run)

    def window(self, run: str, first: int, last: int) -> Iterator[StoredDelta]:
        """The deltas of the run-seconds from `first` to before `last`. Raises NotFound."""
        return paged(partial(self.delta_page, seconds=(first, last)), run, WINDOW_PAGE)

    # Events

    def add_events(self, events: Sequence[StoredEvent]) -> None:
        """Commit the events, which may be of several runs. Equal ones, with an equal time, are stored once.

        Raises NotFound.
        """
        if not events:
            return
        rows = [event_row(self._number(event.run), event) for event in events]
        self._session.write(lambda: self._session.insert("gluten_event", EVENT_COLUMNS, rows))

    def events(self, run: str) -> list[StoredEvent]:
        """The events of the run, in the order in which they were added. Raises NotFound."""
        number = self._number(run)
        query = Event.select().where(Event.run == number).order_by(Event.id)
        rows = self._session.read(lambda: list(query.execute(self._session.database)))
        return [stored_event(run, row) for row in rows]

    # Tables that people query (docs/sql.md)

    def save_seconds(self, run: str, rows: Sequence[Mapping[str, Any]], request: Sequence[str | None]) -> None:
        """Replace these seconds of the run, which are rows of a report. `request`: for each the name of its requests,
        where they have one. Raises NotFound."""
        number = self._number(run)
        if rows:
            self._session.write(lambda: tables.save_seconds(self._session, number, rows, request))

    def save_totals(self, run: str, report: Mapping[str, Any]) -> None:
        """Replace what the tables say of the whole run, as `save_run` does with a report. Raises NotFound."""
        number = self._number(run)
        self._session.write(lambda: tables.save_totals(self._session, number, report))

    def without_totals(self, before: int | None = None) -> list[tuple[str, int]]:
        """(id, number) of the newest run that has a report and is not in the tables, if there is one: an earlier
        version stored it. Only runs with a number below `before` count."""
        return self._session.read(lambda: tables.without_totals(self._session, before))

    def node_ends(self, run: str) -> list[NodeEnd]:
        """What the report of the run with this id says of its nodes; nothing if it has none. Raises NotFound."""
        return node_ends(self._session, self._number(run))

    # Audit log and sessions

    def add_audit(self, entries: Sequence[AuditEntry]) -> None:
        """Commit the entries. Equal ones, with an equal time, are stored once."""
        audit_log.add(self._session, entries)

    def audit_entries(self, run: str = "") -> list[AuditEntry]:
        """The entries of the run with this id, or those about no run, oldest first.

        There are at most `audit_log.MAX_ENTRIES`, the newest.
        """
        return audit_log.of_run(self._session, run)

    def end_session(self, session: str, until: float, now: float) -> None:
        """Store that a session of the web page has ended. `session` is its hash.

        The row is kept `until` the session would expire by itself. `until` and `now` are in Unix seconds.
        """
        audit_log.end_session(self._session, session, until, now)

    def ended_sessions(self) -> list[tuple[str, float]]:
        return audit_log.ended(self._session)

    # Stale reports

    def mark_stale(self, run: str) -> None:
        """Store that the report of the run with this id lacks deltas."""
        stale.mark(self._session, run)

    def clear_stale(self, run: str) -> None:
        stale.clear(self._session, run)

    def stale_runs(self) -> list[str]:
        """The ids of the runs whose reports lack deltas."""
        return stale.runs(self._session)

    # Baselines

    def pin(self, name: str, run: str | None) -> None:
        """Make the run with this id the baseline of the name. None removes the baseline. Raises NotFound."""
        baselines.pin(self._session, name, self._number(run) if run is not None else None)

    def pinned(self) -> list[tuple[str, str, int]]:
        """(name, id of the run, number of the run), ordered by name."""
        return baselines.pinned(self._session)

    # Notes

    def write_note(self, run: str, text: str) -> None:
        """Replace the note of the run with this id. An empty text deletes it. Raises NotFound."""
        notes.write(self._session, self._number(run), text)

    def read_note(self, run: str) -> str:
        """The note of the run with this id, or an empty text. Raises NotFound."""
        return notes.read(self._session, self._number(run))

    # Inside a transaction

    def _create(self, record: RunRecord) -> int:
        database = self._session.database
        self._session.lock_table("gluten_run")
        same = (Run.id == record.id) | ((Run.key == record.key) if record.key else False)
        if (there := Run.select(Run.number).where(same).scalar(database)) is not None:
            return int(there)
        number = 1 + removal.highest_number(self._session)
        Run.insert(**run_columns(record, number)).execute(database)
        plans.replace(self._session, number, record.epoch, record.plan)
        return number

    def _save(self, number: int, fields: dict[str, Any], events: Sequence[tuple[Any, ...]]) -> None:
        database = self._session.database
        columns = {name: column(name, value) for name, value in fields.items() if name != "plan"}
        if columns:
            Run.update(**columns).where(Run.number == number).execute(database)
        if "plan" in fields:
            epoch = Run.select(Run.epoch).where(Run.number == number).scalar(database)
            plans.replace(self._session, number, epoch, fields["plan"])
        if events:
            self._session.insert("gluten_event", EVENT_COLUMNS, events)
        if fields.get("report") is not None:
            tables.save_totals(self._session, number, fields["report"])

    def _record(self, number: int) -> RunRecord:
        return self._session.read(lambda: self._records(Run.select().where(Run.number == number)))[0]

    def _records(self, query: Select) -> list[RunRecord]:
        rows = list(query.execute(self._session.database))
        found = plans.by_epoch(self._session, [row.number for row in rows])
        return [run_record(row, plans.newest(found.get(row.number, {}))) for row in rows]

    def _number(self, run: str) -> int:
        if run not in self._numbers:
            query = Run.select(Run.number).where(Run.id == run, removal.there())
            number = self._session.read(lambda: query.scalar(self._session.database))
            if number is None:
                raise NotFound(f"run {run!r}: the database has no such run")
            self._numbers[run] = number
        return self._numbers[run]


def to_read(url: str = "", data_dir: Path | None = None) -> Store:
    """The store for a second process, which cannot write. It connects when it is asked for something."""
    return Store(Session(parse(_url(url, data_dir)), read_only=True))


def _url(url: str, data_dir: Path | None) -> str:
    return url or sqlite_url(Path(data_dir or "") / "gluten.db")
