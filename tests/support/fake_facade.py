"""What the fake masters of gRPC's tests and of the pages' tests have in common: records of who did what, and pins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from gluten.audit import AuditEntry
from gluten.facade import Upload
from tests.support.plain_files import PlainFiles

Map = Any
T = TypeVar("T")


class FakeFacade:
    """The part of a master that is the same over any fake runs. A subclass has `run`."""

    def __init__(self) -> None:
        self.noted: list[AuditEntry] = []
        self.pins: dict[str, Map] = {}
        self.deleted: list[str] = []
        self.files = PlainFiles()

    def missing_files(self, files: Sequence[str]) -> list[str]:
        return [sha for sha in files if not self.files.has(sha)]

    def upload(self, sha: str, size: int | None = None) -> Upload:
        return self.files.upload(sha, size)

    def apart(self, work: Callable[[], T]) -> T:
        return work()

    def run(self, ref: str) -> Map:
        raise NotImplementedError

    def instant(self) -> str | None:
        """When something is noted, as people read it."""
        return None

    def note(self, deed: AuditEntry) -> None:
        self.noted.append(deed)

    def audit_log(self, ref: str) -> list[Map]:
        run = self.run(ref)["id"]
        return [asdict(deed) | {"at": self.instant()} for deed in self.noted if deed.run == run]

    def pin(self, ref: str, pinned: bool = True) -> Map:
        run = self.run(ref)
        self.pins[run["name"]] = run
        if not pinned:
            del self.pins[run["name"]]
        return run

    def delete(self, ref: str) -> Map:
        run = self.run(ref)
        self.deleted.append(run["id"])
        return run

    def baselines(self) -> list[Map]:
        return [{"name": name, "run": run["id"], "number": run["number"]} for name, run in self.pins.items()]
