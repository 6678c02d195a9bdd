"""The tables as they are now. `migrations` creates them, and a test compares the two.

The models are not bound to a database. Each query names the database that executes it, so a process can have several
stores. Rows refer to a run by its number, which is small. Callers of the store refer to it by its id.
"""

from __future__ import annotations

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Meta(Model):
    """Facts about the database itself. `schema` is the version of the tables. `stale:…` is a mark of `store/stale`.

    `last number` is the highest number of a run when one was deleted (`store/removal`).
    """

    name = TextField(primary_key=True)
    content = TextField()

    class Meta:
        table_name = "gluten_meta"


class Run(Model):
    number = BigIntegerField(primary_key=True)
    id = TextField(unique=True)
    key = TextField(null=True, unique=True)
    name = TextField()
    state = TextField(index=True)
    reason = TextField()
    who = TextField()
    words = TextField()  # the text that a search looks in, in lower case
    epoch = IntegerField()
    created_at = DoubleField()
    started_at = DoubleField(null=True)
    ended_at = DoubleField(null=True)
    task = BlobField()  # msgpack
    adjustments = TextField()  # JSON
    summary = TextField(null=True)  # JSON
    report = TextField(null=True)  # JSON

    class Meta:
        table_name = "gluten_run"


class AssignmentRow(Model):
    """One node's part of a run in one epoch."""

    run = ForeignKeyField(Run, column_name="run", backref="shares")
    epoch = IntegerField()
    position = IntegerField()
    share = BlobField()  # msgpack

    class Meta:
        table_name = "gluten_share"
        primary_key = CompositeKey("run", "epoch", "position")


class DeltaRow(Model):
    """The delta of one node in one second of a run."""

    run = ForeignKeyField(Run, column_name="run", backref="deltas")
    node = TextField()
    epoch = IntegerField()
    number = BigIntegerField()
    second = IntegerField()
    body = BlobField()  # packed, see `delta_bodies`

    class Meta:
        table_name = "gluten_delta"
        primary_key = CompositeKey("run", "node", "epoch", "number")


class Event(Model):
    id = BigAutoField()
    run = ForeignKeyField(Run, column_name="run", backref="events")
    digest = TextField()  # of all fields below
    at = DoubleField()
    second = IntegerField(null=True)
    kind = TextField()
    node = TextField()
    text = TextField()

    class Meta:
        table_name = "gluten_event"
        indexes = ((("run", "digest"), True),)


class AuditRow(Model):
    """An entry of the audit log. `run` is an id, or empty if the entry is about no run."""

    id = BigAutoField()
    digest = TextField(unique=True)  # of all fields below
    run = TextField(index=True)
    at = DoubleField()
    action = TextField()
    way = TextField()
    role = TextField()
    address = TextField()
    who = TextField()
    detail = TextField()

    class Meta:
        table_name = "gluten_deed"


class EndedSession(Model):
    """The hash of a session of the web page that was logged out. The row is kept until the session would expire."""

    session = TextField(primary_key=True)
    until = DoubleField()

    class Meta:
        table_name = "gluten_ended"


class BaselineRow(Model):
    """The run that later runs of this name are compared with."""

    name = TextField(primary_key=True)
    run = ForeignKeyField(Run, column_name="run")

    class Meta:
        table_name = "gluten_baseline"


class NoteRow(Model):
    """The note that people wrote about a run."""

    run = ForeignKeyField(Run, column_name="run", primary_key=True)
    text = TextField()

    class Meta:
        table_name = "gluten_note"


TABLES = (Meta, Run, AssignmentRow, DeltaRow, Event, AuditRow, EndedSession, BaselineRow, NoteRow)
