"""Each entry of the audit log is kept once, in order, in both databases. So is each ended session."""

from __future__ import annotations

from gluten.audit import AuditEntry
from gluten.store.audit_log import MAX_ENTRIES
from gluten.store.store import Store

STOP = AuditEntry("stop", "gRPC", "admin", "10.0.0.7", "ann@host", "a" * 32, "", 5.0)


def test_deeds_come_back_as_they_were_in_their_order(store: Store) -> None:
    later = AuditEntry("adjust", "web", "admin", "::1", "", "a" * 32, "500 requests/s", 6.0)
    login = AuditEntry("login", "web", "viewer", "10.0.0.7", at=4.0)
    store.add_audit([STOP, login, later])
    assert store.audit_entries("a" * 32) == [STOP, later]
    assert store.audit_entries() == [login]
    assert store.audit_entries("b" * 32) == []


def test_a_deed_that_is_sent_twice_is_kept_once(store: Store) -> None:
    store.add_audit([STOP])
    store.add_audit([STOP, STOP])
    store.add_audit([])
    assert store.audit_entries(STOP.run) == [STOP]


def test_what_a_stranger_sent_is_kept_short_and_fits_both_databases(store: Store) -> None:
    store.add_audit([AuditEntry("failed login", "web", "", "x" * 9999, "\0\ud800", at=1.0)])
    (kept,) = store.audit_entries()
    assert len(kept.address) == 200
    assert "\0" not in kept.who


def test_only_the_newest_of_many_entries_are_returned(store: Store) -> None:
    store.add_audit([AuditEntry("login", "web", at=float(number)) for number in range(MAX_ENTRIES + 5)])
    assert [deed.at for deed in store.audit_entries()] == [float(number) for number in range(5, MAX_ENTRIES + 5)]


def test_ended_sessions_are_known_until_they_would_have_ended(store: Store) -> None:
    store.end_session("one", 100.0, 10.0)
    store.end_session("one", 100.0, 10.0)
    store.end_session("two", 200.0, 20.0)
    assert sorted(store.ended_sessions()) == [("one", 100.0), ("two", 200.0)]
    store.end_session("three", 300.0, 150.0)
    assert sorted(store.ended_sessions()) == [("three", 300.0), ("two", 200.0)]
