"""What the web pages need of a master. The real one is handed in; everything is called in the hub.

The maps are plain and JSON-able: run, node, update (with its rows and events) and report.
"""

from __future__ import annotations

from typing import Any, Protocol

from gluten.load.task import Task

Map = dict[str, Any]


class Facade(Protocol):
    """A run is named by its number, an unambiguous prefix of its id, or `last`.

    Raises `NotFound` for an unknown run, `WrongState`, `TaskError` and `StoreError`.
    """

    @property
    def notice(self) -> str:
        """What a person who looks at any page should know; empty: nothing."""

    def submit(self, task: Task, key: str = "", who: str = "") -> Map: ...

    def stop(self, ref: str, who: str = "") -> Map: ...

    def adjust(self, ref: str, rate: float, who: str = "") -> Map: ...

    def run(self, ref: str) -> Map: ...

    def runs(self, limit: int = 50, before: int | None = None, search: str = "") -> list[Map]: ...

    def nodes(self) -> list[Map]: ...

    def report(self, ref: str) -> Map: ...

    def pin(self, ref: str, pinned: bool = True) -> Map: ...

    def baselines(self) -> list[Map]: ...

    def window(self, ref: str, first: int, last: int) -> Map: ...

    def annotate(self, ref: str, text: str) -> str: ...

    def annotation(self, ref: str) -> str: ...

    def deeds(self, ref: str) -> list[Map]:
        """Who did what to the run, oldest first: at, action, way, role, address, who, detail."""

    def update(self, ref: str, after: int = 0) -> Map: ...

    def wait(self, ref: str, after: int, timeout: float) -> Map: ...
