"""The tables as they are now. How they came to be is `migrations`' business; a test compares the two.

The models are bound to no database: each query is executed on the one that it is given, so that a process can
hold several stores. Rows name a run by its number, which is small; the outside names it by its id.
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
    """Facts about the database itself; `schema` is the version of the tables, `stale:…` a mark of `stale`."""

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
    words = TextField()  # what a search looks in, in lower case
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
    """What one node saw in one second of a run."""

    run = ForeignKeyField(Run, column_name="run", backref="deltas")
    node = TextField()
    epoch = IntegerField()
    number = BigIntegerField()
    second = IntegerField()
    body = BlobField()  # zlib of msgpack

    class Meta:
        table_name = "gluten_delta"
        primary_key = CompositeKey("run", "node", "epoch", "number")


class Event(Model):
    id = BigAutoField()
    run = ForeignKeyField(Run, column_name="run", backref="events")
    digest = TextField()  # of all below
    at = DoubleField()
    second = IntegerField(null=True)
    kind = TextField()
    node = TextField()
    text = TextField()

    class Meta:
        table_name = "gluten_event"
        indexes = ((("run", "digest"), True),)


class AuditRow(Model):
    """What somebody did; `run` is an id, empty where it was about none."""

    id = BigAutoField()
    digest = TextField(unique=True)  # of all below
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
    """A session of the web page that was logged out, by its hash, until it would have ended by itself."""

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
    """What people wrote about a run."""

    run = ForeignKeyField(Run, column_name="run", primary_key=True)
    text = TextField()

    class Meta:
        table_name = "gluten_note"


TABLES = (Meta, Run, AssignmentRow, DeltaRow, Event, AuditRow, EndedSession, BaselineRow, NoteRow)
